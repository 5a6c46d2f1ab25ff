"""The story of a value."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driving.homes import DOCUMENTATION, FeedFolder, Watch, indicator
from tidegate.config import Home
from tidegate.indicators.kinds import IndicatorType, Severity
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.suppressing import plan_suppress
from tidegate.service.sync import sync
from tidegate.service.why import WhyTrace, explain
from tidegate.service.workspace import Workspace

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
    # 70 trust + 2 confidence (60) + 6 severity (High) + 3 for the second feed
    assert "81 = 70 trust + 2 confidence + 6 severity + 3 corroboration" in told(trace, "score")
    assert "rank 1 of 15,000" in told(trace, "tenant")
    assert "change 1" in told(trace, "history")


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


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_answered(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    home = Home(tmp_path_factory.getbasetemp() / "why")
    home.ensure()
    ws = Workspace.open(home)
    assert explain(ws, text).headline.startswith("NOT IN THE TENANT")
    ws.close()
