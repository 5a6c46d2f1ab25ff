from __future__ import annotations

from tidegate.tui.ascii_only import ascii_of
from tidegate.tui.signs import SIGNS


def test_signs_differ_from_one_another_in_ascii_too() -> None:
    plain = [ascii_of(sign) for sign in SIGNS]
    assert len(set(plain)) == len(SIGNS)
    assert all(sign.isascii() and len(sign) <= 2 for sign in plain)
