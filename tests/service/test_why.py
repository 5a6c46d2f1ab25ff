"""The story of a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driving.homes import DOCUMENTATION, FeedFolder, Watch, indicator
from tidegate.config import Home
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import IndicatorType, Severity
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.conflicts import chosen, conflicts
from tidegate.service.edit import Fields
from tidegate.service.redo import plan_redo
from tidegate.service.resolving import Choice, carry_out, plan_resolve
from tidegate.service.story import WhyTrace
from tidegate.service.suppressing import plan_suppress
from tidegate.service.sync import sync
from tidegate.service.undo import plan_undo
from tidegate.service.why import explain
from tidegate.service.workspace import Workspace
from tidegate.store.entry import Entry
from tidegate.store.records import read_indicator_record

Subscribe = Callable[..., FeedFolder]


def told(trace: WhyTrace, stage: str) -> str:
    return "\n".join(f"{step.mark} {step.text}" for step in trace.steps if step.stage == stage)


def test_a_row_of_a_feed_has_its_whole_journey(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)], trust=70)
    subscribe("beta", [indicator(1)], trust=10)
    sync(ws)
    trace = explain(ws, "H1[.]example[.]com")
    assert (trace.present, trace.type) == (True, IndicatorType.DOMAIN_NAME)
    assert trace.headline == "IN THE TENANT: Alert and block"
    assert "ok read as DomainName h1.example.com" in told(trace, "value")
    assert told(trace, "feed").count("says so in indicator--") == 2
    assert "rule 'default' of acme: Alert and block, High" in told(trace, "policy")
    assert "note documentation" in told(trace, "guard")
    # 0.8 for a confidence of 60, 6 for High, 6 for new, 3 for the second feed
    parts = "70 trust + 0.8 confidence + 6 severity + 6 freshness + 3 corroboration + 0 sightings"
    assert f"85.8 = {parts}" in told(trace, "score")
    assert "rank 1 of 15,000" in told(trace, "tenant")
    assert "change 1" in told(trace, "history")


def test_a_row_that_was_taken_off_is_not_called_unknown(ws: Workspace) -> None:
    apply(ws, edit.plan_add(ws, ["h1.example.com"], Fields()).plan)
    apply(ws, plan_undo(ws))
    assert explain(ws, "h1.example.com").headline == (
        "NOT IN THE TENANT: taken off by change 2 (undo)"
    )
    apply(ws, plan_redo(ws))
    assert explain(ws, "h1.example.com").present


def test_ids_and_prefixes_are_answered_too(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    row = look.rows(ws)[0]
    for text in (row.id, row.id[:8]):
        assert explain(ws, text).value == "h1.example.com"


def test_a_file_is_told_of_under_any_of_its_hashes(ws: Workspace, subscribe: Subscribe) -> None:
    sha, md5 = "1" * 64, "2" * 32
    pattern = f"[file:hashes.'SHA-256' = '{sha}' AND file:hashes.MD5 = '{md5}']"
    subscribe("acme", [indicator(1, pattern)])
    sync(ws)
    trace = explain(ws, md5)
    assert trace.present
    assert f"the same file as {sha}" in told(trace, "value")


def test_owned_fields_tell_what_the_feed_wants(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    fields = Fields(severity=Severity.LOW, groups=("servers",), description="ours", expires=None)
    apply(ws, edit.plan_edit(ws, look.rows(ws), fields).plan)
    words = told(explain(ws, "h1.example.com"), "ownership")
    assert "severity was set by a person; the feed wants High" in words
    assert "groups was set by a person; the feed wants all devices" in words
    assert "description was set by a person; the feed wants nothing" in words


def test_a_conflict_says_how_to_settle_it_and_what_was_turned_down(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    fields = Fields(severity=Severity.HIGH, title="Ours", description="ours")
    apply(ws, edit.plan_edit(ws, look.rows(ws), fields).plan)
    (row,) = look.rows(ws)
    (title,) = chosen(ws, [f"{row.id}.title"])
    carry_out(ws, plan_resolve(ws, [title], Choice.MINE))
    words = told(explain(ws, "h1.example.com"), "ownership")
    assert "severity was set by a person; the feed wants High, too" in words
    assert "the feed wants Sample 1, which was turned down: no conflict" in words
    assert f"`tidegate conflicts resolve {row.id}.description --mine | --theirs | --rule`" in words


def test_a_row_that_stands_against_a_feed_is_told(ws: Workspace, subscribe: Subscribe) -> None:
    apply(ws, edit.plan_add(ws, ["h1.example.com"], Fields()).plan)
    subscribe("acme", [indicator(1)])
    sync(ws)
    words = told(explain(ws, "h1.example.com"), "conflict")
    assert "acme wants Alert and block, High, all devices; yours stands until you settle" in words
    carry_out(ws, plan_resolve(ws, conflicts(ws), Choice.MINE))
    assert told(explain(ws, "h1.example.com"), "conflict") == ""
    assert "a person's row stands against acme" in told(
        explain(ws, "h1.example.com"), "suppression"
    )


@pytest.mark.parametrize(
    ("value", "headline", "stage", "words"),
    [
        ("revoked.example.com", "ended", "feed", "revoked"),
        ("microsoft.com", "refused", "mapping", "guard_protected"),
        ("h9.example.com", "waits for a slot", "allocation", "waits at place 1"),
        ("gone.example.com", "suppressed", "suppression", "our own test"),
        ("unknown.example.com", "no feed has named it", "guard", "documentation"),
        ("what?", "no feed has named it", "value", "what?"),
    ],
)
def test_absent_values_have_their_reason(
    home: Home,
    watch: Watch,
    subscribe: Subscribe,
    value: str,
    headline: str,
    stage: str,
    words: str,
) -> None:
    home.config_file.write_text("limit = 2\n" + DOCUMENTATION)
    ws = Workspace.open(home, clock=watch)
    subscribe(
        "acme",
        [
            indicator(1),
            indicator(2),
            indicator(3, "[domain-name:value = 'revoked.example.com']", revoked=True),
            indicator(4, "[domain-name:value = 'microsoft.com']"),
            indicator(5, "[domain-name:value = 'gone.example.com']"),
            indicator(9, confidence=1),
        ],
    )
    apply(ws, plan_suppress(ws, "gone.example.com", (), "our own test", None))
    sync(ws)
    trace = explain(ws, value)
    assert not trace.present
    assert trace.headline.startswith(f"NOT IN THE TENANT: {headline}")
    assert words in told(trace, stage)
    ws.close()


def test_a_plan_that_was_not_applied_is_told_as_such(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws, dry_run=True)
    assert "not planned yet" in explain(ws, "h1.example.com").headline


def domain(number: int, value: str, **more: object) -> dict[str, object]:
    return indicator(number, f"[domain-name:value = '{value}']", **more)


@pytest.mark.parametrize("asked", ["5.11.2.3", "", "indicator", "in", "up.revoked.example.com"])
def test_only_the_value_itself_has_ended(ws: Workspace, subscribe: Subscribe, asked: str) -> None:
    subscribe(
        "acme",
        [
            indicator(1, "[ipv4-addr:value = '45.11.2.30']", revoked=True),
            domain(2, "group.up.revoked.example.com", valid_until="2026-01-02T00:00:00Z"),
            indicator(3, "[oops"),
        ],
    )
    sync(ws)
    trace = explain(ws, asked)
    assert trace.headline == "NOT IN THE TENANT: no feed has named it"
    assert not told(trace, "mapping")
    assert "ended" in explain(ws, "45.11.2.30").headline


@pytest.mark.parametrize(
    ("asked", "headline", "words"),
    [
        ("www.microsoft.com", "refused", "guard_protected"),
        ("WWW.Microsoft.COM", "refused", "guard_protected"),
        ("up[.]revoked-corp.example.net", "ended", "revoked"),
        ("2001:db8::9", "ended", "expired"),
        ("2" * 32, "ended", "revoked"),
        ("10.0.0.0/8", "refused", "cidr"),
    ],
)
def test_a_value_is_found_however_the_feed_wrote_it(
    ws: Workspace, subscribe: Subscribe, asked: str, headline: str, words: str
) -> None:
    hashes = f"[file:hashes.'SHA-256' = '{'A' * 64}' AND file:hashes.MD5 = '{'2' * 32}']"
    subscribe(
        "acme",
        [
            domain(1, "WWW.MICROSOFT.COM"),
            domain(2, "Up.Revoked-Corp.example.net", revoked=True),
            indicator(3, "[ipv6-addr:value = '2001:DB8::9']", valid_until="2026-01-02T00:00:00Z"),
            indicator(4, hashes, revoked=True),
            indicator(5, "[ipv4-addr:value = '10.0.0.0/8']"),
        ],
    )
    sync(ws)
    trace = explain(ws, asked)
    assert trace.headline == f"NOT IN THE TENANT: {headline}" + (
        ", its feed says" if headline == "ended" else ""
    )
    assert words in told(trace, "mapping") + told(trace, "feed")


def test_a_suppression_that_is_over_is_no_reason(
    ws: Workspace, watch: Watch, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1)])
    until = watch.now + timedelta(days=1)
    apply(ws, plan_suppress(ws, "h1.example.com", (), "our own test", until))
    sync(ws)
    assert "our own test" in told(explain(ws, "h1.example.com"), "suppression")
    watch.turn(days=1)
    trace = explain(ws, "h1.example.com")
    assert not told(trace, "suppression")
    assert "suppressed" not in trace.headline


def test_a_suppression_of_another_hash_is_told(ws: Workspace, subscribe: Subscribe) -> None:
    sha, md5 = "1" * 64, "2" * 32
    pattern = f"[file:hashes.'SHA-256' = '{sha}' AND file:hashes.MD5 = '{md5}']"
    subscribe("acme", [indicator(1, pattern)])
    apply(ws, plan_suppress(ws, md5, (), "our own tool", None))
    sync(ws)
    assert "our own tool" in told(explain(ws, sha), "suppression")


@pytest.mark.parametrize(
    "value", ["h1.example.com", "h2.example.com", "www.microsoft.com", "ended.example.com"]
)
def test_a_feed_that_is_switched_off_has_no_say(
    home: Home, watch: Watch, subscribe: Subscribe, value: str
) -> None:
    home.config_file.write_text("limit = 1\n" + DOCUMENTATION)
    ws = Workspace.open(home, clock=watch)
    subscribe(
        "acme",
        [
            indicator(1),
            indicator(2, confidence=1),
            domain(3, "www.microsoft.com"),
            domain(4, "ended.example.com", revoked=True),
        ],
    )
    sync(ws)
    ws.catalogue.disable("acme")
    trace = explain(ws, value)
    assert "acme named it, but is switched off" in told(trace, "feed")
    assert not told(trace, "score") + told(trace, "allocation") + told(trace, "mapping")
    here = value == "h1.example.com"  # until the next sync
    wanted = "IN THE TENANT: Alert" if here else "NOT IN THE TENANT: no feed has named it"
    assert trace.headline.startswith(wanted)
    ws.close()


def test_the_newest_changes_are_told_and_where_the_older_ones_are(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(ws, edit.plan_add(ws, ["h1.example.com"], Fields()).plan)
    for number in range(2, 11):
        fields = Fields(title=f"title {number}")
        apply(ws, edit.plan_edit(ws, look.matching(ws, "h1.example.com"), fields).plan)
    words = told(explain(ws, "h1.example.com"), "history").splitlines()
    assert [line.partition(",")[0] for line in words] == [f"note change {n}" for n in range(1, 11)]
    for number in range(11, 31):
        fields = Fields(title=f"title {number}")
        apply(ws, edit.plan_edit(ws, look.matching(ws, "h1.example.com"), fields).plan)
    read: list[int] = []
    naming = ws.store.journal.naming

    def counted(value: str) -> Iterator[Entry]:
        for entry in naming(value):
            read.append(entry.serial)
            yield entry

    monkeypatch.setattr(ws.store.journal, "naming", counted)
    first, *words = told(explain(ws, "h1.example.com"), "history").splitlines()
    assert first == "note older changes are in `tidegate history h1.example.com`"
    assert [line.partition(",")[0] for line in words] == [f"note change {n}" for n in range(21, 31)]
    assert read == list(range(30, 19, -1))


def test_who_overrode_a_guard_is_told_while_the_newest_changes_say_so(ws: Workspace) -> None:
    fields = Fields(overrides={"public_resolver": "seen"})
    apply(ws, edit.plan_add(ws, ["8.8.8.8"], fields).plan)
    apply(ws, plan_undo(ws))
    apply(ws, plan_redo(ws))
    (by,) = (entry for entry in ws.store.entries() if entry.serial == 1)
    lines = told(explain(ws, "8.8.8.8"), "guard").splitlines()
    assert lines[1] == (
        f"note public_resolver was overridden by {by.actor} on {by.at:%Y-%m-%d %H:%M:%S}Z: seen"
    )
    for number in range(12):
        again = Fields(title=f"title {number}")
        apply(ws, edit.plan_edit(ws, look.matching(ws, "8.8.8.8"), again).plan)
    assert told(explain(ws, "8.8.8.8"), "guard").splitlines()[1] == (
        "note public_resolver was overridden: seen"
    )


@settings(max_examples=40)
@given(st.text(max_size=60))
def test_any_text_is_answered(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    home = Home(tmp_path_factory.getbasetemp() / "why")
    home.ensure()
    ws = Workspace.open(home)
    assert explain(ws, text).headline.startswith("NOT IN THE TENANT")
    ws.close()


def test_a_question_about_one_value_makes_no_other_row(
    ws: Workspace, subscribe: Subscribe, home: Home, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe("acme", [indicator(n) for n in range(40)])
    sync(ws)
    made: list[str] = []

    def counted(record: Mapping[str, Any]) -> Indicator:
        made.append(record["value"])
        return read_indicator_record(record)

    monkeypatch.setattr("tidegate.store.rows.read_indicator_record", counted)
    fresh = Workspace.open(home, clock=watch)
    for text in ("h7.example.com", "h99.example.com", "what?"):
        explain(fresh, text)
    assert made == ["h7.example.com"]
    fresh.close()
