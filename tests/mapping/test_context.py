"""What a row tells of its context, and whose words speak first."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from strategies.builders import stix_indicator
from tidegate.feed import PLACES, FeedDefinition, parse_feed
from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.limits import TITLE_LENGTH
from tidegate.mapping.context import MARKING, MAX_TECHNIQUES, Telling
from tidegate.stix.context import ALONE, Surroundings, Threat
from tidegate.stix.objects import StixIndicator, read_indicator

VALUE, KIND = "a.example.com", IndicatorType.DOMAIN_NAME
EMOTET = Threat("malware--1", "malware", "Emotet", ("trojan",))
LOCKER = Threat("malware--2", "malware", "Locker", ("ransomware",))
LINK = Threat(
    "attack-pattern--1", "attack-pattern", "Link", (), ("T1566.002",), ("initial-access",)
)
PANEL = Threat("infrastructure--1", "infrastructure", "Panel", ("command-and-control",))


def feed() -> FeedDefinition:
    source = {"kind": "bundle", "path": "f.json"}
    return parse_feed({"id": "f", "title": "Feed", "source": source}, "feed.toml")


def indicator(**more: object) -> StixIndicator:
    read = read_indicator(stix_indicator(**more))
    assert isinstance(read, StixIndicator)
    return read


def told(*threats: Threat, reports: tuple[str, ...] = (), **more: object) -> Telling:
    around = Surroundings(threats=threats, reports=reports) if threats or reports else ALONE
    return Telling.of(indicator(**more), around, feed(), "amber")


@pytest.mark.parametrize(
    ("found", "title"),
    [
        (told(name="Its  own\nname"), "Its own name"),
        (told(EMOTET, name="Its own name"), "Its own name"),
        (told(name=VALUE), VALUE),
        (told(EMOTET, name=VALUE), f"Emotet: {VALUE}"),
        (told(EMOTET, name="A[.]EXAMPLE[.]COM"), f"Emotet: {VALUE}"),
        (told(EMOTET, LOCKER), f"Emotet, Locker: {VALUE}"),
        (told(LINK, EMOTET, PANEL), f"Emotet, Panel, Link: {VALUE}"),
        (told(), f"Feed: {VALUE}"),
    ],
)
def test_the_title_that_says_most(found: Telling, title: str) -> None:
    assert found.title("", KIND, VALUE) == title


def test_a_policy_words_titles_descriptions_and_advice() -> None:
    found = told(EMOTET, LINK, reports=("Wave",), confidence=60, labels=["a", "b"])
    assert found.title("[{feed}] {threat}  on {value}", KIND, VALUE) == (
        f"[Feed] Emotet, Link on {VALUE}"
    )
    assert found.description("{type} {confidence} {tlp}\n{labels}", KIND, VALUE) == (
        "DomainName 60 amber\na, b"
    )
    assert found.advice("Isolate; see {report}.", KIND, VALUE) == "Isolate; see Wave."
    assert found.advice("", KIND, VALUE) == ""


def test_a_text_that_comes_out_empty_is_none() -> None:
    found = told(name="N", description="D")
    assert found.title(" {threat} ", KIND, VALUE) == "N"
    assert found.description("{threat}", KIND, VALUE) == "D"


def test_where_the_object_says_nothing_its_context_describes_it() -> None:
    assert told(EMOTET, reports=("Wave",)).description("", KIND, VALUE) == (
        "Indicates malware Emotet. Listed in Wave."
    )
    assert told().description("", KIND, VALUE) == ""


CHAIN = {"kill_chain_name": "lockheed-martin-cyber-kill-chain", "phase_name": "delivery"}


@pytest.mark.parametrize(
    ("found", "category"),
    [
        (told(), ""),
        (told(EMOTET), "Malware"),
        (told(EMOTET, LOCKER), "Ransomware"),
        (told(LOCKER, PANEL), "Ransomware"),
        (told(PANEL), "CommandAndControl"),
        (told(LOCKER, LINK), "InitialAccess"),
        (told(EMOTET, kill_chain_phases=[CHAIN]), "InitialAccess"),
        (told(kill_chain_phases=[{**CHAIN, "phase_name": "Payload delivery"}]), ""),
    ],
)
def test_the_category_is_the_tactic_or_else_the_kind(found: Telling, category: str) -> None:
    assert found.category == category


def test_techniques_are_the_objects_own_first() -> None:
    own = [{"source_name": "mitre-attack", "external_id": "T1071"}]
    found = told(LINK, external_references=own)
    assert found.techniques == ("T1071", "T1566.002")
    assert {"t1071", "t1566.002", "link", "attack-pattern"} <= found.words


def test_only_techniques_pass_for_techniques_and_no_more_than_a_row_holds() -> None:
    named = ["S0154", "TA0011", "T1071\n", "T1071 " * 200_000, "T1071", "T0800", "T1071.1"]
    named += [f"T{n}" for n in range(2000, 2100)]
    own = [{"source_name": "mitre-attack", "external_id": name} for name in named]
    found = told(external_references=own)
    assert found.techniques[:3] == ("T1071", "T0800", "T2000")
    assert len(found.techniques) == MAX_TECHNIQUES
    assert "s0154" not in found.words


def test_what_is_kept_on_the_row() -> None:
    assert told(EMOTET, reports=("Wave",)).kept == {
        "indicates": ("malware: Emotet",),
        "report": ("Wave",),
    }
    assert told().kept == {}


@example(name="", text="", threat="\n")
@given(st.text(), st.text(), st.text())
def test_texts_fit_whatever_the_feed_says(name: str, text: str, threat: str) -> None:
    found = told(Threat("malware--1", "malware", threat or "T"), name=name, description=text)
    everything = "".join(f"{{{place}}}" for place in PLACES) * 3
    for template in ("", everything):
        title = found.title(template, KIND, VALUE)
        assert title
        assert len(title) <= TITLE_LENGTH
        assert "\n" not in title


def test_markings_that_are_no_level_stay_with_the_row() -> None:
    own, theirs = (f"marking-definition--0000000{n}-0000-4000-8000-000000000000" for n in (1, 2))
    green = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
    alone = told(object_marking_refs=[green, own])
    assert alone.kept == {MARKING: (own,)}
    around = Surroundings(threats=(EMOTET,), markings=(theirs, own))
    both = Telling.of(indicator(object_marking_refs=[own]), around, feed(), "amber")
    assert both.kept[MARKING] == (own, theirs)
    assert MARKING not in told(object_marking_refs=[green]).kept
    assert MARKING not in told(EMOTET).kept
