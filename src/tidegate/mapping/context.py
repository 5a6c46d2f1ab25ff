"""What a row tells of its context: title, description, category, techniques.

Owns which of a feed's words speak first: the policy's, then the object's own, then those of what it
indicates. Refuses to decide anything about the value: that the context says `ransomware` changes an
action only where a rule asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from tidegate.feed import FeedDefinition, fill
from tidegate.indicators.indicator import EMPTY
from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.limits import DESCRIPTION_LENGTH, TITLE_LENGTH
from tidegate.indicators.value import refang
from tidegate.stix.context import ALONE, Surroundings, Threat
from tidegate.stix.markings import others_of
from tidegate.stix.objects import StixIndicator, only_techniques

MARKING = "marking"
"""What the context of a row calls the ids of markings that are no TLP level, whoever wears them."""

MAX_TECHNIQUES = 64
"""Techniques of a row: each value of an object has them all, so a long list would multiply."""

_BY_TACTIC = MappingProxyType(
    {
        "collection": "Collection",
        "command-and-control": "CommandAndControl",
        "credential-access": "CredentialAccess",
        "defense-evasion": "DefenseEvasion",
        "delivery": "InitialAccess",
        "discovery": "Discovery",
        "execution": "Execution",
        "exfiltration": "Exfiltration",
        "exploitation": "Exploit",
        "initial-access": "InitialAccess",
        "installation": "Persistence",
        "lateral-movement": "LateralMovement",
        "persistence": "Persistence",
        "privilege-escalation": "PrivilegeEscalation",
    }
)
"""Phases of ATT&CK and of the Lockheed Martin kill chain, and the alert category for each."""

_BY_KIND = MappingProxyType(
    {
        ("infrastructure", "command-and-control"): "CommandAndControl",
        ("infrastructure", "exfiltration"): "Exfiltration",
        ("malware", "ransomware"): "Ransomware",
        ("malware", "adware"): "UnwantedSoftware",
    }
)
"""Kinds of threats (STIX 2.1 sections 10.9 and 10.13) that have a category of their own."""


class Telling(NamedTuple):
    """One indicator with what stands around it, and the words that come of both.

    `techniques` are ATT&CK ids, the object's own first. `category` is Defender's alert category as
    the context has it; empty when it says none. `words` are what `indicates` in a rule may ask for,
    lower-case. `kept` is what is kept of the context on the row, by name.
    """

    indicator: StixIndicator
    around: Surroundings
    feed: FeedDefinition
    tlp: str
    techniques: tuple[str, ...] = ()
    category: str = ""
    words: frozenset[str] = frozenset()
    kept: Mapping[str, tuple[str, ...]] = EMPTY

    @classmethod
    def of(
        cls, indicator: StixIndicator, around: Surroundings, feed: FeedDefinition, tlp: str
    ) -> Telling:
        """Tell of an indicator."""
        markings = others_of(indicator.marking_refs) if indicator.marking_refs else ()
        if around is ALONE and not indicator.kill_chain and not indicator.techniques:
            # Nine of ten, so it should cost nothing.
            return cls(
                indicator, around, feed, tlp, kept={MARKING: markings} if markings else EMPTY
            )
        own = only_techniques(indicator.techniques)
        indicated = (name for threat in around.threats for name in threat.techniques)
        techniques = tuple(dict.fromkeys((*own, *indicated)))[:MAX_TECHNIQUES]
        words = {technique.casefold() for technique in own}
        return cls(
            indicator,
            around,
            feed,
            tlp,
            techniques,
            _category(indicator, around.threats),
            frozenset(words.union(*(threat.words for threat in around.threats))),
            _kept(around, markings),
        )

    def title(self, template: str, kind: IndicatorType, value: str) -> str:
        """The row's title, in one line and no longer than Defender takes."""
        filled = fill(template, self._values(kind, value)) if template else ""
        text = filled if filled.strip() else self._own_title(value)
        return " ".join(text.split())[:TITLE_LENGTH]

    def description(self, template: str, kind: IndicatorType, value: str) -> str:
        """The row's description: the template's, the object's, or a sentence about the context."""
        if template and (text := fill(template, self._values(kind, value)).strip()):
            return text[:DESCRIPTION_LENGTH]
        return (self.indicator.description or self._sentence)[:DESCRIPTION_LENGTH]

    def advice(self, template: str, kind: IndicatorType, value: str) -> str:
        """The recommended actions that the policy gives."""
        text = fill(template, self._values(kind, value)) if template else ""
        return text.strip()[:DESCRIPTION_LENGTH]

    def _own_title(self, value: str) -> str:
        name = self.indicator.name.strip()
        # Many publishers repeat the value as its name, which says nothing.
        threats = self.around.threats
        if threats and (not name or refang(name).casefold() == value.casefold()):
            return f"{self._threats}: {value}"
        return name or f"{self.feed.title}: {value}"

    @property
    def _threats(self) -> str:
        # By their types techniques would come first, and cut off the malware's name in a column.
        order = sorted(self.around.threats, key=lambda threat: threat.type == "attack-pattern")
        return ", ".join(dict.fromkeys(threat.name for threat in order))

    @property
    def _sentence(self) -> str:
        around = self.around
        parts = [f"{threat.type} {threat.name}" for threat in around.threats]
        told = [f"Indicates {', '.join(parts)}."] if parts else []
        if around.reports:
            told.append(f"Listed in {', '.join(around.reports)}.")
        return " ".join(told)

    def _values(self, kind: IndicatorType, value: str) -> dict[str, str]:
        indicator = self.indicator
        confidence = indicator.confidence
        return {
            "value": value,
            "type": kind.value,
            "name": indicator.name,
            "description": indicator.description,
            "threat": self._threats,
            "technique": ", ".join(self.techniques),
            "report": ", ".join(self.around.reports),
            "labels": ", ".join(indicator.labels),
            "confidence": "" if confidence is None else str(confidence),
            "tlp": self.tlp,
            "feed": self.feed.title,
        }


def _category(indicator: StixIndicator, threats: Iterable[Threat]) -> str:
    own = (phase.rpartition(":")[2].strip().casefold() for phase in indicator.kill_chain)
    tactics = (*own, *(tactic for threat in threats for tactic in threat.tactics))
    said = (
        *(_BY_TACTIC.get(tactic) for tactic in tactics),
        *(_BY_KIND.get((threat.type, kind)) for threat in threats for kind in threat.kinds),
        *("Malware" for threat in threats if threat.type == "malware"),
    )
    return next(filter(None, said), "")


def _kept(around: Surroundings, markings: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    found = {
        "indicates": tuple(f"{threat.type}: {threat.name}" for threat in around.threats),
        "report": around.reports,
        **around.files,
        MARKING: tuple(dict.fromkeys((*markings, *around.markings))),
    }
    return {name: texts for name, texts in found.items() if texts}
