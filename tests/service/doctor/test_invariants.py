"""What always holds of rows, suppressions and their history; each breach is found by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from strategies.builders import NOW, create, edit, remove, row, suppression
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, Dialect, IndicatorType, Origin
from tidegate.indicators.plan import Change
from tidegate.mapping.guard import Guards, GuardSettings, Verdict
from tidegate.service.doctor.findings import Finding, Level
from tidegate.service.doctor.invariants import (
    Replay,
    rows_hold,
    same_list,
    settings_hold,
    suppressions_hold,
)
from tidegate.store.entry import RECOVERY, Entry

LATER = NOW + timedelta(days=1)


def codes(findings: Iterable[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def by_id(*rows: Indicator) -> dict[str, Indicator]:
    return {one.id: one for one in rows}


def test_rows_as_they_are_made_hold() -> None:
    rows = by_id(row(1), row(2), row(1, groups=("a", "b")), row(3, expires=NOW))
    assert codes(rows_hold(rows, NOW)) == []


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ({"x": row(1)}, "id_differs"),
        (by_id(row(1), dataclasses.replace(row(1), id="y")), "key_twice"),
        (by_id(row(1, groups=("b", "a"))), "groups_order"),
        (by_id(row(1, groups=("a", "a"))), "groups_order"),
        (by_id(row(1, value="H1.example.com")), "not_canonical"),
        (by_id(row(1, value="no name")), "not_canonical"),
        (by_id(row(1, overrides={"own": "x"})), "override_refused"),
    ],
)
def test_a_row_that_cannot_be_is_found(rows: dict[str, Indicator], code: str) -> None:
    assert codes(rows_hold(rows, NOW)) == [code]


def test_an_expired_row_and_its_successor_are_no_pair() -> None:
    rows = by_id(row(1), dataclasses.replace(row(1), id="y", expires=NOW))
    assert codes(rows_hold(rows, NOW)) == []
    assert codes(rows_hold(rows, NOW - timedelta(days=1))) == ["key_twice"]


def test_suppressions_hold_or_are_found() -> None:
    one = suppression(1)
    assert codes(suppressions_hold({one.id: one})) == []
    assert codes(suppressions_hold({"x": one})) == ["id_differs"]
    twice = {one.id: one, "y": dataclasses.replace(one, id="y")}
    assert codes(suppressions_hold(twice)) == ["suppressed_twice"]


def of_settings(
    *rows: Indicator, limit: int = 10, guards: GuardSettings | None = None
) -> list[Finding]:
    checks = Guards(guards or GuardSettings(documentation=Verdict.WARN))
    return list(settings_hold(rows, limit=limit, dialect=Dialect.TODAY, guards=checks, now=NOW))


def test_rows_within_the_settings_are_no_finding() -> None:
    assert of_settings(*(row(n) for n in range(10))) == []


def test_more_rows_than_the_limit_is_a_warning_and_expired_ones_do_not_count() -> None:
    (found,) = of_settings(row(1), row(2), row(3), row(4, expires=NOW), limit=2)
    assert (found.code, found.level) == ("over_limit", Level.WARNING)
    assert "3 indicators" in found.message


def test_a_protected_value_on_the_list_is_a_fault_and_no_damage() -> None:
    (found,) = of_settings(row(1, value="microsoft.com"))
    assert (found.code, found.level, found.damage) == ("guard_protected", Level.FAULT, False)
    assert "tidegate remove" in found.mend
    assert of_settings(row(1, value="microsoft.com", action=Action.ALLOW)) == []
    assert of_settings(row(1, value="microsoft.com", origin=Origin.FOREIGN)) == []
    assert of_settings(row(1, value="microsoft.com", expires=NOW)) == []


def test_what_a_person_overrode_is_no_fault_and_nothing_else_passes_by_it() -> None:
    wanted = {"public_resolver": "x", "warninglist": "x"}
    resolver = row(1, type=IndicatorType.IP_ADDRESS, value="8.8.8.8")
    assert codes(of_settings(resolver)) == ["guard_public_resolver"]
    overridden = dataclasses.replace(resolver, overrides=wanted)
    assert codes(of_settings(overridden)) == []
    assert codes(rows_hold(by_id(overridden), NOW)) == []
    forged = row(1, value="microsoft.com", overrides={"protected": "x"})
    assert codes(of_settings(forged)) == ["guard_protected"]


def test_own_values_and_samples_go_by_the_settings_of_now() -> None:
    own = GuardSettings(own_domains=("h1.example.com",), documentation=Verdict.WARN)
    assert codes(of_settings(row(1), row(2), guards=own)) == ["guard_own"]
    (sample,) = of_settings(row(1), guards=GuardSettings())
    assert (sample.code, sample.level) == ("guard_documentation", Level.WARNING)


def test_an_action_that_the_dialect_lacks_is_a_fault() -> None:
    wrong = row(1, type=IndicatorType.CERTIFICATE, value="a" * 40, action=Action.ALERT_ONLY)
    assert codes(of_settings(wrong)) == ["action_not_supported"]


def entry(serial: int, *changes: Change[Indicator], **more: Any) -> Entry:  # noqa: ANN401 - any of its fields
    made = Entry(serial, NOW, "ana", "cli", "", changes, lineage="l")
    return dataclasses.replace(made, **more)


def replayed(*entries: Entry) -> tuple[Replay, list[str]]:
    replay, found = Replay(), []
    for one in entries:
        found += codes(replay.take(one))
    return replay, found


def test_a_history_replays_to_its_list() -> None:
    replay, found = replayed(
        entry(1, *create(row(1), row(2))),
        entry(2, *edit(row(1), title="new"), *remove(row(2))),
        entry(3, *create(row(2)), undoes=2),
    )
    assert found == []
    assert replay.rows == by_id(row(1, title="new"), row(2))
    assert (replay.serial, replay.lineage) == (3, "l")


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (entry(3), "serial_gap"),
        (entry(1), "serial_gap"),
        (entry(1, door=RECOVERY), "serial_gap"),
        (entry(2, lineage="other"), "other_lineage"),
        (entry(2, lineage=""), "no_lineage"),
        (entry(2, undoes=2), "undoes_nothing"),
        (entry(2, undoes=0), "undoes_nothing"),
        (entry(2, *remove(row(2))), "before_differs"),
        (entry(2, *edit(row(1, title="else"), title="new")), "before_differs"),
        (entry(2, *create(row(1))), "id_taken"),
        (entry(2, at=NOW - timedelta(days=2)), "time_back"),
    ],
)
def test_a_history_that_cannot_be_is_found(second: Entry, code: str) -> None:
    assert replayed(entry(1, *create(row(1))), second)[1] == [code]


def test_a_recovery_may_skip_what_nobody_can_read_any_more() -> None:
    assert replayed(entry(1), entry(7, door=RECOVERY), entry(8))[1] == []


def test_a_list_that_is_not_its_history_is_found() -> None:
    one = suppression(1)
    held = by_id(row(1), row(2))
    assert codes(same_list(held, {one.id: one}, dict(held), {one.id: one})) == []
    assert codes(same_list(held, {}, by_id(row(1)), {})) == ["lost"]
    assert codes(same_list(by_id(row(1)), {}, held, {})) == ["unrecorded"]
    assert codes(same_list(held, {}, by_id(row(1, note="x"), row(2)), {})) == ["differs"]
    assert codes(same_list({}, {one.id: one}, {}, {})) == ["lost"]
