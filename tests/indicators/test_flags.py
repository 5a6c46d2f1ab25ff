"""What sets a row apart, in letters."""

from __future__ import annotations

from tidegate.indicators.flags import letters
from tidegate.indicators.kinds import Action, Origin
from tui.stage import make_row


def test_flags_say_what_sets_a_row_apart() -> None:
    owned = {"action": Action.ALERT_ONLY}
    row = make_row(1, pinned=True, note="x", owned=owned, origin=Origin.FOREIGN)
    assert letters(row) == "CPONF"
    assert letters(make_row(1, value="xn--pple-43d.example.com")) == "≠"
    assert letters(make_row(1, value="a\u200bb")) == "≠"
    assert letters(make_row(1)) == ""


def test_what_was_settled_or_is_agreed_on_is_no_conflict() -> None:
    agreed = make_row(1, owned={"action": Action.ALERT_AND_BLOCK})
    assert letters(agreed) == "O"
    wanted = {"action": Action.ALERT_ONLY}
    assert letters(make_row(1, owned=wanted, settled=wanted)) == "O"
    assert letters(make_row(1, owned=wanted, settled={"action": Action.WARN})) == "CO"
