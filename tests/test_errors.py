"""Errors: each with its exit code, a message, and a hint where there is a fix."""

from __future__ import annotations

import pytest

from tidegate import errors
from tidegate.errors import ExitCode, TidegateError

CODES: dict[type[TidegateError], int] = {
    errors.UsageError: 2,
    errors.AmbiguousItem: 2,
    errors.ConfigError: 2,
    errors.FeedDefinitionError: 2,
    errors.IndicatorError: 2,
    errors.InvalidValue: 2,
    errors.ActionNotSupported: 2,
    errors.HeldBack: 3,
    errors.StoreDamaged: 4,
    errors.StoreTooNew: 4,
    errors.StoreLocked: 5,
    errors.StalePlan: 6,
    errors.FeedError: 7,
    errors.FeedUnavailable: 7,
    errors.FeedRefused: 7,
    errors.BundleError: 7,
    errors.ExportError: 8,
    errors.PartnerDefinitionError: 2,
}
"""The contract with cron jobs. PatternError is missing: it becomes a rejection, never an exit."""


@pytest.mark.parametrize(("kind", "code"), CODES.items())
def test_exit_codes_are_the_documented_ones(kind: type[TidegateError], code: int) -> None:
    assert kind.exit_code == code


def test_every_error_that_can_reach_the_shell_has_a_documented_code() -> None:
    def below(kind: type[TidegateError]) -> set[type[TidegateError]]:
        return {kind}.union(*(below(child) for child in kind.__subclasses__()))

    ours = {kind for kind in below(TidegateError) if kind.__module__ == errors.__name__}
    assert ours - set(CODES) == {TidegateError, errors.PatternError}
    assert ExitCode.INTERNAL not in {kind.exit_code for kind in CODES}


def test_exit_codes_are_unique_and_complete() -> None:
    assert [code.value for code in ExitCode] == list(range(10))


def test_the_fix_follows_the_fault_on_one_line() -> None:
    assert str(errors.UsageError("no such feed", "see `tidegate feeds list`")) == (
        "no such feed (see `tidegate feeds list`)"
    )
    assert str(errors.UsageError("no such feed")) == "no such feed"


def test_an_ambiguous_item_lists_the_ids() -> None:
    fault = errors.AmbiguousItem("ab names 2 rows", ("abc", "abd"))
    assert fault.ids == ("abc", "abd")
    assert "abc, abd" in fault.hint


def test_a_bad_value_is_a_value_error_with_a_stable_code() -> None:
    with pytest.raises(ValueError, match="a range") as caught:
        raise errors.InvalidValue("cidr", "a range", "list its addresses")
    assert isinstance(caught.value, errors.InvalidValue)
    assert caught.value.code == "cidr"
    assert errors.ActionNotSupported("no").code == "action_not_supported"


def test_a_pattern_error_says_where() -> None:
    assert errors.PatternError("unexpected ]", 17).position == 17
