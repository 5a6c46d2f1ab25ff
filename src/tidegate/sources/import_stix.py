"""Read rows from a STIX document: our own exports exactly, those of others as far as they map.

Owns the way back of `export.stix_objects`. An indicator that carries our extension says action,
severity and scope itself; every other one leaves them to the operator, and one alternative of its
pattern is one row. Refuses `benign` indicators of others: they are never an alert and never an
Allow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tidegate.errors import BundleError, InvalidValue, PatternError
from tidegate.indicators import wire
from tidegate.indicators.indicator import scope
from tidegate.indicators.kinds import (
    FILE_TYPES,
    Action,
    IndicatorType,
    Severity,
    parse_type,
)
from tidegate.mapping.repair import canonical_repaired
from tidegate.sources.import_row import ImportKind, ImportProblem, ImportReading, ImportRow
from tidegate.stix.atoms import PatternAtom
from tidegate.stix.container import objects_in
from tidegate.stix.markings import tlp_of
from tidegate.stix.objects import Defect, StixIndicator, read_indicator
from tidegate.stix.pattern import read_pattern

_ACTIONS = {action.value: action for action in Action}
_SEVERITIES = {severity.value: severity for severity in Severity}
_STATED = frozenset({"expires", "description", "category", "mitre", "recommended_actions"})
"""Fields whose absence from one of our own objects says that there is none."""


@dataclass(frozen=True, slots=True)
class _Response:
    """What our extension says; all None or empty when the indicator carries none."""

    ours: bool = False
    type: IndicatorType | None = None
    action: Action | None = None
    severity: Severity | None = None
    groups: tuple[str, ...] = ()
    category: str = ""
    recommended_actions: str = ""


def read_stix(document: object, name: str) -> ImportReading:
    """Read every indicator of a decoded JSON document, whatever its container.

    Raises:
        BundleError: there is no STIX object in it at all; the message names the file `name`.
    """
    objects, junk = objects_in(document)
    if not objects and not _empty_container(document):
        raise BundleError(
            f"{name} holds no STIX object", "expected a STIX 2.x bundle, envelope or list"
        )
    rows: list[ImportRow] = []
    problems: list[ImportProblem] = []
    indicators = [item for item in objects if _claims_indicator(item)]
    for number, raw in enumerate(indicators, start=1):
        for found in _read(raw, number):
            if isinstance(found, ImportRow):
                rows.append(found)
            else:
                problems.append(found)
    if junk:
        problems.append(ImportProblem(0, "not_an_object", f"{junk} entries are no STIX objects"))
    others = len(objects) - len(indicators)
    return ImportReading(ImportKind.STIX, tuple(rows), tuple(problems), others)


def _read(raw: Mapping[str, object], number: int) -> Iterator[ImportRow | ImportProblem]:
    """One indicator object: its rows and what is wrong with it."""
    named = raw.get("id")
    stix_id = named if isinstance(named, str) else ""
    read = read_indicator(raw)
    if isinstance(read, Defect):
        yield ImportProblem(number, read.code, read.detail, stix_id)
        return
    if read.revoked:
        yield ImportProblem(number, "revoked", "its creator withdrew it", stix_id)
        return
    response = _response(raw)
    if isinstance(response, str):
        yield ImportProblem(number, "bad_extension", response, stix_id)
        return
    if not response.ours and _benign(read):
        yield ImportProblem(number, "benign", "neither an alert nor an Allow", stix_id)
        return
    try:
        atoms = read_pattern(read.pattern)
    except PatternError as error:
        detail = f"{error.message} at character {error.position}"
        yield ImportProblem(number, "pattern_unreadable", detail, stix_id)
        return
    for atom in _one_file(atoms, response.type) if response.ours else atoms:
        yield from _row(atom, read, response, number)


def _row(
    atom: PatternAtom,
    read: StixIndicator,
    response: _Response,
    number: int,
) -> Iterator[ImportRow | ImportProblem]:
    if atom.type is None or atom.code:
        yield ImportProblem(number, atom.code, atom.detail, read.id)
        return
    # A hash that cannot be read costs only itself: the strongest readable one holds the row.
    good: list[tuple[IndicatorType, str]] = []
    repairs = [*read.repairs, *atom.repairs]
    for kind, text in ((atom.type, atom.value), *atom.aliases):
        try:
            found, value, noted = canonical_repaired(kind, text)
        except InvalidValue as error:
            yield ImportProblem(number, error.code, error.message, read.id)
        else:
            good.append((found, value))
            repairs += noted
    if not good:
        return
    (held, value), *weaker = good
    description = read.description
    if response.ours and description == wire.NO_DESCRIPTION:
        description = ""
    yield ImportRow(
        line=number,
        type=held,
        value=value,
        action=response.action,
        severity=response.severity,
        title=read.name,
        description=description,
        groups=response.groups,
        expires=read.valid_until,
        confidence=read.confidence,
        tlp=tlp_of(read.marking_refs),
        aliases=tuple(f"{kind.value}:{text}" for kind, text in weaker),
        category=response.category,
        mitre=read.techniques,
        recommended_actions=response.recommended_actions,
        stix_id=read.id,
        stated=_STATED if response.ours else frozenset(),
        repairs=tuple(dict.fromkeys(repairs)),
    )


def _one_file(
    atoms: tuple[PatternAtom, ...], kind: IndicatorType | None
) -> tuple[PatternAtom, ...]:
    """Join the hashes of our own pattern to one row again, the hash of type `kind` in front.

    `read_pattern` joins one hash per algorithm, strongest first. Our own rows may know more than
    one per algorithm, or be held by a weaker one.
    """
    hashes: list[tuple[IndicatorType, str]] = []
    for atom in atoms:
        if atom.type not in FILE_TYPES or atom.code:
            return atoms
        hashes += ((atom.type, atom.value), *atom.aliases)
    first = next((place for place, (found, _) in enumerate(hashes) if found is kind), 0)
    held, value = hashes.pop(first)
    return (PatternAtom(held, value, aliases=tuple(hashes), position=atoms[0].position),)


def _response(raw: Mapping[str, object]) -> _Response | str:
    """Read our extension; a text says what is wrong with it."""
    extensions = raw.get("extensions")
    fields = extensions.get(wire.EXTENSION_ID) if isinstance(extensions, Mapping) else None
    if not isinstance(fields, Mapping):
        return _Response()
    # Exact names only: we wrote them, and a near miss would be another writer's meaning.
    action = _ACTIONS.get(_text(fields, wire.EDR_ACTION))
    severity = _SEVERITIES.get(_text(fields, wire.EDR_SEVERITY))
    if action is None:
        return f"{wire.EDR_ACTION} is none of {', '.join(_ACTIONS)}"
    if severity is None:
        return f"{wire.EDR_SEVERITY} is none of {', '.join(_SEVERITIES)}"
    named = fields.get(wire.EDR_SCOPE, [])
    if not isinstance(named, list) or not all(isinstance(group, str) for group in named):
        return f"{wire.EDR_SCOPE} is no list of names"
    return _Response(
        ours=True,
        type=parse_type(_text(fields, wire.EDR_TYPE)),
        action=action,
        severity=severity,
        groups=scope(named),
        category=_text(fields, wire.EDR_CATEGORY),
        recommended_actions=_text(fields, wire.EDR_RECOMMENDED_ACTIONS),
    )


def _empty_container(document: object) -> bool:
    """A bundle or envelope that holds nothing is readable; any other JSON is no STIX."""
    return isinstance(document, dict) and (
        document.get("type") == "bundle" or isinstance(document.get("objects"), list)
    )


def _claims_indicator(item: Mapping[str, object]) -> bool:
    """Some servers leave `type` out; the id still says what it is."""
    kind = item.get("type")
    return kind == "indicator" or (kind is None and str(item.get("id")).startswith("indicator--"))


def _text(fields: Mapping[str, object], key: str) -> str:
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def _benign(read: StixIndicator) -> bool:
    return any(word.casefold() == "benign" for word in (*read.indicator_types, *read.labels))
