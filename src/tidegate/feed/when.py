"""What an indicator must look like for a rule: the `when` of feed.toml.

Owns conditions and their words, each unknown one answered with the nearest known. Refuses to look
at indicators: mapping/policy.py does.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache, cached_property
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, model_validator

from tidegate.errors import InvalidValue
from tidegate.indicators.kinds import IndicatorType, parse_type
from tidegate.indicators.term import parse_term
from tidegate.indicators.value import classify
from tidegate.stix.markings import LEVELS
from tidegate.toml_errors import Table, plain, suggestion

_CONFIDENCE = re.compile(r"(>=|<=|>|<|=)\s*([0-9]{1,3})")
_AGE = re.compile(r"(>=|<=|>|<)(.+)")
_PATH = re.compile(r"[a-z0-9-]+:[A-Za-z0-9_.\[\]*-]+")

NOTHING = "nothing"
"""What `beside` calls a value that stood alone in its pattern."""

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
    return word_of(value, parse_type, "type", [kind.value for kind in IndicatorType])


def word_of(value: object, parse: Callable[[str], object], what: str, known: list[str]) -> object:
    """Read one word of a known set for pydantic."""
    if not isinstance(value, str):
        raise ValueError(f"must be text in quotes{suggestion('', known)}")  # noqa: TRY004 - pydantic collects ValueError only
    found = parse(value)
    if found is None:
        raise ValueError(f'unknown {what} "{plain(value)}"{suggestion(value, known)}')
    return found


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


def _phase(value: str) -> str:
    folded = value.strip().casefold()
    if not folded or ":" in folded:
        raise ValueError(f'"{plain(value)}" is no phase: write its name alone, such as "delivery"')
    return folded


def _beside(value: str) -> str:
    # Paths are known without the quotes that STIX wants around some of their steps.
    text = value.strip().replace("'", "")
    if text != NOTHING and not _PATH.fullmatch(text):
        raise ValueError(f'"{plain(value)}" is no object path such as "file:name", or "{NOTHING}"')
    return text


def _creator(value: str) -> str:
    if not value.startswith("identity--"):
        raise ValueError(f'"{plain(value)}" is no id of a creator: it begins with "identity--"')
    return value


def tlp_level(value: object) -> object:
    """Read a TLP level for pydantic, with or without its prefix."""
    if not isinstance(value, str):
        return value
    level = value.strip().casefold().removeprefix("tlp:").strip()
    level = "clear" if level == "white" else level  # TLP 1.0's word for the same
    if level not in LEVELS:
        raise ValueError(f'unknown TLP level "{plain(value)}"{suggestion(level, LEVELS)}')
    return level


def _age(value: str) -> str:
    text = "".join(value.split()).casefold()
    try:
        age_comparison(text)
    except ValueError:
        raise ValueError(f'"{plain(value)}" is no age such as "<30d" or ">=12h"') from None
    return text


@cache  # as for confidence
def age_comparison(condition: str) -> tuple[Callable[[timedelta, timedelta], bool], timedelta]:
    """The comparison of a condition on age and what it compares with; raises ValueError."""
    found = _AGE.fullmatch(condition)
    term = parse_term(found[2]) if found else None
    if found is None or term is None:
        raise ValueError(f"not an age condition: {condition}")
    return _COMPARE[found[1]], term


Words = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]


class When(Table):
    """What an indicator must look like for a rule; an empty condition is met by all.

    `indicator_types` and `labels` hold lower-case words, of which one must be present. `value`
    holds canonical values, of which the indicator must name one; any hash of a file names it.
    `kill_chain` holds names of phases in lower case, `creator` ids of those who published, `tlp`
    levels; one of each must be the indicator's. `age` is counted from the latest evidence.
    `indicates` holds lower-case words about what the object indicates: types (`malware`), kinds
    (`ransomware`), names and ids of techniques. `beside` holds object paths that stood beside the
    value in its pattern (`file:name`), or `nothing`.
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
    kill_chain: Annotated[
        tuple[Annotated[str, AfterValidator(_phase)], ...], BeforeValidator(_one_or_many)
    ] = ()
    creator: Annotated[
        tuple[Annotated[str, AfterValidator(_creator)], ...], BeforeValidator(_one_or_many)
    ] = ()
    tlp: Annotated[
        tuple[Annotated[str, BeforeValidator(tlp_level)], ...], BeforeValidator(_one_or_many)
    ] = ()
    age: Annotated[str, AfterValidator(_age)] | None = None
    indicates: Words = ()
    beside: Annotated[
        tuple[Annotated[str, AfterValidator(_beside)], ...], BeforeValidator(_one_or_many)
    ] = ()

    @model_validator(mode="before")
    @classmethod
    def _fold_words(cls, data: object) -> object:
        if not isinstance(data, Mapping):
            return data
        folded = dict(data)
        for key in ("indicator_types", "labels", "indicates"):
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

    @cached_property
    def by_context(self) -> bool:
        """Whether it asks for more than most rules do: asked a million times, so known once."""
        return bool(
            self.kill_chain or self.creator or self.tlp or self.age or self.indicates or self.beside
        )

    def old(self, age: timedelta | None) -> bool:
        """Say whether an object of this age meets the condition; an unknown age meets none."""
        if self.age is None:
            return True
        if age is None:
            return False
        compare, bound = age_comparison(self.age)
        return compare(age, bound)
