"""What would change a rejection: who decided, and what to do where anything can be done.

Owns the words for each code. Refuses hope: where nothing that an operator may set would change the
answer, it says so.
"""

from __future__ import annotations

from typing import NamedTuple

from tidegate.mapping.candidate import Rejection
from tidegate.mapping.guard import FIXED_GUARDS, OVERRIDABLE, WARNINGLIST
from tidegate.mapping.judge import (
    ACTION_NOT_SUPPORTED,
    ALLOW_NOT_PERMITTED,
    DECAYED,
    EXPIRED,
    GUARD,
    NOT_REPAIRED,
    POLICY_SKIP,
)
from tidegate.mapping.policy import BENIGN
from tidegate.mapping.translate import NOT_YET_VALID, UNREADABLE_PATTERN
from tidegate.stix.atoms import REFUSALS


class Remedy(NamedTuple):
    """Who decided, and what would change the answer."""

    decided_by: str
    change: str


_TRY = "; `tidegate plan --policy FILE` tries it"
_OTHER_LANGUAGE = "pattern_type_"
_OF_PATTERN = Remedy(
    "pattern",
    "nothing: one row cannot say this; if a value alone is enough, `tidegate add VALUE` by hand",
)
_OF_OBJECT = Remedy("object", "nothing here: the publisher has to mend the object")
_OF_VALUE = Remedy(
    "value", "nothing here: the publisher has to mend it; or add the right value by hand"
)


def _policy(change: str) -> Remedy:
    return Remedy("policy", f"{change}, in feed.toml{_TRY}")


_KNOWN = {
    POLICY_SKIP: _policy("change the rule it names, or put one before it"),
    ALLOW_NOT_PERMITTED: _policy("permit_allow = true, to be confirmed at a terminal"),
    NOT_REPAIRED: _policy("take the repair it names out of [repairs]"),
    DECAYED: _policy("a lower end of [expiry] decay"),
    EXPIRED: _policy("a longer `expires`, unless the object itself ends then"),
    ACTION_NOT_SUPPORTED: _policy("a rule with another action for this type"),
    NOT_YET_VALID: Remedy("time", "nothing to do: it is let in when its term begins"),
    BENIGN: Remedy(
        "object", "nothing: whoever knows better adds the value by hand, `tidegate add VALUE`"
    ),
    UNREADABLE_PATTERN: Remedy("pattern", "what the grammar says tells whose fault it is"),
    **dict.fromkeys(REFUSALS, _OF_PATTERN),
}


def remedy(rejection: Rejection) -> Remedy:
    """Tell what would change a rejection."""
    code = rejection.code
    if code.startswith(GUARD):
        name = code.removeprefix(GUARD)
        return Remedy(f"guard {name}", _of_guard(name))
    if code.startswith(_OTHER_LANGUAGE):
        return _OF_PATTERN
    # What belongs to one alternative of the pattern is about its value; all else is about the
    # object.
    return _KNOWN.get(code, _OF_OBJECT if rejection.atom is None else _OF_VALUE)


def _of_guard(name: str) -> str:
    if name == "own":
        return "remove it from [own] in config.toml, if it is not yours any more"
    if name in FIXED_GUARDS:
        return "nothing: this guard keeps the tenant from blocking itself"
    by_hand = f"one value by hand: `tidegate add VALUE --override {name} --reason TEXT`"
    if name not in OVERRIDABLE:
        return "nothing that can be set"
    if name == WARNINGLIST:
        return f"another level for the list under [guards.lists] in config.toml; {by_hand}"
    return f'{name} = "warn" under [guards] in config.toml; {by_hand}'
