"""From the ledger to a plan."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driving.homes import DOCUMENTATION, FeedFolder, Watch, as_json, assert_adds_up, indicator
from driving.homes import write_feed as write
from tidegate.config import Home
from tidegate.indicators.plan import Op
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.planning import active_feeds, evaluate
from tidegate.service.suppressing import plan_suppress
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

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
    assert evaluation.feeds[0].counts()["candidates"] == 1
    assert look.rows(ws) == ()


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


def test_a_feed_that_was_never_read_is_not_empty(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    ws.ledger.link.execute("UPDATE feed SET last_success = NULL")
    ws.ledger.link.execute("DELETE FROM object")
    assert evaluate(ws, active_feeds(ws)).plan.empty


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


def test_pins_keep_their_slot(home: Home, subscribe: Subscribe, watch: Watch) -> None:
    home.config_file.write_text(DOCUMENTATION)
    ws = Workspace.open(home, clock=watch)
    subscribe("acme", [indicator(n, confidence=n * 10) for n in range(6)])
    sync(ws)
    apply(ws, edit.plan_pin(ws, [look.find(ws, "h0.example.com")], pinned=True).plan)
    home.config_file.write_text("limit = 2\n" + DOCUMENTATION + "[brake]\npercent = 100\n")
    ws.close()
    ws = Workspace.open(home, clock=watch)
    plan = sync(ws).plan
    assert plan.counts.waiting == 4
    assert {row.value for row in look.rows(ws)} == {"h0.example.com", "h5.example.com"}
    ws.close()


def test_shares_of_feeds_are_kept(home: Home, subscribe: Subscribe, watch: Watch) -> None:
    home.config_file.write_text("limit = 6\n" + DOCUMENTATION)
    ws = Workspace.open(home, clock=watch)
    # A table of the feed's own stands behind [source], so the policy's `rules` carries it.
    strong = [indicator(n) for n in range(10)]
    weak = [indicator(n) for n in range(20, 30)]
    subscribe("strong", strong, trust=90, rules="[share]\nceiling = 3\n")
    subscribe("weak", weak, trust=10, rules="[share]\nfloor = 2\n")
    report = sync(ws)
    assert look.quota(ws).by_feed == {"strong": 3, "weak": 3}
    assert report.plan.counts.waiting == 14
    assert_adds_up(as_json(report))
    ws.close()


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


@settings(max_examples=25, deadline=None)
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
    assert look.quota(ws).waiting == report.plan.counts.waiting
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
