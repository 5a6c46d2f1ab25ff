"""The objects that the rules of a policy can tell apart: enough of them to prove something of all.

Conditions on words are met by having more of them, so an object with no more words than some rules
ask for is the best witness for or against them: trying those, with every type and every confidence,
is trying all. Refuses to say what is wrong with a policy: policy_lint does.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple, TypeVar

from tidegate.feed import FeedDefinition, Rule, Then, When
from tidegate.feed.when import NOTHING, age_comparison
from tidegate.indicators.kinds import FILE_TYPES, IndicatorType
from tidegate.indicators.value import classify
from tidegate.mapping.policy import BENIGN, DEFAULT_RULE, Facts, matches
from tidegate.stix.markings import LEVELS

_NO_TIME = timedelta(0)
_MOMENT = timedelta(seconds=1)  # conditions on age speak of minutes

_WORDS = ("indicator_types", "labels", "kill_chain", "indicates")
"""Conditions that ask for one of several words."""

_UNNAMED = "unnamed:path"

Item = TypeVar("Item")


class EnoughError(Exception):
    """The search took as long as it may."""


class Case(NamedTuple):
    """An object and one of its values; its confidence is tried apart."""

    kind: IndicatorType
    names: frozenset[str]
    facts: Facts


class Run(NamedTuple):
    """Neighbouring confidences that no condition tells apart."""

    low: int | None
    high: int | None


class World:
    """The objects that the rules of a policy can tell apart."""

    def __init__(self, feed: FeedDefinition) -> None:
        self.rules = feed.rules
        self.default = feed.default
        self.left = 0
        self.kinds = tuple(IndicatorType)
        self.runs = self._runs()
        whens = [rule.when for rule in feed.rules]
        self._known = {
            name: _one_of_each(
                {word for when in whens for word in getattr(when, name)} - unseen(name),
                lambda word, name=name: tuple(word in getattr(when, name) for when in whens),  # type: ignore[misc]
            )
            for name in _WORDS
        }
        self._told_alone = any(NOTHING in when.beside for when in whens)
        self._paths = _one_of_each(
            {path for when in whens for path in when.beside} - {NOTHING},
            lambda path: tuple(path in when.beside for when in whens),
        )
        self._contexts = self._context(whens)
        self._names = _one_of_each(
            {name for when in whens for name in when.value},
            lambda name: (classify(name)[0], tuple(name in when.value for when in whens)),
        )

    def _context(self, whens: Sequence[When]) -> tuple[Facts, ...]:
        """Who may have published an object, under which TLP level, and how long ago."""
        creators = _one_of_each(
            {"", *(ident for when in whens for ident in when.creator)},
            lambda ident: tuple(not when.creator or ident in when.creator for when in whens),
        )
        levels = _one_of_each(
            LEVELS, lambda level: tuple(not when.tlp or level in when.tlp for when in whens)
        )
        bounds = [age_comparison(when.age)[1] for when in whens if when.age is not None]
        moments = {bound + step for bound in bounds for step in (-_MOMENT, _NO_TIME, _MOMENT)}
        ages = _one_of_each(
            {_NO_TIME, *moments}, lambda age: tuple(when.old(age) for when in whens)
        )
        none: frozenset[str] = frozenset()
        return tuple(
            Facts(None, none, none, (), creator, level, age)
            for creator, level, age in itertools.product(creators, levels, ages)
        )

    def _runs(self) -> tuple[Run, ...]:
        """The confidences in ascending order, first the one of objects that have none."""
        found = [Run(None, None)]
        alike = None
        for confidence in range(101):
            met = tuple(rule.when.confident(confidence) for rule in self.rules)
            if met == alike:
                found[-1] = found[-1]._replace(high=confidence)
            else:
                found.append(Run(confidence, confidence))
            alike = met
        return tuple(found)

    def cases(self, rules: Sequence[Rule]) -> Iterator[Case]:
        """The objects that have no more words and values than these rules ask for."""
        kinds = [
            kind for kind in self.kinds if all(kind in (r.when.type or (kind,)) for r in rules)
        ]
        words = (self._least(known, name, rules) for name, known in self._known.items())
        names = self._least(self._names, "value", rules)
        contexts = [c for c in self._contexts if all(_published(r.when, c) for r in rules)]
        for types, labels, phases, indicates, beside in itertools.product(
            *words, self._stood(rules)
        ):
            for called, kind, context in itertools.product(names, kinds, contexts):
                if possible(kind, called):
                    facts = context._replace(
                        indicator_types=types,
                        labels=labels,
                        kill_chain=tuple(sorted(phases)),
                        indicates=indicates,
                        beside=beside,
                    )
                    yield Case(kind, called, facts)

    def _least(
        self, known: Iterable[str], name: str, rules: Sequence[Rule]
    ) -> list[frozenset[str]]:
        """The smallest sets that hold a word of each rule that asks for one."""
        asked = [words for rule in rules if (words := getattr(rule.when, name))]
        choices = ([word for word in known if word in words] for words in asked)
        return sorted({frozenset(chosen) for chosen in itertools.product(*choices)}, key=sorted)

    def _stood(self, rules: Sequence[Rule]) -> list[frozenset[str]]:
        """What may have stood beside a value, as these rules ask: nothing, or some paths.

        Having less is a word of its own here. So where none of them asks, and another rule tells
        the two apart, something that no rule names is tried beside nothing.
        """
        asked = [rule.when.beside for rule in rules if rule.when.beside]
        alone = [frozenset[str]()] if all(NOTHING in paths for paths in asked) else []
        if not asked:
            return [*alone, frozenset((_UNNAMED,))] if self._told_alone else alone
        choices = ([path for path in self._paths if path in paths] for paths in asked)
        some = {frozenset(chosen) for chosen in itertools.product(*choices)}
        return [*alone, *sorted(some, key=sorted)]

    def spend(self, tries: int) -> None:
        """Count conditions that are about to be asked; raises EnoughError when there were many."""
        self.left -= tries
        if self.left < 0:
            raise EnoughError

    def first(self, case: Case, run: Run, before: int | None = None) -> int | None:
        """The number of the rule that decides, of the first `before`; None for the default."""
        facts = case.facts._replace(confidence=run.low)
        for number, rule in enumerate(self.rules[:before]):
            if matches(rule.when, facts, case.kind, case.names):
                return number
        return None

    def name(self, number: int | None) -> str:
        """The name of a rule, or the default's."""
        return DEFAULT_RULE if number is None else self.rules[number].name

    def then(self, number: int | None) -> Then:
        """What a rule wants, or the default."""
        return self.default if number is None else self.rules[number].then


def _published(when: When, facts: Facts) -> bool:
    """Whether publisher, level and age are what a rule asks for."""
    return (
        (not when.creator or facts.creator in when.creator)
        and (not when.tlp or facts.tlp in when.tlp)
        and when.old(facts.age)
    )


def unseen(name: str) -> frozenset[str]:
    """Words that no rule ever sees: such objects are refused before."""
    return frozenset((BENIGN,)) if name in ("indicator_types", "labels") else frozenset()


def _one_of_each(items: Iterable[Item], alike: Callable[[Item], Hashable]) -> tuple[Item, ...]:
    """One item for all that the rules cannot tell apart."""
    return tuple({alike(item): item for item in sorted(items, key=str, reverse=True)}.values())


def possible(kind: IndicatorType, names: frozenset[str]) -> bool:
    """Whether one value of this type can go by all these names; a file has a name of each hash."""
    if not names:
        return True
    kinds = [classify(name)[0] for name in names]
    if kind is IndicatorType.CERTIFICATE:
        return all(found in FILE_TYPES for found in kinds)
    if kind not in FILE_TYPES:
        return kinds == [kind]
    weaker = FILE_TYPES[FILE_TYPES.index(kind) :]  # a file is known by its strongest hash
    return len(set(kinds)) == len(kinds) and all(found in weaker for found in kinds)
