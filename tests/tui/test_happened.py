from __future__ import annotations

from collections import Counter

from tidegate.indicators.plan import Change, Op
from tidegate.service.history import Head
from tidegate.store.entry import Entry
from tidegate.tui.grid_layout import fitted
from tidegate.tui.happened import COLUMNS, SPARE, change_text, few_lines, standing, state, whole
from tui.stage import NOW, make_row

ENTRY = Entry(7, NOW, "ana", "sync", "sync of acme-c2")
HEAD = Head(ENTRY, Counter({Op.CREATE: 1_200, Op.REMOVE: 3}), None, None)


def test_whether_a_change_stands_is_a_word_and_what_to_do_about_it() -> None:
    undone = Head(ENTRY, HEAD.counts, 9, None)
    redone = Head(ENTRY, HEAD.counts, None, 11)
    assert [state(it) for it in (HEAD, undone, redone)] == ["", "undone 9", "redone 11"]
    assert standing(HEAD) == "stands: u takes it back"
    assert "U does it again" in standing(undone)


def test_who_when_and_how_many_are_told_at_80_columns() -> None:
    columns = {column.key: column for column in fitted(COLUMNS, 78, SPARE)}
    assert {"serial", "at", "actor", "rows", "state", "reason"} <= set(columns)
    assert columns["rows"].cell(HEAD, NOW) == "+1,200 -3"
    text = few_lines(HEAD).plain
    assert all(part in text for part in ("by ana", "through sync", "1,200 added, 3 removed"))


def test_the_pane_and_the_sheet_tell_fields() -> None:
    assert "door   sync" in whole(HEAD, None).plain
    text = change_text(Change(None, make_row(1), "rule c2"), NOW).plain
    assert text.startswith("+ domain host1.example.com  rule c2")
    assert change_text(None, NOW).plain == ""
