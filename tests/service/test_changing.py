"""Every end that a value comes to: what `why` says of it first, and what would change that.

One home has a value for each end; where a sentence promises what a setting does, the setting is
made and the promise kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from driving.ends import Ends, build
from tidegate.service.apply import apply
from tidegate.service.edit import plan_remove
from tidegate.service.held import approve
from tidegate.service.look import find
from tidegate.service.story import WhyTrace
from tidegate.service.sync import sync
from tidegate.service.why import explain


@dataclass(frozen=True)
class Told:
    """How a story begins, words of its steps by stage, and of what would change it."""

    headline: str
    steps: tuple[tuple[str, str], ...]
    change: str


IN = "IN THE TENANT: "
NOT = "NOT IN THE TENANT: "
EXPECTED = {
    "hand": Told(IN + "Alert only", (("tenant", "origin manual"),), "takes it off; no feed does"),
    "feed": Told(
        IN + "Alert and block",
        (
            ("feed", "acme says so in indicator--"),
            ("pattern", "domain-name:value = 'feed.example.com' (character 2 of 40)"),
            ("policy", "rule 'default' of acme"),
            ("score", "freshness: new, half of it is gone in 30 days"),
            ("pushed", "portal-csv"),
        ),
        "`tidegate remove e35124591981` takes it off, and feeds do not bring it back",
    ),
    "pinned": Told(IN + "Alert and block", (("tenant", "pinned"),), "`tidegate unpin b6cad6bc"),
    "owned": Told(
        IN + "Alert and block",
        (("ownership", "the feed wants High"),),
        ".severity --theirs` hands severity back",
    ),
    "moved": Told(
        IN + "Alert and block",
        (("tenant", ", lab, "), ("ownership", "the feed wants all devices")),
        ".groups --theirs` hands groups back",
    ),
    "foreign": Told(IN + "Alert and block", (("tenant", "origin foreign"),), "--origin foreign`"),
    "overridden": Told(
        IN + "Alert only", (("guard", "public_resolver was overridden by"),), "`tidegate remove"
    ),
    "file": Told(
        IN + "Alert and block",
        (("value", "the same file as 111"), ("pattern", "file:hashes.'SHA-256' = '111")),
        "`tidegate pin",
    ),
    "alternative": Told(
        IN + "Alert and block",
        (("pattern", "alternative 2 of 2: domain-name:value"), ("canonical", "OR.example.com is")),
        "`tidegate pin",
    ),
    "brake removal": Told(
        IN + "Alert and block",
        (("brake", ": remove (ebb no longer lists it)"), ("brake", "ebb: proposes nothing")),
        " --feed ebb` takes it off",
    ),
    "off": Told(
        IN + "Alert and block",
        (("feed", "off named it, but is switched off"),),
        "`tidegate feeds enable off` gives its feed a say again",
    ),
    "brake flood": Told(
        NOT + "held by the brake",
        (("allocation", "the brake holds the flood"), ("brake", "surge: proposes 11, 2 before")),
        " --feed surge` lists it",
    ),
    "ceiling": Told(
        NOT + "waits for a slot",
        (
            ("allocation", "waits at place 1 with score 75.04: feed cap holds its ceiling of 2"),
            ("cut-off", "3.08 short of cap1.example.com (78.12 = 75.12 + 3 for holding its slot)"),
        ),
        "a `ceiling` above 2 under [share] of feed cap",
    ),
    "rank": Told(
        NOT + "waits for a slot",
        (
            ("allocation", ": the list is full"),
            ("cut-off", "of feed bulk, the weakest that it may displace"),
            ("cut-off", "the floor of feed low keeps weaker rows, down to low1.example.com (28.12"),
        ),
        "`limit` above 40 in config.toml",
    ),
    "covered": Told(
        NOT + "covered by DomainName parent.example.com",
        (("covered", "parent.example.com is row 6168227090d7: Alert and block, High, until"),),
        "it comes back by itself when that row goes",
    ),
    "suppressed": Told(
        NOT + "suppressed",
        (("suppression", "our own mail"),),
        "`tidegate suppress remove suppressed.example.com` lifts the suppression",
    ),
    "protected": Told(
        NOT + "refused", (("mapping", "guard_protected"),), "nothing: this guard keeps the tenant"
    ),
    "resolver": Told(
        NOT + "refused",
        (("mapping", "guard_public_resolver"),),
        "`tidegate add 8.8.8.8 --override public_resolver --reason TEXT`",
    ),
    "dull": Told(
        NOT + "refused", (("mapping", 'rule "dull" skips it'),), "change the rule it names"
    ),
    "benign": Told(NOT + "refused", (("mapping", "benign"),), "`tidegate add benign.example.com`"),
    "early": Told(
        NOT + "refused", (("mapping", "not_yet_valid"),), "it is let in when its term begins"
    ),
    "contested": Told(
        NOT + "refused", (("mapping", "conflicting_versions"),), "a newer version ends it"
    ),
    "unreadable": Told(
        NOT + "refused",
        (("pattern", "[domain-name:value = (and there it ends"), ("mapping", "grammar refuses")),
        "what the grammar says",
    ),
    "unsupported": Told(
        NOT + "refused",
        (("pattern", "url:value LIKE 'http://%.example.com/like'"),),
        "`tidegate add VALUE` by hand",
    ),
    "network": Told(
        NOT + "refused", (("value", "is a range"), ("mapping", "cidr")), "add the right value"
    ),
    "revoked": Told(
        NOT + "ended, its feed says", (("feed", "revoked"),), "a revocation is for good"
    ),
    "expired": Told(
        NOT + "ended, its feed says",
        (("feed", "expired (valid_until 2026-01-02T00:00:00Z)"),),
        "its feed vouches for it again",
    ),
    "gone": Told(
        NOT + "no longer listed by its feed",
        (("feed", "acme no longer lists it"), ("history", "remove (acme no longer lists it)")),
        "feed acme lists it again",
    ),
    "late": Told(
        NOT + "known to feeds, not planned yet", (("score", "111.8 = 99 trust"),), "`tidegate sync`"
    ),
    "taken": Told(
        NOT + "taken off by change 11 (remove)", (("history", "removed by hand"),), "by hand"
    ),
    "over": Told(NOT + "taken off by change 12 (expiry)", (("history", "expired"),), "by hand"),
    "lapsed": Told(
        NOT + "its row has expired", (("expiry", "ended on 2026-06-03 13:00:00Z"),), "by hand"
    ),
    "offended": Told(
        NOT + "no feed has named it that is switched on",
        (("feed", "off named it, but is switched off"),),
        "`tidegate feeds enable off`, then `tidegate sync`",
    ),
    "unknown": Told(
        NOT + "no feed has named it",
        (("guard", "documentation"),),
        "`tidegate add unknown.example.com` lists it by hand",
    ),
    "no value": Told(NOT + "no feed has named it", (("value", "what?"),), "ask by an address"),
}


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ends]:
    """Made once: nobody changes it."""
    made = build(tmp_path_factory.mktemp("ends") / "home")
    yield made
    made.ws.close()


def told(trace: WhyTrace, stage: str) -> str:
    return "\n".join(step.text for step in trace.steps if step.stage == stage)


def test_each_end_is_asked_for(ends: Ends) -> None:
    assert ends.asked.keys() == EXPECTED.keys()
    assert len(EXPECTED) >= 20


@pytest.mark.parametrize("end", EXPECTED)
def test_each_end_is_told_with_what_would_change_it(ends: Ends, end: str) -> None:
    wanted = EXPECTED[end]
    trace = explain(ends.ws, ends.asked[end])
    assert trace.headline == wanted.headline
    assert trace.present is wanted.headline.startswith(IN)
    for stage, words in wanted.steps:
        assert words in told(trace, stage), told(trace, stage)
    assert wanted.change in told(trace, "change")
    texts = [step.text for step in trace.steps if step.stage == "change"]
    assert len(texts) == len(set(texts))


def test_what_is_said_of_a_value_holds_for_its_row(ends: Ends) -> None:
    for text in ("owned.example.com", "or.example.com", "9.9.9.9"):
        row = find(ends.ws, text)
        assert explain(ends.ws, row.id).steps[-3:] == explain(ends.ws, text).steps[-3:]


@pytest.fixture
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ends]:
    """One that a test may change."""
    made = build(tmp_path_factory.mktemp("changed") / "home")
    yield made
    made.ws.close()


def set_to(ends: Ends, feed: str, before: str, after: str) -> None:
    """Edit a feed.toml."""
    path = ends.ws.home.feeds_dir / feed / "feed.toml"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def test_a_ceiling_above_the_one_that_is_told_brings_the_row_in(changed: Ends) -> None:
    assert "a `ceiling` above 2" in told(explain(changed.ws, changed.asked["ceiling"]), "change")
    set_to(changed, "cap", "ceiling = 2", "ceiling = 3")
    sync(changed.ws, dry_run=True)
    assert "waits" not in told(explain(changed.ws, changed.asked["ceiling"]), "allocation")


def test_an_approval_lists_what_the_brake_holds(changed: Ends) -> None:
    trace = explain(changed.ws, changed.asked["brake flood"])
    plan = told(trace, "change").partition("approve ")[2].partition(" ")[0]
    assert approve(changed.ws, plan).applied.created
    assert explain(changed.ws, changed.asked["brake flood"]).present


def test_a_covered_row_whose_cover_is_gone_comes_back_with_the_next_sync(changed: Ends) -> None:
    row = find(changed.ws, "parent.example.com")
    apply(changed.ws, plan_remove(changed.ws, [row]).plan)
    trace = explain(changed.ws, changed.asked["covered"])
    assert told(trace, "covered") == "DomainName parent.example.com is not on the list any more"
    assert "it comes back by itself with the next sync" in told(trace, "change")


def test_a_value_in_a_command_is_safe_to_paste(ends: Ends) -> None:
    url = "https://h1.example.com/a?b=1&c=$(id);d"
    assert f"`tidegate add '{url}'` lists it by hand" in told(explain(ends.ws, url), "change")
