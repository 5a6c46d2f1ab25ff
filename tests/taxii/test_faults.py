"""The last of several attempts is told as such, with the pause that the server asked for."""

import pytest

from tidegate.taxii.faults import Unanswered


@pytest.mark.parametrize(
    ("asked", "attempts", "told"),
    [
        (None, 1, "x answered 503 (try again later)"),
        (None, 4, "x answered 503, at the last of 4 attempts (try again later)"),
        (29.2, 2, "x answered 503, at the last of 2 attempts (try again in 30 s)"),
        (0, 1, "x answered 503 (try again later)"),
        (1e9, 1, "x answered 503 (try again later)"),
        (float("inf"), 1, "x answered 503 (try again later)"),
    ],
)
def test_what_is_told_in_the_end(asked: float | None, attempts: int, told: str) -> None:
    fault = Unanswered("x answered 503", "try again later", asked=asked)
    assert str(fault.after(attempts)) == told
