"""The row of a change, as the command line calls it."""

from __future__ import annotations

from strategies.builders import create, edit, remove, row, suppression
from tidegate.cli.moves import head
from tidegate.indicators.plan import Change

ONE = row(1, groups=("servers",))


def test_a_change_says_what_happens_to_which_row() -> None:
    (new,), (gone,), (other,) = create(ONE), remove(ONE), edit(ONE, title="x")
    assert head(new) == f"+ domain h1.example.com [{ONE.id}]"
    assert head(gone)[0] == "-"
    assert head(other)[0] == "~"
    note = suppression(1)
    assert head(Change(None, note, "")) == f"+ suppression of domain h1.example.com [{note.id}]"
