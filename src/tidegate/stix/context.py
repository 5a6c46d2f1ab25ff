"""What a feed says around its indicators: threats, techniques, reports, sightings.

Owns the reading of relationships (`indicates`, and `uses` as some publishers write it), sightings,
reports and groupings, and of `based-on` as far as it names files. Objects of one feed only, since
ids are namespaced by feed. Refuses to follow chains (what a malware uses is not what its indicator
shows) and revoked objects. Sources: STIX 2.1 sections 4.7, 4.16, 5.1, 5.2 and appendix B.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from tidegate.indicators.indicator import EMPTY
from tidegate.stix.markings import others_of, strictest, tlp_of
from tidegate.stix.objects import kill_chain, marking_refs, only_techniques, parse_time, techniques

THREATS = MappingProxyType(
    {
        "attack-pattern": "",
        "campaign": "",
        "infrastructure": "infrastructure_types",
        "intrusion-set": "",
        "malware": "malware_types",
        "threat-actor": "threat_actor_types",
        "tool": "tool_types",
    }
)
"""Object types that an indicator may indicate, and the property that holds their kinds in 2.1.

In 2.0 the kinds are the labels.
"""

TYPES = (*THREATS, "file", "grouping", "observed-data", "relationship", "report", "sighting")
"""Types of all objects that are worth reading for context."""

MAX_NAMED = 8
"""Threats and reports kept for one indicator; a report may list tens of thousands of indicators,
and one indicator stands in a few reports."""

_MOST_SEEN = 999_999_999
"""Highest count of one sighting (STIX 2.1 section 5.2), so that no sum outgrows 64 bits."""

_End = tuple[str, str | None, tuple[str, ...]]
"""Where a relationship leads, its own TLP level and its other markings."""

_LINKS = ("indicates", "uses", "based-on")
_TEXT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Threat:
    """One thing that an indicator indicates. `kinds` and `tactics` are lower-case words.

    `markings` are ids of markings that are no TLP level.
    """

    id: str
    type: str
    name: str
    kinds: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    tactics: tuple[str, ...] = ()
    tlp: str | None = None
    markings: tuple[str, ...] = ()

    @property
    def words(self) -> frozenset[str]:
        """What a rule may call it."""
        named = (self.type, self.name.casefold(), *self.kinds, *self.techniques)
        return frozenset(word.casefold() for word in named if word)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around one indicator.

    `sighted` is the latest sighting, `tlp` the strictest level of the threats and reports told
    here; None where there is none. `markings` are the ids of their other markings. `files` holds
    names and MIME types of the file that it is based on, which never leave in an export.
    """

    threats: tuple[Threat, ...] = ()
    reports: tuple[str, ...] = ()
    sightings: int = 0
    sighted: datetime | None = None
    files: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: EMPTY)
    tlp: str | None = None
    markings: tuple[str, ...] = ()


ALONE = Surroundings()
"""Around an indicator that nothing else speaks of."""


class FeedContext:
    """The context of one feed's indicators, built once from its other objects."""

    __slots__ = (
        "_ends",
        "_files",
        "_links",
        "_observed",
        "_reported",
        "_reports",
        "_sighted",
        "_threats",
        "_unmarked",
    )

    def __init__(
        self, objects: Iterable[Mapping[str, object]] = (), unmarked: str | None = None
    ) -> None:
        """Read the objects; `unmarked` is the TLP level that those without a marking have."""
        self._unmarked = unmarked
        self._threats: dict[str, Threat] = {}
        self._reports: dict[str, tuple[str, str | None, tuple[str, ...]]] = {}
        self._links: dict[str, list[_End]] = {}
        self._ends: dict[_End, _End] = {}
        self._reported: dict[str, list[str]] = {}
        self._sighted: dict[str, tuple[int, datetime | None]] = {}
        self._observed: dict[str, tuple[str, ...]] = {}
        self._files: dict[str, Mapping[str, tuple[str, ...]]] = {}
        take: Mapping[str, Callable[[str, Mapping[str, object]], None]] = {
            **dict.fromkeys(THREATS, self._threat),
            "file": self._file,
            "grouping": self._report,
            "observed-data": self._observation,
            "relationship": self._relationship,
            "report": self._report,
            "sighting": self._sighting,
        }
        for raw in objects:
            kind, stix_id = raw.get("type"), raw.get("id")
            reader = take.get(kind) if isinstance(kind, str) else None
            if reader is not None and isinstance(stix_id, str) and raw.get("revoked") is not True:
                reader(stix_id, raw)

    def of(self, stix_id: str) -> Surroundings:
        """What stands around an indicator."""
        links = self._links.get(stix_id, ())
        reported = self._reported.get(stix_id, ())
        sighted = self._sighted.get(stix_id)
        if not (links or reported or sighted):
            return ALONE
        threats: dict[str, Threat] = {}
        levels: list[str | None] = []
        markings: list[str] = []
        files: list[Mapping[str, tuple[str, ...]]] = []
        for target, tlp, others in links:
            if (threat := self._threats.get(target)) is not None:
                if len(threats) < MAX_NAMED:
                    threats[target] = threat
                    levels += (tlp, threat.tlp)
                    markings += (*others, *threat.markings)
            else:
                files += self._files_of(target)
        reports = [self._reports[ident] for ident in reported]
        for _, tlp, others in reports:
            levels.append(tlp)
            markings += others
        count, last = sighted or (0, None)
        return Surroundings(
            threats=tuple(sorted(threats.values(), key=lambda threat: (threat.type, threat.name))),
            reports=tuple(title for title, _, _ in reports),
            sightings=count,
            sighted=last,
            files=_joined(files),
            tlp=strictest(*levels),
            markings=tuple(dict.fromkeys(markings)),
        )

    def _tlp(self, raw: Mapping[str, object]) -> str | None:
        return tlp_of(marking_refs(raw)) or self._unmarked

    def _threat(self, stix_id: str, raw: Mapping[str, object]) -> None:
        kind = str(raw["type"])
        name = _text(raw.get("name"))
        if not name:
            return
        phases = kill_chain(raw.get("kill_chain_phases"))
        words = _texts(raw.get(THREATS[kind])) or _texts(raw.get("labels"))
        self._threats[stix_id] = Threat(
            stix_id,
            kind,
            name,
            kinds=tuple(word.casefold() for word in words[:MAX_NAMED]),
            techniques=only_techniques(techniques(raw.get("external_references")))[:MAX_NAMED],
            tactics=tuple(phase.rpartition(":")[2].casefold() for phase in phases[:MAX_NAMED]),
            tlp=self._tlp(raw),
            markings=others_of(marking_refs(raw)),
        )

    def _report(self, stix_id: str, raw: Mapping[str, object]) -> None:
        title = _text(raw.get("name"))
        refs = raw.get("object_refs")
        if not title or not isinstance(refs, list):
            return
        self._reports[stix_id] = (title, self._tlp(raw), others_of(marking_refs(raw)))
        for ref in refs:
            if isinstance(ref, str) and ref.startswith("indicator--"):
                listed = self._reported.setdefault(ref, [])
                if len(listed) < MAX_NAMED and stix_id not in listed:
                    listed.append(stix_id)

    def _relationship(self, _: str, raw: Mapping[str, object]) -> None:
        source, target = raw.get("source_ref"), raw.get("target_ref")
        kind = raw.get("relationship_type")
        if (
            isinstance(source, str)
            and isinstance(target, str)
            and source.startswith("indicator--")
            and kind in _LINKS
        ):
            end = (target, self._tlp(raw), others_of(marking_refs(raw)))
            # A million relationships lead to a few thousand threats: one tuple for each.
            self._links.setdefault(source, []).append(self._ends.setdefault(end, end))

    def _sighting(self, _: str, raw: Mapping[str, object]) -> None:
        target, count = raw.get("sighting_of_ref"), raw.get("count")
        # A count of 0 says "looked for and not seen" (STIX 2.1 section 5.2).
        if not isinstance(target, str) or (not isinstance(count, bool) and count == 0):
            return
        times = (_time(raw.get(key)) for key in ("last_seen", "first_seen", "modified", "created"))
        seen = next(filter(None, times), None)
        many, last = self._sighted.get(target, (0, None))
        times_seen = min(count, _MOST_SEEN) if isinstance(count, int) and count > 0 else 1
        if last is not None and (seen is None or seen < last):
            seen = last
        self._sighted[target] = (many + times_seen, seen)

    def _observation(self, stix_id: str, raw: Mapping[str, object]) -> None:
        self._observed[stix_id] = _texts(raw.get("object_refs"))[:MAX_NAMED]
        inside = raw.get("objects")  # STIX 2.0 keeps the objects within
        if isinstance(inside, Mapping):
            files = [
                thing
                for thing in inside.values()
                if isinstance(thing, Mapping) and thing.get("type") == "file"
            ]
            if len(files) == 1:
                self._files[stix_id] = _about_file(files[0])

    def _file(self, stix_id: str, raw: Mapping[str, object]) -> None:
        self._files[stix_id] = _about_file(raw)

    def _files_of(self, target: str) -> list[Mapping[str, tuple[str, ...]]]:
        """The file that an indicator is based on; of several, nobody knows which one it means."""
        named = (target, *self._observed.get(target, ()))
        found = [self._files[ident] for ident in named if ident in self._files]
        return found if len(found) == 1 else []


def _about_file(raw: Mapping[str, object]) -> Mapping[str, tuple[str, ...]]:
    known = {"file_name": _text(raw.get("name")), "mime_type": _text(raw.get("mime_type"))}
    return {name: (text,) for name, text in known.items() if text}


def _joined(parts: Iterable[Mapping[str, tuple[str, ...]]]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for part in parts:
        for name, texts in part.items():
            found.setdefault(name, []).extend(texts)
    return {name: tuple(dict.fromkeys(texts))[:MAX_NAMED] for name, texts in found.items()}


def _text(value: object) -> str:
    return " ".join(value.split())[:_TEXT_LENGTH] if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(text for item in value if (text := _text(item)))


def _time(value: object) -> datetime | None:
    try:
        return parse_time(value) if isinstance(value, str) else None
    except ValueError:
        return None
