from __future__ import annotations

from tidegate.service.conflicts import Conflict, Standing
from tidegate.tui.differing import COLUMNS, SPARE, few_lines, one_line, what, whole
from tidegate.tui.grid_layout import fitted
from tui.stage import NOW, make_row

ROW = make_row(1)
FIELD = Conflict("x.severity", "field", ROW, "severity", "Low", "High", ("acme-c2",), Standing.OPEN)
AGAINST = Conflict(
    "x.abc",
    "row",
    ROW,
    "row",
    {"action": "Allow", "groups": ()},
    {"action": "Block", "groups": ("lab",)},
    ("noisy",),
    Standing.SETTLED,
    make_row(1, title="Their title"),
)


def test_both_sides_and_what_each_answer_means() -> None:
    assert one_line(FIELD).plain == " severity  yours Low  ·  acme-c2 wants High"
    assert "you set the severity" in few_lines(FIELD).plain
    text = whole(AGAINST, NOW).plain
    assert what(AGAINST) in text
    for part in ("Allow, all devices", "Block, lab", "Their title", "this is settled", "m  your"):
        assert part in text


def test_both_sides_are_columns_at_80() -> None:
    keys = [column.key for column in fitted(COLUMNS, 78, SPARE)]
    assert {"value", "field", "mine", "theirs"} <= set(keys)
