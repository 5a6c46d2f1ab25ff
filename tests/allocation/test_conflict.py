"""When a person's row and a feed's wish contradict each other."""

from __future__ import annotations

import dataclasses
from types import MappingProxyType

import pytest

from strategies.builders import backing, candidate, row, wanted_from
from tidegate.allocation.conflict import beside, decided_by_person, meet, opposed
from tidegate.indicators.kinds import Action, Origin, Severity


@pytest.mark.parametrize(
    ("one", "other", "met"),
    [((), (), True), ((), ("a",), True), (("a", "b"), ("b", "c"), True), (("a",), ("b",), False)],
)
def test_no_groups_are_all_devices(
    one: tuple[str, ...], other: tuple[str, ...], *, met: bool
) -> None:
    assert meet(one, other) is meet(other, one) is met


@pytest.mark.parametrize(
    ("groups", "action", "severity", "expected"),
    [
        ((), Action.ALERT_AND_BLOCK, Severity.MEDIUM, False),
        ((), Action.ALERT_ONLY, Severity.MEDIUM, True),
        ((), Action.ALERT_AND_BLOCK, Severity.HIGH, True),
        (("lab",), Action.ALERT_ONLY, Severity.MEDIUM, True),
        (("lab",), Action.ALERT_AND_BLOCK, Severity.HIGH, False),
    ],
)
def test_severity_counts_in_the_same_scope_only(
    groups: tuple[str, ...], action: Action, severity: Severity, *, expected: bool
) -> None:
    wish = row(1, groups=groups, action=action, severity=severity)
    assert opposed(row(1), wish) is expected
    assert not opposed(row(1, groups=("office",)), row(1, groups=("lab",), action=Action.WARN))


def test_a_person_decides_by_adding_pinning_and_setting_action_or_scope() -> None:
    def feeds(**fields: object) -> bool:
        made = row(1, origin=Origin.FEED)
        return decided_by_person(dataclasses.replace(made, **fields))  # type: ignore[arg-type] # any field

    assert decided_by_person(row(1))
    assert not decided_by_person(row(1, origin=Origin.FOREIGN, pinned=True))
    assert not feeds()
    assert not feeds(owned=MappingProxyType({"title": "x"}))
    assert feeds(pinned=True)
    assert feeds(owned=MappingProxyType({"groups": ()}))
    assert feeds(owned=MappingProxyType({"action": Action.WARN}))


def test_only_wishes_that_meet_a_persons_row_are_beside_it() -> None:
    candidates = [
        candidate(1),
        candidate(2, groups=("lab",)),
        candidate(3),
        candidate(4),
        candidate(5),
        candidate(5, groups=("lab",), stix_id="indicator--5"),
    ]
    wanted = wanted_from(candidates)
    by_key = {item.key: item for item in wanted}
    pinned = dataclasses.replace(backing(candidates)(by_key[candidate(5).key]).row, pinned=True)
    held = [row(1), row(2), row(3, groups=("lab",)), row(9), pinned]
    found = {(item.key.value, item.key.groups) for item in beside(held, wanted)}
    assert found == {
        ("h1.example.com", ()),
        ("h2.example.com", ("lab",)),
        ("h3.example.com", ()),
        ("h5.example.com", ("lab",)),  # its own wish is no other's
    }
    assert beside([row(4, origin=Origin.FOREIGN)], wanted) == []
