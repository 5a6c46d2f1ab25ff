"""What stands, what was taken back and what was done again, read off the journal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from strategies.builders import LIMIT, NOW, create, row
from strategies.builders import plan as make_plan
from tidegate.errors import StoreDamaged, UsageError
from tidegate.service import trail as module
from tidegate.service.trail import Span, Trail
from tidegate.service.workspace import Workspace
from tidegate.store.entry import GENESIS, Entry, build, encode
from tidegate.store.records import Record


def trail(ws: Workspace, *shape: tuple[str, int | None]) -> Trail:
    """A trail of entries by door and what each takes back."""
    made = Trail(ws)
    for serial, (door, undoes) in enumerate(shape, 1):
        made.take(record(serial, door, undoes))
    return made


def record(serial: int, door: str, undoes: int | None) -> Record:
    return encode(Entry(serial, NOW, "ana", door, "", undoes=undoes), GENESIS)[1]


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
    made.take(record(5, "undo", 1))
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


class Counted:
    """Counts the records that are read and the entries that are built."""

    def __init__(self, ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read = self.built = 0
        self._records = ws.store.records
        monkeypatch.setattr(ws.store, "records", self._read)
        monkeypatch.setattr(module, "build", self._build)

    def _read(self) -> Iterator[Record]:
        for each in self._records():
            self.read += 1
            yield each

    def _build(self, each: Record) -> Entry:
        self.built += 1
        return build(each)


@pytest.fixture
def thirty(ws: Workspace) -> Workspace:
    """Thirty changes of a row each."""
    for number in range(30):
        step = make_plan(create(row(number)), serial=number)
        ws.store.apply(step, limit=LIMIT, now=NOW, actor="ana")
    return ws


def test_what_is_at_hand_is_not_read_again_and_only_what_is_asked_for_is_built(
    thirty: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(thirty, monkeypatch)
    made = Trail.of(thirty)
    assert (made.last, counted.read, counted.built) == (30, 30, 0)
    found = made.entries(made.undoable())
    assert [next(found).serial for _ in range(3)] == [30, 29, 28]
    assert (counted.read, counted.built) == (30, 3)


def test_entries_that_are_no_longer_at_hand_are_read_again(
    thirty: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_KEPT_ROWS", 10)
    counted = Counted(thirty, monkeypatch)
    made = Trail.of(thirty)
    found = list(made.entries(made.undoable()))
    assert [entry.serial for entry in found] == list(range(30, 0, -1))
    # Five at hand, then ten rows at a time, each time as far as the newest of them.
    assert (counted.read, counted.built) == (30 + 25 + 15 + 5, 30)
    assert [entry.serial for entry in made.entries([7, 30])] == [7, 30]
    assert list(made.entries([])) == []


def test_a_refusal_is_raised_when_its_turn_comes(
    thirty: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_KEPT_ROWS", 10)
    made = Trail.of(thirty)

    def refused() -> Iterator[int]:
        yield from (30, 3, 2)
        raise UsageError("no further")

    found = made.entries(refused())
    assert [next(found).serial for _ in range(3)] == [30, 3, 2]
    with pytest.raises(UsageError, match="no further"):
        next(found)


def test_a_damaged_journal_names_what_mends_it(thirty: Workspace) -> None:
    path = thirty.store.journal.path
    path.write_bytes(path.read_bytes().replace(b"h7.", b"h8."))
    with pytest.raises(StoreDamaged) as caught:
        Trail.of(thirty)
    assert "tidegate restore" in caught.value.hint


def test_a_change_whose_rows_cannot_be_read_is_damage(ws: Workspace) -> None:
    whole = record(1, "add", None)
    with pytest.raises(StoreDamaged, match="change 1 cannot be read"):
        module.built({**whole, "changes": [{"before": None, "after": None}]})
    del whole["undoes"]
    with pytest.raises(StoreDamaged, match="change 1 cannot be read"):
        Trail(ws).take(whole)
