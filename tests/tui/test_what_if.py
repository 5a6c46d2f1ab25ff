from __future__ import annotations

import pytest

from tidegate.errors import UsageError
from tidegate.service.supposing import Outcome, Supposed
from tidegate.tui.what_if import number, outcome_lines, shares, supposed
from tui.stage import make_row


def test_four_fields_amount_to_what_is_supposed() -> None:
    texts = {"limit": "14,000", "reserve": "", "floor": "100", "ceiling": "noisy=5 alien=1,000"}
    assert supposed(texts, "acme-c2") == Supposed(
        14_000, None, {"acme-c2": 100}, {"noisy": 5, "alien": 1_000}
    )
    assert not supposed(dict.fromkeys(texts, " "), "acme-c2")
    assert number(" ") is None


@pytest.mark.parametrize("text", ["many", "-1", "1.5", "1,00", "9" * 30])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no number of slots"):
        number(text)


@pytest.mark.parametrize("text", ["100", "acme", "acme=", "Acme=1", "acme=x", "acme=,"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        shares(text, "")


def test_what_would_follow_names_every_row() -> None:
    coming, going = make_row(1), make_row(2)
    found = Outcome(
        14_000, 10, {"acme-c2": 3}, {"acme-c2": 3, "noisy": 1}, (coming,), (going,), 7, None, 2
    )
    text = "\n".join(line for _, line in outcome_lines(found))
    assert "1 row would come in and 1 go" in text
    assert "the brake would hold 2" in text
    assert "limit 14,000, reserve 10, 7 waiting" in text
    assert "noisy: 0 → 1" in text
    assert f"+ domain {coming.value}" in text
    assert f"- url    {going.value}" in text
