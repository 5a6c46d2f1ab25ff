"""What is odd about a policy: rules that never decide, and more confidence that gets less.

Owns what counts as less, and the sentences; the objects that prove it are those of policy_objects.
Refuses to judge taste: a policy may be as loud as it likes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from tidegate.feed import FeedDefinition, Rule, Then
from tidegate.indicators.kinds import Action, Severity
from tidegate.mapping.policy import matches
from tidegate.mapping.policy_objects import Case, EnoughError, Run, World, unseen

SHADOWED = "shadowed"
UNREACHABLE = "unreachable"
NOT_MONOTONE = "not_monotone"
NOT_ALL_TRIED = "not_all_tried"

TRIES = 2_000_000
"""Conditions asked for one policy before the search says that it is not complete: a second."""

_STRENGTH = MappingProxyType(
    {
        None: 0,
        Action.ALLOW: 0,  # stops nothing, like skip; a list of good values may rise to it
        Action.ALERT_ONLY: 1,
        Action.WARN: 2,
        Action.BLOCK: 3,
        Action.ALERT_AND_BLOCK: 4,
    }
)
_SEVERITY = MappingProxyType({severity: rank for rank, severity in enumerate(Severity)})


@dataclass(frozen=True, slots=True)
class Finding:
    """One oddity: a stable code, the rules it is about, and a sentence.

    `confidences` are the lower and the higher one that prove that a policy is not monotone; None
    in the first place is an object without confidence.
    """

    code: str
    rules: tuple[str, ...]
    detail: str
    confidences: tuple[int | None, int] | None = None

    def record(self) -> dict[str, object]:
        """The finding in the JSON of `feeds show`."""
        return {
            "code": self.code,
            "rules": list(self.rules),
            "confidences": None if self.confidences is None else list(self.confidences),
            "detail": self.detail,
        }


def lint(feed: FeedDefinition, tries: int = TRIES) -> tuple[Finding, ...]:
    """Find the rules of a feed that never decide, and where more confidence gets less.

    Every confidence from 0 to 100 is compared with every other. Without one an object is not low,
    only unknown: it is compared with full confidence alone, which must not get less than it.
    """
    world = World(feed)
    found: list[Finding] = []
    for search in (_silent_rules, _falls):
        world.left = tries
        try:
            for finding in search(world):
                found.append(finding)  # noqa: PERF402 - what was found before the end counts
        except EnoughError:
            detail = "the policy asks for too many words: not all kinds of objects were compared"
            if all(finding.code != NOT_ALL_TRIED for finding in found):
                found.append(Finding(NOT_ALL_TRIED, (), detail))
    return tuple(found)


def _silent_rules(world: World) -> Iterator[Finding]:
    for number in range(len(world.rules)):
        if found := _silent(world, number):
            yield found


def _silent(world: World, number: int) -> Finding | None:
    """Say why a rule never decides; None when there is an object for it."""
    rule = world.rules[number]
    takers: set[int] = set()
    common = set(range(number))
    any_object = False
    for case, run in itertools.product(world.cases([rule]), world.runs):
        world.spend(1 + number)
        facts = case.facts._replace(confidence=run.low)
        if not matches(rule.when, facts, case.kind, case.names):
            continue
        any_object = True
        taker = world.first(case, run, number)
        if taker is None:
            return None
        takers.add(taker)
        common = {
            earlier
            for earlier in common
            if matches(world.rules[earlier].when, facts, case.kind, case.names)
        }
    if not any_object:
        return Finding(UNREACHABLE, (rule.name,), f'rule "{rule.name}": {_why_empty(rule)}')
    named = tuple(world.name(n) for n in ([min(common)] if common else sorted(takers)))
    verb = "takes" if len(named) == 1 else "take"
    before = " and ".join(f'"{name}"' for name in named)
    detail = f'rule "{rule.name}" never decides: {before} before it {verb} all that it would'
    return Finding(SHADOWED, (rule.name, *named), detail)


def _why_empty(rule: Rule) -> str:
    when = rule.when
    if not any(when.confident(confidence) for confidence in (None, *range(101))):
        return f'no confidence is "{when.confidence}"'
    for name in ("indicator_types", "labels"):
        if getattr(when, name) and not set(getattr(when, name)) - unseen(name):
            return "what is benign is rejected before any rule"
    return "no value of its types is one that it names"


def _falls(world: World) -> Iterator[Finding]:
    """Find objects that get less at a higher confidence; one for each pair of rules."""
    told: set[tuple[int | None, int | None]] = set()
    tried: set[Case] = set()
    for pair in _suspects(world):
        for case in world.cases(pair):
            world.spend(1)
            if case in tried:
                continue
            tried.add(case)
            world.spend(len(world.runs) * len(world.rules))
            for low, high in _drops(world, case):
                numbers = world.first(case, low), world.first(case, high)
                if numbers not in told:
                    told.add(numbers)
                    yield _fall(world, case, low, high)


def _suspects(world: World) -> Iterator[list[Rule]]:
    """Pairs of rules, or a rule and the default, of which confidence may choose one.

    Where the earlier one asks for no confidence it decides for whatever both would take.
    """
    for number, earlier in enumerate(world.rules):
        if earlier.when.confidence is None:
            continue
        for later in world.rules[number + 1 :]:
            if _weaker(earlier.then, later.then) or _weaker(later.then, earlier.then):
                yield [earlier, later]
        if _weaker(earlier.then, world.default) or _weaker(world.default, earlier.then):
            yield [earlier]


def _drops(world: World, case: Case) -> Iterator[tuple[Run, Run]]:
    """Where an object's outcome gets weaker, the two confidences as near as can be."""
    absent, *runs = world.runs
    thens = [world.then(world.first(case, run)) for run in runs]
    for high, after in enumerate(thens):
        for low in reversed(range(high)):
            if _weaker(thens[low], after):
                yield runs[low], runs[high]
                break
    if _weaker(world.then(world.first(case, absent)), thens[-1]):
        yield absent, runs[-1]


def _weaker(before: Then, after: Then) -> bool:
    """Whether `after` does less; severity counts where both do something."""
    first, second = _STRENGTH[before.action], _STRENGTH[after.action]
    both = first > 0 and second > 0
    return second < first or (both and _SEVERITY[after.severity] < _SEVERITY[before.severity])


def _fall(world: World, case: Case, low: Run, high: Run) -> Finding:
    # The last of the lower run and the first of the higher; full confidence beside none at all.
    above = 100 if low.high is None else high.low or 0
    sides = [(low.high, world.first(case, low)), (above, world.first(case, high))]
    told = "; ".join(
        f"{'no confidence' if confidence is None else f'confidence {confidence}'} gets "
        f'{_outcome(world.then(number))} by "{world.name(number)}"'
        for confidence, number in sides
    )
    names = tuple(world.name(number) for _, number in sides)
    detail = f"more confidence gets less, as for {_shape(world, case)}: {told}"
    return Finding(NOT_MONOTONE, names, detail, (low.high, above))


def _outcome(then: Then) -> str:
    return "skip" if then.action is None else f"{then.action.value}, {then.severity.value}"


def _shape(world: World, case: Case) -> str:
    facts, whens = case.facts, [rule.when for rule in world.rules]
    told = sorted({*facts.indicator_types, *facts.labels, *facts.kill_chain, *case.names})
    told += (f"{word} indicated" for word in sorted(facts.indicates))
    told += (f"{path} beside it" for path in sorted(facts.beside))
    if facts.creator:
        told.append(facts.creator)
    if any(when.tlp for when in whens):
        told.append(f"TLP {facts.tlp}")
    if any(when.age for when in whens) and facts.age is not None:
        told.append(f"an age of {facts.age.days} days")
    kind = case.kind.value if any(when.type or when.value for when in whens) else "any type"
    return kind + (f" with {', '.join(told)}" if told else "")
