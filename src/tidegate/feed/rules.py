"""What becomes of a feed's indicators: the `[[rule]]` and `[default]` tables of feed.toml.

Owns conditions, outcomes and their words, each unknown one answered with the nearest known. Refuses
to apply them: mapping/policy.py does.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from tidegate.errors import InvalidValue
from tidegate.indicators.kinds import (
    Action,
    IndicatorType,
    Severity,
    parse_action,
    parse_severity,
    parse_type,
)
from tidegate.indicators.term import parse_term
from tidegate.indicators.value import classify
from tidegate.toml_errors import Table, plain, suggestion

CATEGORIES = (
    "None",
    "Collection",
    "CommandAndControl",
    "CredentialAccess",
    "DefenseEvasion",
    "Discovery",
    "Execution",
    "Exfiltration",
    "Exploit",
    "InitialAccess",
    "LateralMovement",
    "Malware",
    "Persistence",
    "PrivilegeEscalation",
    "Ransomware",
    "SuspiciousActivity",
    "UnwantedSoftware",
)
"""Alert categories as the portal's CSV spells them ("Import indicators", column Category)."""

_CONFIDENCE = re.compile(r"(>=|<=|>|<|=)\s*([0-9]{1,3})")
_COMPARE = MappingProxyType(
    {
        ">=": operator.ge,
        "<=": operator.le,
        ">": operator.gt,
        "<": operator.lt,
        "=": operator.eq,
    }
)


def _value(text: str) -> str:
    """Bring a value into the form that candidates have; InvalidValue is a ValueError, too."""
    try:
        return classify(text)[1]
    except InvalidValue as fault:
        raise ValueError(f'"{plain(text)}" is no value: {fault.message}') from None


def _one_or_many(value: object) -> object:
    """Let people write one word where a list of words is meant."""
    return [value] if isinstance(value, str) else value


def _type(value: object) -> object:
    return _word(value, parse_type, "type", [kind.value for kind in IndicatorType])


def _severity(value: object) -> object:
    return _word(value, parse_severity, "severity", [severity.value for severity in Severity])


def _action(value: object) -> object:
    if value == "skip":
        return None
    names = [*(action.value for action in Action), "skip"]
    return _word(value, parse_action, "action", names)


def _word(value: object, parse: Callable[[str], object], what: str, known: list[str]) -> object:
    if not isinstance(value, str):
        raise ValueError(f"must be text in quotes{suggestion('', known)}")  # noqa: TRY004 - pydantic collects ValueError only
    found = parse(value)
    if found is None:
        raise ValueError(f'unknown {what} "{plain(value)}"{suggestion(value, known)}')
    return found


def term(value: object) -> object:
    """Read a term of a TOML file for pydantic; a timedelta and None stay as they are."""
    if isinstance(value, timedelta) or value is None:
        return value
    if not isinstance(value, str):
        raise ValueError('must be a term in quotes, such as "30d", "12h" or "never"')  # noqa: TRY004 - pydantic collects ValueError only
    return parse_term(value)


def _category(value: str) -> str:
    folded = {name.casefold(): name for name in CATEGORIES}
    key = value.replace(" ", "").casefold()
    if value and key not in folded:
        raise ValueError(f'unknown category "{plain(value)}"{suggestion(value, CATEGORIES)}')
    return folded.get(key, "")


def _confidence(value: str) -> str:
    text = "".join(value.split())
    found = _CONFIDENCE.fullmatch(text)
    if text not in ("absent", "present") and not (found and int(found[2]) <= 100):  # noqa: PLR2004 - STIX 2.1 §3.2: confidence runs from 0 to 100
        raise ValueError(f'"{plain(value)}" is none of ">=80", "<50", "present", "absent"')
    return text


@cache  # asked once for each object and rule, and a feed has a million objects
def _comparison(condition: str) -> tuple[Callable[[int, int], bool], int]:
    found = _CONFIDENCE.fullmatch(condition)
    if found is None:
        raise ValueError(f"not a confidence condition: {condition}")
    return _COMPARE[found[1]], int(found[2])


Words = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]
TermField = Annotated[timedelta | None, BeforeValidator(term)]


class When(Table):
    """What an indicator must look like for a rule; an empty condition is met by all.

    `indicator_types` and `labels` hold lower-case words, of which one must be present. `value`
    holds canonical values, of which the indicator must name one; any hash of a file names it.
    """

    type: Annotated[
        tuple[Annotated[IndicatorType, BeforeValidator(_type)], ...], BeforeValidator(_one_or_many)
    ] = ()
    confidence: Annotated[str, AfterValidator(_confidence)] | None = None
    indicator_types: Words = ()
    labels: Words = ()
    value: Annotated[
        frozenset[Annotated[str, AfterValidator(_value)]], BeforeValidator(_one_or_many)
    ] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _fold_words(cls, data: object) -> object:
        if not isinstance(data, Mapping):
            return data
        folded = dict(data)
        for key in ("indicator_types", "labels"):
            words = _one_or_many(folded.get(key))
            if isinstance(words, (list, tuple)) and all(isinstance(word, str) for word in words):
                folded[key] = [word.casefold() for word in words]
        return folded

    def confident(self, confidence: int | None) -> bool:
        """Say whether an object's confidence (0-100, None when it has none) meets the condition.

        A comparison is never met by an object without confidence: unknown is not low.
        """
        if self.confidence is None:
            return True
        if self.confidence in ("absent", "present"):
            return (confidence is None) == (self.confidence == "absent")
        if confidence is None:
            return False
        compare, bound = _comparison(self.confidence)
        return compare(confidence, bound)


class Then(Table):
    """What becomes of an indicator. `action` None is `skip`: it is rejected as `policy_skip`.

    `expires` is a term counted from the feed's latest evidence; None means never.
    """

    action: Annotated[Action | None, BeforeValidator(_action)]
    severity: Annotated[Severity, BeforeValidator(_severity)] = Severity.MEDIUM
    groups: Words = ()
    expires: TermField = timedelta(days=14)
    category: Annotated[str, AfterValidator(_category)] = ""


class Default(Then):
    """What becomes of an indicator that no rule matches."""

    action: Annotated[Action | None, BeforeValidator(_action)] = Action.ALERT_ONLY


class Rule(Table):
    """One line of the policy; the first whose `when` is met decides."""

    name: Annotated[str, Field(min_length=1)]
    when: When = When()
    then: Then
