"""From the ledger to a plan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driving.homes import DOCUMENTATION, FeedFolder, Watch, as_json, assert_adds_up, indicator
from driving.homes import write_feed as write
from tidegate.allocation.merge import merge
from tidegate.config import Home
from tidegate.indicators.kinds import Action, Origin, Severity
from tidegate.indicators.plan import Op
from tidegate.service import edit, handing_out, look
from tidegate.service.apply import apply, load_plan, save_plan
from tidegate.service.conflicts import conflicts
from tidegate.service.edit import Fields
from tidegate.service.planning import evaluate
from tidegate.service.quota import quota
from tidegate.service.suppressing import plan_suppress
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace, active_feeds

Subscribe = Callable[..., FeedFolder]


def reasons(ws: Workspace) -> dict[str, str]:
    return {
        change.row.value.partition(".")[0]: change.reason
        for change in evaluate(ws, active_feeds(ws)).plan.changes
    }


def test_planning_needs_no_download_and_writes_nothing(ws: Workspace, subscribe: Subscribe) -> None:
    feed = subscribe("acme", [indicator(1)])
    sync(ws, dry_run=True)
    (feed.folder / "feed.bundle.json").unlink()
    evaluation = evaluate(ws, active_feeds(ws))
    assert [change.op for change in evaluation.plan.changes] == [Op.CREATE]
    assert evaluation.feeds[0].state.candidates == 1
    assert look.rows(ws) == ()


@pytest.mark.parametrize("read_only", [False, True])
def test_a_plan_is_of_one_moment_whoever_evaluates_meanwhile(
    home: Home,
    subscribe: Subscribe,
    watch: Watch,
    monkeypatch: pytest.MonkeyPatch,
    read_only: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    feed = subscribe("acme", [indicator(1), indicator(2)])
    rival = Workspace.open(home, clock=watch)
    sync(rival, dry_run=True)
    ws = Workspace.open(home, clock=watch, read_only=read_only)
    turns = iter([True])

    def slow(*told: Any) -> Any:  # noqa: ANN401 - passed on
        found = merge(*told)
        if next(turns, False):
            feed.publish([indicator(1), indicator(3)], watch.now + timedelta(seconds=1))
            sync(rival, dry_run=True)
        return found

    monkeypatch.setattr(handing_out, "merge", slow)
    found = evaluate(ws, active_feeds(ws))
    monkeypatch.undo()
    assert {change.row.value for change in found.plan.changes} == {
        "h1.example.com",
        "h2.example.com",
    }
    assert found.feeds[0].state.candidates == 2
    later = {change.row.value for change in evaluate(ws, active_feeds(ws)).plan.changes}
    assert later == {"h1.example.com", "h3.example.com"}
    ws.close()
    rival.close()


def test_an_unmarked_report_is_what_its_feed_takes_unmarked_objects_for(
    ws: Workspace, subscribe: Subscribe
) -> None:
    green = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
    told = indicator(1, object_marking_refs=[green])
    report = {"type": "report", "id": "report--1", "name": "Secret", "object_refs": [told["id"]]}
    feed = subscribe("acme", [told, indicator(2, object_marking_refs=[green]), report])
    policy = feed.folder / "feed.toml"
    text = policy.read_text("utf-8")
    policy.write_text(text.replace('tlp_default = "green"', 'tlp_default = "red"'), "utf-8")
    sync(ws)
    levels = {row.tlp: row.description for row in look.rows(ws)}
    assert levels == {"red": "Listed in Secret.", "green": ""}


def test_each_change_says_why(ws: Workspace, subscribe: Subscribe, watch: Watch) -> None:
    feed = subscribe("acme", [indicator(n) for n in range(60)])
    sync(ws)
    feed.publish(
        [
            indicator(0, revoked=True),
            indicator(1, indicator_types=["benign"], modified="2026-02-01T00:00:00Z"),
            indicator(2, "[domain-name:value = 'moved.example.com']", name="Moved"),
            indicator(3, name="Renamed"),
            *(indicator(n) for n in range(5, 60)),
        ],
        watch.now,
    )
    sync(ws, dry_run=True)
    told = reasons(ws)
    assert told["h0"] == "acme: revoked"
    assert told["h1"] == "acme: benign"
    assert told["h2"] == "acme changed what it says"
    assert told["h3"] == "acme: title"
    assert told["h4"] == "acme no longer lists it"
    assert told["moved"].startswith("acme: rule 'default'")


def test_what_is_no_object_is_counted_and_named(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1), "text", 5, None])
    report = sync(ws)
    assert (report.feeds[0].fetched, report.feeds[0].others) == (4, 3)
    found = look.rejections(ws, code="not_an_object")
    assert "3 entries" in found[0].detail


def test_feeds_that_agree_are_merged_and_one_withdrawal_keeps_the_row(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    subscribe("acme", [indicator(1)], trust=80)
    beta = subscribe("beta", [indicator(1), indicator(2)], trust=20)
    report = sync(ws)
    assert report.plan.counts.merged == 1
    assert look.find(ws, "h1.example.com").feeds == ("acme", "beta")
    beta.publish([indicator(2)], watch.now)
    sync(ws)
    assert look.find(ws, "h1.example.com").feeds == ("acme",)


@pytest.mark.parametrize(
    ("rows", "gone", "config", "held"),
    [
        (20, 2, "", 0),
        (20, 3, "", 3),
        (5, 1, "", 0),
        (5, 2, "", 2),
        (20, 3, "[brake]\npercent = 50\n", 0),
        (20, 3, "[brake]\npercent = 50\ncount = 2\n", 3),
        (20, 0, "[brake]\npercent = 0\n", 0),
    ],
)
def test_the_brake(
    home: Home, subscribe: Subscribe, watch: Watch, rows: int, gone: int, config: str, held: int
) -> None:
    home.config_file.write_text(DOCUMENTATION + config)
    ws = Workspace.open(home, clock=watch)
    feed = subscribe("acme", [indicator(n) for n in range(rows)])
    sync(ws)
    feed.publish([indicator(n) for n in range(gone, rows)], watch.now)
    plan = sync(ws).plan
    assert len(plan.held) == held
    assert bool(plan.held_reason) is bool(held)
    assert len(look.rows(ws)) == rows - (0 if held else gone)
    ws.close()


def test_rows_of_people_are_no_part_of_the_brake(ws: Workspace, subscribe: Subscribe) -> None:
    apply(ws, edit.plan_add(ws, ["mine.example.com"], Fields()).plan)
    subscribe("acme", [])
    assert not sync(ws).plan.held
    assert len(look.rows(ws)) == 1


PATTERNS = st.sampled_from(
    [
        None,
        "[domain-name:value = 'a.example.com' OR domain-name:value = 'b.example.com']",
        "[ipv4-addr:value = '10.0.0.1']",
        "[domain-name:value = 'a.example.com' AND ipv4-addr:value = '203.0.113.1']",
        "[",
        "[file:hashes.MD5 = '" + "1" * 32 + "' AND file:hashes.'SHA-256' = '" + "2" * 64 + "']",
        "[url:value = 'http://h1.example.com/%zz']",
    ]
)
OBJECTS = st.lists(
    st.one_of(
        st.builds(
            lambda n, pattern, more: indicator(n, pattern, **more),
            st.integers(0, 12),
            PATTERNS,
            st.fixed_dictionaries(
                {},
                optional={
                    "revoked": st.booleans(),
                    "confidence": st.integers(-5, 105),
                    "valid_until": st.sampled_from(
                        ["2026-01-05T00:00:00Z", "2030-01-01T00:00:00Z"]
                    ),
                    "indicator_types": st.sampled_from(
                        [["benign"], ["malicious-activity"], "x", 5]
                    ),
                    "pattern_type": st.sampled_from(["stix", "yara", None]),
                },
            ),
        ),
        st.sampled_from([5, "text", {}, {"type": "identity", "id": "identity--1"}]),
    ),
    max_size=25,
)


@settings(max_examples=25)
@given(first=OBJECTS, second=OBJECTS, limit=st.integers(1, 12))
def test_counts_add_up_and_a_second_sync_is_empty_whatever_feeds_say(
    tmp_path_factory: pytest.TempPathFactory, first: list[object], second: list[object], limit: int
) -> None:
    watch = Watch()
    home = Home(tmp_path_factory.mktemp("home"))
    home.ensure()
    home.config_file.write_text(f"limit = {limit}\n{DOCUMENTATION}")
    for ident, objects in (("acme", first), ("beta", second)):
        write(home.feeds_dir / ident, objects).publish(objects, watch.now)
    ws = Workspace.open(home, clock=watch)
    report = sync(ws)
    assert_adds_up(as_json(report))
    assert len(look.rows(ws)) == report.plan.counts.kept <= limit
    assert quota(ws).waiting == report.plan.counts.waiting
    again = sync(ws)
    assert_adds_up(as_json(again))
    assert again.plan.empty
    assert not again.plan.held
    ws.close()


def test_a_row_that_a_person_moved_is_one_row_whatever_feeds_and_people_add(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    apply(ws, edit.plan_edit(ws, look.rows(ws), Fields(groups=("lab",))).plan)
    scoped = 'action = "Alert only"\ngroups = ["lab"]\nexpires = "30d"\n'
    subscribe("bolt", [indicator(1)], default=scoped)
    assert sync(ws).plan.empty
    apply(ws, edit.plan_add(ws, ["h1.example.com"], Fields()).plan)
    assert sync(ws).plan.empty
    assert [(row.origin, row.groups) for row in look.rows(ws)] == [
        ("manual", ()),
        ("feed", ("lab",)),
    ]


def test_a_suppression_without_a_scope_keeps_a_value_out_of_every_scope(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1)], default='action = "Alert only"\ngroups = ["lab"]\n')
    apply(ws, plan_suppress(ws, "h1.example.com", (), "ours", None))
    report = sync(ws)
    assert (report.plan.counts.suppressed, look.rows(ws)) == (1, ())


def test_a_suppressed_hash_keeps_out_the_file_that_it_is_an_alias_of(
    ws: Workspace, subscribe: Subscribe
) -> None:
    sha256, sha1 = "ab" * 32, "cd" * 20
    pattern = f"[file:hashes.'SHA-256' = '{sha256}' OR file:hashes.'SHA-1' = '{sha1}']"
    subscribe("acme", [indicator(1, pattern)])
    apply(ws, plan_suppress(ws, sha1, (), "ours", None))
    assert sync(ws).plan.counts.suppressed == 1
    assert look.rows(ws) == ()


def test_a_row_without_an_end_gets_one_when_its_feed_is_switched_off(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    subscribe("acme", [indicator(1)], default='action = "Alert only"\nexpires = "never"\n')
    subscribe("bolt", [indicator(2)])
    sync(ws)
    ws.catalogue.disable("acme")
    (change,) = sync(ws).plan.changes
    assert change.reason == "its feed is off: it ages out"
    assert sync(ws).plan.empty
    watch.turn(days=31)
    assert "h1.example.com" not in {row.value for row in look.rows(ws)}


# -- the same inputs -----------------------------------------------------------------------------


def planned(ws: Workspace, path: Path) -> bytes:
    """The bytes of a plan file."""
    save_plan(path, evaluate(ws, active_feeds(ws)).plan)
    return path.read_bytes()


def test_the_same_inputs_give_the_same_bytes_whatever_the_clock_says(
    ws: Workspace, subscribe: Subscribe, watch: Watch, tmp_path: Path
) -> None:
    feed = subscribe(
        "acme",
        [
            *(indicator(n) for n in range(3)),
            indicator(5, valid_until="2027-01-01T00:00:00Z"),
        ],
    )
    never = subscribe("bolt", [indicator(8)], default='action = "Alert only"\nexpires = "never"\n')
    sync(ws)
    apply(ws, edit.plan_edit(ws, look.rows(ws)[:2], Fields(title="Ours")).plan)
    ws.catalogue.disable(never.id)  # its row ages out
    renamed = [indicator(n, name="Renamed") for n in range(1, 7)]
    future = indicator(9, modified="2031-01-01T00:00:00Z")  # evidence from the future
    feed.publish([*renamed, future], watch.now)
    watch.turn(hours=1)
    sync(ws, dry_run=True)
    first = planned(ws, tmp_path / "a.plan")
    assert b"ages out" in first
    assert b"Renamed" in first
    for _ in range(5):
        watch.turn(days=2, hours=5)
        assert planned(ws, tmp_path / "b.plan") == first
    # What begins or ends meanwhile is another matter.
    watch.turn(days=60)
    assert planned(ws, tmp_path / "c.plan") != first


def test_another_pull_and_another_change_of_the_list_are_other_inputs(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    subscribe("acme", [indicator(1)])
    start = watch.now
    sync(ws, dry_run=True)

    def dated() -> datetime:
        (change,) = evaluate(ws, active_feeds(ws)).plan.changes
        return change.row.created

    watch.turn(hours=1)
    assert dated() == start
    apply(ws, edit.plan_add(ws, ["mine.example.com"], Fields()).plan)
    watch.turn(hours=1)
    assert dated() == start + timedelta(hours=1)
    sync(ws, dry_run=True)
    assert dated() == start + timedelta(hours=2)


def test_a_dry_run_is_what_the_later_apply_does(
    ws: Workspace, subscribe: Subscribe, watch: Watch, tmp_path: Path
) -> None:
    feed = subscribe("acme", [indicator(n) for n in range(30)])
    sync(ws)
    apply(ws, edit.plan_edit(ws, look.rows(ws)[:3], Fields(title="Ours")).plan)
    feed.publish([indicator(n, name="Renamed") for n in range(2, 33)], watch.now)
    watch.turn(hours=1)
    dry = sync(ws, dry_run=True).plan
    save_plan(tmp_path / "plan", evaluate(ws, active_feeds(ws)).plan)
    saved = load_plan(tmp_path / "plan")
    watch.turn(hours=5)
    apply(ws, evaluate(ws, active_feeds(ws)).plan)
    *_, entry = ws.store.entries()
    assert len(entry.changes) > 30
    assert entry.changes == dry.changes == saved.changes
    assert (entry.door, entry.reason) == (dry.door, dry.reason)


# -- what a person decided -----------------------------------------------------------------------


@settings(max_examples=8)
@given(
    publications=st.lists(
        st.tuples(OBJECTS, st.sampled_from(["Sample 100", "Renamed"])), min_size=2, max_size=4
    ),
    fields=st.fixed_dictionaries(
        {},
        optional={
            "action": st.sampled_from([Action.ALERT_ONLY, Action.WARN, Action.ALLOW]),
            "severity": st.sampled_from(Severity),
            "title": st.just("Ours"),
            "groups": st.just(("lab",)),
            "expires": st.none(),
        },
    ),
)
def test_what_people_decided_survives_every_sync(
    tmp_path_factory: pytest.TempPathFactory,
    publications: list[tuple[list[object], str]],
    fields: dict[str, Any],
) -> None:
    watch = Watch()
    home = Home(tmp_path_factory.mktemp("home"))
    home.ensure()
    home.config_file.write_text(f"{DOCUMENTATION}[brake]\npercent = 100\ncount = 1000\n")
    feed = write(home.feeds_dir / "acme", [])
    feed.publish([*publications[0][0], *(indicator(n) for n in (100, 101, 102))], watch.now)
    ws = Workspace.open(home, clock=watch)
    apply(ws, edit.plan_add(ws, ["h12.example.com"], Fields(expires=None)).plan)
    sync(ws)
    edited, pinned, removed = (
        look.find(ws, f"h{number}.example.com") for number in (100, 101, 102)
    )
    if fields:
        apply(ws, edit.plan_edit(ws, [edited], Fields(**fields)).plan)
    apply(ws, edit.plan_pin(ws, [pinned], pinned=True).plan)
    apply(ws, edit.plan_remove(ws, [removed]).plan)
    for others, name in publications[1:]:
        # The feed goes on naming what was edited, so that the row has a reason to be there.
        feed.publish([*others, indicator(100, name=name)], watch.now)
        sync(ws)
        held = {row.value: row for row in look.rows(ws)}
        assert held["h12.example.com"].origin is Origin.MANUAL
        assert held["h12.example.com"].expires is None
        assert held[pinned.value].pinned
        assert removed.value not in held
        kept = held[edited.value]
        assert {name: getattr(kept, name) for name in fields} == fields
        listed = {conflict.field for conflict in conflicts(ws) if conflict.row.id == kept.id}
        differing = {name for name in fields if kept.owned[name] != fields[name]}
        assert listed - {"row"} == differing
    ws.close()
