"""A feed's rules: what one of its indicators is to become.

Owns the order (first match, then the default) and what counts as a word of the object. Refuses to
judge values: whether Defender takes the action, and what the guards say, is translate's business.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from tidegate.feed import FeedDefinition, Then, When
from tidegate.indicators.kinds import Action, IndicatorType, Severity
from tidegate.stix.objects import StixIndicator

DEFAULT_RULE = "default"
"""What decisions by `[default]` name as their rule."""

BENIGN = "benign"


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules ask of an object: confidence (None: absent) and lower-case words."""

    confidence: int | None
    indicator_types: frozenset[str]
    labels: frozenset[str]

    @property
    def benign(self) -> bool:
        """True when the publisher says that the value is harmless: neither alert nor Allow."""
        return BENIGN in self.indicator_types or BENIGN in self.labels


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policy wants. `action` None means skip; `expires` None means never."""

    rule: str
    action: Action | None
    severity: Severity
    groups: tuple[str, ...]
    expires: timedelta | None
    category: str

    @property
    def skip(self) -> bool:
        """True when the policy does not want the value at all."""
        return self.action is None


def facts_of(indicator: StixIndicator) -> Facts:
    """Collect what rules ask for.

    STIX 2.0 has no `indicator_types`: there the vocabulary lives in `labels` (part 2, section 2.5).
    """
    labels = _words(indicator.labels)
    types = _words(indicator.indicator_types)
    if indicator.spec_version == "2.0":
        types |= labels
    return Facts(indicator.confidence, types, labels)


def decide(
    facts: Facts, feed: FeedDefinition, kind: IndicatorType, values: Collection[str] = ()
) -> Decision:
    """Return what the first rule that matches wants for this type, else what the default wants.

    `values` are the canonical value and the other hashes of the same file.
    """
    for rule in feed.rules:
        if _matches(rule.when, facts, kind, values):
            return _decision(rule.name, rule.then)
    return _decision(DEFAULT_RULE, feed.default)


def _matches(when: When, facts: Facts, kind: IndicatorType, values: Collection[str]) -> bool:
    if when.value and when.value.isdisjoint(values):
        return False
    if when.type and kind not in when.type:
        return False
    if when.indicator_types and facts.indicator_types.isdisjoint(when.indicator_types):
        return False
    if when.labels and facts.labels.isdisjoint(when.labels):
        return False
    return when.confidence is None or when.confident(facts.confidence)


def _decision(rule: str, then: Then) -> Decision:
    return Decision(
        rule=rule,
        action=then.action,
        severity=then.severity,
        groups=then.groups,
        expires=then.expires,
        category=then.category,
    )


_NO_WORDS: frozenset[str] = frozenset()


def _words(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(text.strip().casefold() for text in texts) if texts else _NO_WORDS
