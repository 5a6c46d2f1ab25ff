"""A feed's rules: what one of its indicators is to become.

Owns the order (first match, then the default) and what counts as a word of the object. Refuses to
judge values: whether Defender takes the action, and what the guards say, is translate's business.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple

from tidegate.feed import FeedDefinition, Then, When
from tidegate.feed.when import NOTHING
from tidegate.indicators.kinds import Action, IndicatorType, Severity
from tidegate.stix.objects import StixIndicator

DEFAULT_RULE = "default"
"""What decisions by `[default]` name as their rule."""

BENIGN = "benign"


class Facts(NamedTuple):
    """What rules ask of an object: confidence (None: absent), lower-case words, and its context.

    `kill_chain` holds `chain:phase` as published, `creator` the id of who published it, `tlp` the
    level it is taken for; `age` counts from its latest evidence, None where nobody asks.
    `indicates` are words about what it indicates, `beside` the paths that stood beside the value.
    """

    confidence: int | None
    indicator_types: frozenset[str]
    labels: frozenset[str]
    kill_chain: tuple[str, ...] = ()
    creator: str = ""
    tlp: str = ""
    age: timedelta | None = None
    indicates: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()

    @property
    def benign(self) -> bool:
        """True when the publisher says that the value is harmless: neither alert nor Allow."""
        return BENIGN in self.indicator_types or BENIGN in self.labels


class Decision(NamedTuple):
    """What the policy wants. `action` None means skip; `expires` None means never.

    `title`, `description` and `recommended_actions` are templates; empty ones leave what is known.
    """

    rule: str
    action: Action | None
    severity: Severity
    groups: tuple[str, ...]
    expires: timedelta | None
    category: str
    title: str = ""
    description: str = ""
    recommended_actions: str = ""

    @property
    def skip(self) -> bool:
        """True when the policy does not want the value at all."""
        return self.action is None


def facts_of(
    indicator: StixIndicator,
    tlp: str = "",
    age: timedelta | None = None,
    indicates: frozenset[str] = frozenset(),
) -> Facts:
    """Collect what rules ask for.

    STIX 2.0 has no `indicator_types`: there the vocabulary lives in `labels` (part 2, section 2.5).
    """
    labels = _words(indicator.labels)
    types = _words(indicator.indicator_types)
    if indicator.spec_version == "2.0":
        types |= labels
    return Facts(
        indicator.confidence,
        types,
        labels,
        indicator.kill_chain,
        indicator.created_by_ref,
        tlp,
        age,
        indicates,
    )


def decide(
    facts: Facts, feed: FeedDefinition, kind: IndicatorType, values: Collection[str] = ()
) -> Decision:
    """Return what the first rule that matches wants for this type, else what the default wants.

    `values` are the canonical value and the other hashes of the same file.
    """
    for rule in feed.rules:
        if matches(rule.when, facts, kind, values):
            return _decision(rule.name, rule.then)
    return _decision(DEFAULT_RULE, feed.default)


def matches(when: When, facts: Facts, kind: IndicatorType, values: Collection[str]) -> bool:
    """Say whether an object meets a rule's condition for a value of this type."""
    if when.value and when.value.isdisjoint(values):
        return False
    if when.type and kind not in when.type:
        return False
    if when.indicator_types and facts.indicator_types.isdisjoint(when.indicator_types):
        return False
    if when.labels and facts.labels.isdisjoint(when.labels):
        return False
    if when.confidence is not None and not when.confident(facts.confidence):
        return False
    return not when.by_context or _in_context(when, facts)


def _in_context(when: When, facts: Facts) -> bool:
    if when.creator and facts.creator not in when.creator:
        return False
    if when.tlp and facts.tlp not in when.tlp:
        return False
    if when.kill_chain and not any(
        phase.rpartition(":")[2].strip().casefold() in when.kill_chain for phase in facts.kill_chain
    ):
        return False
    if when.indicates and facts.indicates.isdisjoint(when.indicates):
        return False
    if when.beside and (facts.beside or _NOTHING).isdisjoint(when.beside):
        return False
    return when.old(facts.age)


def _decision(rule: str, then: Then) -> Decision:
    return Decision(
        rule=rule,
        action=then.action,
        severity=then.severity,
        groups=then.groups,
        expires=then.expires,
        category=then.category,
        title=then.title,
        description=then.description,
        recommended_actions=then.recommended_actions,
    )


_NO_WORDS: frozenset[str] = frozenset()
_NOTHING = frozenset((NOTHING,))


def _words(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset([text.strip().casefold() for text in texts]) if texts else _NO_WORDS
