"""Disputes in words: lines under headings, and the sides of each."""

from __future__ import annotations

from datetime import timedelta

from tidegate.indicators.kinds import Action
from tidegate.service.conflicts import Conflict, Standing
from tidegate.service.disputes import Dispute, Group, Side
from tidegate.tui.disputing import COLUMNS, SPARE, both, few_lines, items, one_line, what, whole
from tidegate.tui.grid_layout import fitted
from tui.stage import NOW, make_row

ALLOW = make_row(1, action=Action.ALLOW, value="www.example.com", created=NOW - timedelta(hours=5))
BLOCK = make_row(2, action=Action.BLOCK, value="example.com", groups=("lab",), confidence=80)
SIDES = (Side(ALLOW, "a person", listed=True), Side(BLOCK, "acme-c2", listed=True))
OVERLAP = Dispute("x.overlap", Group.ALLOW, ALLOW, SIDES, "because", Standing.SETTLED)
WISHED = (SIDES[0], Side(BLOCK, "acme-c2", listed=False))
FIELD = Dispute(
    "x.title", Group.FIELD, ALLOW, WISHED, "kept", Standing.OPEN,
    Conflict("x.title", "field", ALLOW, "title", "Ours", "Theirs", ("acme-c2",), Standing.OPEN),
)  # fmt: skip


def test_lines_stand_under_the_heading_of_their_group() -> None:
    lines = items([OVERLAP, FIELD])
    assert [(it.id, it.heading) for it in lines] == [
        ("group allow against block", True),
        ("x.overlap", False),
        ("group other fields", True),
        ("x.title", False),
    ]
    cells = {c.key: [c.cell(it, NOW) for it in lines] for c in COLUMNS}
    assert cells["kept"] == ["▾", "✓", "▾", ""]
    assert cells["value"][:2] == ["allow against block", "www.example.com"]
    assert cells["decides"] == ["", "ALW a person", "", "Ours"]
    assert cells["against"] == ["", "BLO acme-c2", "", "Theirs"]


def test_both_sides_and_the_mark_are_columns_at_80() -> None:
    keys = {column.key for column in fitted(COLUMNS, 78, SPARE)}
    assert {"kept", "value", "field", "decides", "against"} <= keys
    assert "rule" in {column.key for column in fitted(COLUMNS, 150, SPARE)}


def test_the_sides_stand_beside_each_other_with_the_rule() -> None:
    overlap = items([OVERLAP])[1]
    assert one_line(overlap).plain == " ALW a person decides over BLO acme-c2: because"
    assert "decides  ALW a person  because" in few_lines(overlap).plain
    lines = whole(overlap, NOW).plain.splitlines()
    assert "2 rows name it" in what(OVERLAP)
    assert [" ".join(line.split()) for line in lines if line[:3] in ("1 ✓", "2  ")] == [
        "1 ✓ a person ALW all 1 5h",
        "2 acme-c2 BLO lab 80 3d",
    ]
    assert "    example.com" in lines
    assert "this is settled: you kept it so" in lines
    field = whole(items([FIELD])[1], NOW).plain
    assert both(FIELD) == ("Ours", "Theirs")
    assert all(part in field for part in ("wish", "rule kept", "you set the title", "m  yours"))
