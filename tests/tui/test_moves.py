from __future__ import annotations

import dataclasses

from tidegate.indicators.kinds import Severity
from tidegate.indicators.plan import Change
from tidegate.service.moves import SIGN, fields, word
from tidegate.tui.moves import brief, kind
from tui.stage import make_row

ROW = make_row(1, severity=Severity.LOW)


def test_a_change_is_a_sign_a_type_and_the_fields_that_move() -> None:
    after = dataclasses.replace(ROW, severity=Severity.HIGH, note="seen")
    change = Change(ROW, after, "edit")
    assert (SIGN[change.op], kind(change)) == ("~", "domain")
    assert brief(change) == "severity Low → High; note (none) → seen"
    assert ("severity", "Low → High") in fields(change)


def test_a_row_that_comes_or_goes_has_its_reason_and_its_values() -> None:
    assert brief(Change(None, ROW, "rule c2")) == "rule c2"
    assert ("title", ROW.title) in fields(Change(None, ROW, ""))
    assert ("title", ROW.title) in fields(Change(ROW, None, ""))


def test_values_are_words() -> None:
    assert [word(it) for it in (None, True, ["a", "b"], {"x": 1}, 7)] == [
        *("(none)", "yes", "a, b", "x=1", "7"),
    ]
