"""What stands, what was taken back and what was done again, read off the journal."""

from __future__ import annotations

import pytest

from strategies.builders import LIMIT, NOW, create, row
from strategies.builders import plan as make_plan
from tidegate.errors import UsageError
from tidegate.service import trail as module
from tidegate.service.trail import Span, Trail
from tidegate.service.workspace import Workspace
from tidegate.store.entry import Entry


def trail(ws: Workspace, *shape: tuple[str, int | None]) -> Trail:
    """A trail of entries by door and what each takes back."""
    made = Trail(ws)
    for serial, (door, undoes) in enumerate(shape, 1):
        made.take(Entry(serial, NOW, "ana", door, "", undoes=undoes))
    return made


ADD = ("add", None)


def test_steps_are_taken_back_newest_first_whatever_happened_between(ws: Workspace) -> None:
    made = trail(ws, ADD, ADD, ("expiry", None), ADD, ("undo", 4), ADD)
    assert list(made.undoable()) == [6, 2, 1]
    assert list(made.redoable()) == [5]
    assert made.undone_by == {4: 5}


def test_a_redone_step_counts_from_its_redo(ws: Workspace) -> None:
    made = trail(ws, ADD, ADD, ("undo", 1), ("redo", 3))
    assert list(made.undoable()) == [1, 2]
    assert list(made.redoable()) == []
    assert (made.undone_by, made.redone_by) == ({3: 4}, {1: 4})
    made.take(Entry(5, NOW, "ana", "undo", "", undoes=1))
    assert list(made.undoable()) == [2]
    assert list(made.redoable()) == [5]
    assert made.undone_by == {1: 5, 3: 4, 4: 5}


def test_a_span_means_the_steps_made_or_done_again_in_it(ws: Workspace) -> None:
    made = trail(ws, ADD, ADD, ADD, ("undo", 1), ("undo", 3), ("redo", 4))
    assert list(made.undoable(Span(2, 3))) == [2]
    assert list(made.undoable(Span(5, None))) == [1]
    assert list(made.redoable(Span(1, 3))) == [5]
    assert list(made.redoable(Span(5, 6))) == [5]
    assert list(made.redoable(Span(1, 2))) == []


@pytest.mark.parametrize(
    ("serial", "said"),
    [
        (2, "taken back by change 4"),
        (3, "rows that expired"),
        (4, "is an undo itself"),
        (7, "a recovery from damage"),
        (0, "there is no change 0"),
        (8, "there is no change 8"),
    ],
)
def test_a_change_that_cannot_be_taken_back_is_refused_with_the_reason(
    ws: Workspace, serial: int, said: str
) -> None:
    shape = (ADD, ADD, ("expiry", None), ("undo", 2), ("undo", 1), ("redo", 5), ("recovery", None))
    made = trail(ws, *shape)
    with pytest.raises(UsageError, match=said):
        list(made.undoable(Span(serial, serial)))
    # The redo and the change it stands for are one thing.
    assert list(made.undoable(Span(6, 6))) == list(made.undoable(Span(1, 1))) == [1]


@pytest.mark.parametrize(
    ("serial", "said"),
    [
        (1, "was not taken back"),
        (5, "was redone by change 6"),
        (6, "was not taken back"),
        (3, "was not taken back"),
        (9, "there is no change 9"),
    ],
)
def test_a_change_that_cannot_be_redone_is_refused_with_the_reason(
    ws: Workspace, serial: int, said: str
) -> None:
    made = trail(ws, ADD, ADD, ("expiry", None), ("undo", 2), ("undo", 1), ("redo", 5))
    with pytest.raises(UsageError, match=said):
        list(made.redoable(Span(serial, serial)))
    assert list(made.redoable(Span(2, 2))) == list(made.redoable(Span(4, 4))) == [4]


def test_a_redo_that_was_taken_back_again_names_that_undo(ws: Workspace) -> None:
    made = trail(ws, ADD, ("undo", 1), ("redo", 2), ("undo", 1))
    for serial in (1, 3, 4):
        assert list(made.redoable(Span(serial, serial))) == [4]
    with pytest.raises(UsageError, match="taken back by change 4"):
        list(made.undoable(Span(3, 3)))


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("12", Span(12, 12)),
        ("12..15", Span(12, 15)),
        (" 12.. ", Span(12, None)),
        ("1,234", Span(1234, 1234)),
    ],
)
def test_spans_are_read(text: str, span: Span) -> None:
    assert Span.read(text) == span


@pytest.mark.parametrize("text", ["", "x", "-1", "12.15", "15..12", "1..2..3", "..5"])
def test_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        Span.read(text)


def test_entries_that_are_no_longer_at_hand_are_read_again(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_KEPT_ROWS", 3)
    for number in range(30):
        step = make_plan(create(row(number)), serial=number)
        ws.store.apply(step, limit=LIMIT, now=NOW, actor="ana")
    made = Trail.of(ws)
    assert made.last == 30
    found = list(made.entries(made.undoable()))
    assert [entry.serial for entry in found] == list(range(30, 0, -1))
    assert [entry.serial for entry in made.entries([7, 30])] == [7, 30]
