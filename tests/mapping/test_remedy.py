"""Every code has an answer, and no answer promises what cannot be set."""

from __future__ import annotations

import pytest

from tidegate.mapping.candidate import Rejection
from tidegate.mapping.guard import FIXED_GUARDS, OVERRIDABLE
from tidegate.mapping.remedy import remedy
from tidegate.stix.atoms import REFUSALS


def asked(code: str, atom: int | None = None) -> tuple[str, str]:
    return remedy(Rejection("acme", "indicator--1", code, "", atom=atom))


@pytest.mark.parametrize("guard", FIXED_GUARDS)
def test_fixed_guards_offer_nothing_to_set(guard: str) -> None:
    decided_by, change = asked(f"guard_{guard}", 0)
    assert decided_by == f"guard {guard}"
    assert change.startswith("nothing") or guard == "own"
    assert "--override" not in change


@pytest.mark.parametrize("guard", OVERRIDABLE)
def test_the_others_name_the_setting_and_the_override(guard: str) -> None:
    _, change = asked(f"guard_{guard}", 0)
    assert "config.toml" in change
    assert f"--override {guard} --reason" in change


def test_a_guard_that_is_not_known_here_promises_nothing() -> None:
    assert asked("guard_new", 0) == ("guard new", "nothing that can be set")


@pytest.mark.parametrize("code", [*REFUSALS, "pattern_type_yara"])
def test_what_a_row_cannot_say_stays_out(code: str) -> None:
    assert asked(code, 0)[0] == "pattern"
    assert asked(code, 0)[1].startswith("nothing")


@pytest.mark.parametrize(
    ("code", "atom", "by"),
    [
        ("policy_skip", 0, "policy"),
        ("not_yet_valid", None, "time"),
        ("benign", None, "object"),
        ("no_pattern", None, "object"),
        ("cidr", 0, "value"),
        ("unreadable_pattern", None, "pattern"),
    ],
)
def test_who_decided(code: str, atom: int | None, by: str) -> None:
    assert asked(code, atom)[0] == by
    assert asked(code, atom)[1]
