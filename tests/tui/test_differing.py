from __future__ import annotations

from tidegate.feed import Then
from tidegate.indicators.kinds import Action, Severity
from tidegate.service.conflicts import Conflict, Standing
from tidegate.tui.differing import one_line, rule_text, what, whole
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
    assert "you set the severity" in what(FIELD)
    text = whole(AGAINST, NOW).plain
    assert what(AGAINST) in text
    for part in ("Allow, all devices", "Block, lab", "Their title", "this is settled", "m  your"):
        assert part in text


def test_a_rule_is_told_before_it_is_written() -> None:
    then = Then(action=Action.BLOCK, severity=Severity.LOW, groups=("lab",), expires=None)
    values = [f"h{n}.example.com" for n in range(5)]
    assert rule_text(values[:1], then) == (
        "when the value is h0.example.com: Block, Low, lab, expires never"
    )
    assert ", h2.example.com and 2 more: " in rule_text(values, then)
    skip = Then.model_validate({"action": "skip", "expires": "30d"})
    assert rule_text(values[:3], skip).endswith(
        "h2.example.com: skip, Medium, all devices, expires 30d"
    )
