"""Changes in words."""

from __future__ import annotations

import pytest

from strategies.builders import create, edit, remove, row
from tidegate.service.moves import fields, moved, word

ONE = row(1, groups=("servers",))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "(none)"),
        ("", "(none)"),
        ([], "(none)"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (["a", "b"], "a, b"),
        ([["acme", "indicator--1", ""]], "acme, indicator--1, (none)"),
        ({"title": "x", "groups": []}, "title=x, groups=(none)"),
        ("High", "High"),
        ("2026-01-10T12:00:00.123456Z", "2026-01-10T12:00:00Z"),
        ("at 2026-01-10T12:00:00.123456Z", "at 2026-01-10T12:00:00.123456Z"),
    ],
)
def test_values_are_words(value: object, text: str) -> None:
    assert word(value) == text


def test_an_update_is_told_as_before_and_after() -> None:
    (change,) = edit(ONE, title="new", groups=(), updated=ONE.updated.replace(year=2027))
    assert dict(fields(change)) == {
        "title": "row 1 → new",
        "groups": "servers → (none)",
        "updated": "2026-01-10T12:00:00Z → 2027-01-10T12:00:00Z",
    }
    assert moved(change) == "title row 1 → new; groups servers → (none)"


def test_a_row_that_comes_or_goes_is_told_as_it_is() -> None:
    (new,), (gone,) = create(ONE), remove(ONE)
    assert dict(fields(new)) == dict(fields(gone))
    assert dict(fields(new))["severity"] == "Medium"
    assert moved(new) == moved(gone) == ""
