"""What is known of a partner's objects, step by step."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType

from tidegate.partner.sent import Bundle, Entry, Sent

NOW = datetime(2026, 11, 1, tzinfo=UTC)
BUNDLE = Bundle(1, "bundle--1", "ab", NOW, 1, 0, "out.json")


def entry(name: str, **more: object) -> Entry:
    made = Entry(f"indicator--{name}", name, "c", "m", "d", MappingProxyType({}))
    return Entry(**{**{f: getattr(made, f) for f in made.__dataclass_fields__}, **more})


def test_an_attempt_may_have_arrived_until_its_outcome_is_known() -> None:
    one, two = entry("1"), entry("2")
    sent = Sent().attempting([one, two])
    assert sent.held == 2
    assert not any(e.arrived for e in sent.entries.values())
    done = sent.settled([one, two], {one.id}, {two.id}, BUNDLE)
    assert done.entries[one.id].arrived
    assert done.entries[one.id].delivery == 1
    assert not done.entries[two.id].known
    assert (done.held, done.number) == (1, 2)


def test_what_the_door_does_not_speak_of_stays_uncertain() -> None:
    one = entry("1")
    done = Sent().attempting([one]).settled([one], set(), set(), BUNDLE)
    assert done.entries[one.id].known
    assert not done.entries[one.id].arrived


def test_a_delivery_that_was_refused_whole_keeps_its_number() -> None:
    one = entry("1")
    done = Sent().attempting([one]).settled([one], set(), {one.id}, BUNDLE)
    assert (done.number, done.bundles) == (1, ())


def test_a_withdrawn_entry_is_not_live() -> None:
    gone, back = entry("1", revoked=True, known=True), entry("2", key="1", known=True)
    sent = Sent({gone.id: gone, back.id: back})
    assert sent.live == {"1": back}
    assert sent.held == 1
