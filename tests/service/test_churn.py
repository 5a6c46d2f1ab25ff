"""Thirty days of slowly changing feeds on a full list: it follows them, and no row flaps."""

from __future__ import annotations

from pathlib import Path

import pytest

from driving.churning import DAYS, live


@pytest.mark.parametrize("seed", [1, 5])
def test_a_full_list_follows_its_feeds_and_no_row_flaps(tmp_path: Path, seed: int) -> None:
    story = live(tmp_path / "home", seed)
    moved = story.moved
    assert len(moved) == DAYS
    # Six new values and two that end a day: what else moves is what these push out and let in.
    assert max(moved) <= 3 * (6 + 2)
    assert sum(moved) / DAYS <= 12
    assert story.flaps == []
