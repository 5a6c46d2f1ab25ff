"""The codes of refused atoms are stable words."""

from __future__ import annotations

import re

from tidegate.stix.atoms import REFUSALS


def test_codes_are_distinct_lower_snake_case() -> None:
    assert len(set(REFUSALS)) == len(REFUSALS)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in REFUSALS)
