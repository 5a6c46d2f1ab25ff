"""The list at one change: it moves on by lines that follow, and by nothing else."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from strategies.builders import NOW, create, edit, remove, row, suppression
from tidegate.errors import StoreDamaged
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import Change
from tidegate.store.entry import GENESIS, RECOVERY, SCHEMA, Entry, encode
from tidegate.store.journal import Line, Position
from tidegate.store.state import State, restored


def line(serial: int, *changes: Change[Indicator], door: str = "add", at: int = 0) -> Line:
    entry = Entry(serial, NOW + timedelta(minutes=at), "ana", door, "", changes, lineage="cd" * 16)
    data, record, head = encode(entry, GENESIS)
    return Line(record, Position(len(data), head))


def taken(*lines: Line) -> State:
    state = State(lineage="")
    for each in lines:
        state.take(each)
    return state


def test_a_line_moves_rows_serial_time_and_position_on() -> None:
    first, second = line(1, *create(row(1), row(2)), at=1), line(2, *remove(row(1)), at=7)
    state = taken(first, second)
    assert dict(state.rows) == {row(2).id: row(2)}
    assert (state.serial, state.lineage) == (2, "cd" * 16)
    assert state.at == NOW + timedelta(minutes=7)
    assert state.position == second.position
    assert state.entry_at == first.position.offset
    assert state.unsaved == 3


@pytest.mark.parametrize("serial", [0, 1, 3, 9])
def test_a_line_that_does_not_follow_is_refused(serial: int) -> None:
    with pytest.raises(StoreDamaged, match="follows 1"):
        taken(line(1, *create(row(1))), line(serial, *create(row(2))))


def test_a_recovery_may_skip_changes_but_not_go_back() -> None:
    assert taken(line(1), line(9, *create(row(1)), door=RECOVERY)).serial == 9
    with pytest.raises(StoreDamaged, match="change 2 follows 2"):
        taken(line(1), line(2), line(2, door=RECOVERY))


@pytest.mark.parametrize("missing", ["serial", "changes", "suppressions", "at"])
def test_a_line_without_what_it_needs_is_refused(missing: str) -> None:
    whole = line(1)
    record = {name: value for name, value in whole.record.items() if name != missing}
    with pytest.raises(StoreDamaged, match="change 1 cannot be read"):
        taken(Line(record, whole.position))


@pytest.mark.parametrize("backwards", [False, True])
def test_two_rows_may_swap_their_identities_in_one_change(*, backwards: bool) -> None:
    one, two = row(1), row(2)
    changes = (*edit(one, value=two.value), *edit(two, value=one.value))
    state = taken(line(1, *create(one, two)), line(2, *(changes[::-1] if backwards else changes)))
    for key, ident in ((one.key, two.id), (two.key, one.id)):
        held = state.rows.at(key)
        assert held is not None
        assert held.id == ident


@pytest.mark.parametrize("backwards", [False, True])
def test_two_rows_may_swap_their_ids_in_one_change(*, backwards: bool) -> None:
    """Nothing is lost when an id comes in before the row that has it has left."""
    one, two = row(1), row(2)
    changes = (*edit(one, id=two.id), *edit(two, id=one.id))
    state = taken(line(1, *create(one, two)), line(2, *(changes[::-1] if backwards else changes)))
    wanted = [dataclasses.replace(one, id=two.id), dataclasses.replace(two, id=one.id)]
    assert dict(state.rows) == {each.id: each for each in wanted}
    assert [state.rows.at(each.key) for each in wanted] == wanted


def test_what_a_checkpoint_holds_comes_back_as_the_same_list() -> None:
    state = taken(line(1, *create(row(2), row(1))))
    kept_out = suppression(3)
    note = Entry(2, NOW, "ana", "add", "", (), (Change(None, kept_out, ""),), lineage="cd" * 16)
    data, record, head = encode(note, state.position.head)
    state.take(Line(record, Position(state.position.offset + len(data), head)))
    again = restored(state.tables, state.envelope)
    assert dict(again.rows) == dict(state.rows)
    assert dict(again.suppressions) == {kept_out.id: kept_out}
    assert (again.serial, again.at, again.lineage) == (2, NOW, "cd" * 16)
    assert again.position == state.position
    assert (again.covered, again.unsaved) == (state.position.offset, 0)
    assert list(state.tables["indicators"]) == sorted([row(1).id, row(2).id])


def test_the_oldest_schema_of_any_line_is_remembered() -> None:
    whole = line(1)
    state = taken(Line(whole.record | {"schema": 1}, whole.position), line(2))
    assert state.schema == 1
    assert taken(line(1)).schema == SCHEMA


def test_rows_at_hand_are_not_built_again() -> None:
    made = row(1)
    state = taken(line(1, *create(made)))
    state.keep(create(made), ())
    assert state.rows[made.id] is made
