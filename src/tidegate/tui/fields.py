"""The fields of an indicator as a person types them: from row to text, from text to value.

Pure. Owns the words (`30d`, `never`, `-`); refuses to judge whether a value is allowed for a
type, which the service does when it plans.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tidegate.errors import UsageError
from tidegate.indicators.indicator import Indicator, scope
from tidegate.indicators.kinds import parse_action, parse_severity
from tidegate.indicators.limits import DESCRIPTION_LENGTH, TITLE_LENGTH
from tidegate.indicators.term import parse_expiry

CLEAR = "-"
"""Typed in a text field of the bulk sheet, it empties the field."""


def _action(text: str, _now: datetime) -> object:
    found = parse_action(text)
    if found is None:
        raise UsageError(f"{text!r} is no action", "allow, alert, block, warn or blockonly")
    return found


def _severity(text: str, _now: datetime) -> object:
    found = parse_severity(text)
    if found is None:
        raise UsageError(f"{text!r} is no severity", "informational, low, medium or high")
    return found


def _limited(limit: int, *, required: bool = False) -> Callable[[str, datetime], object]:
    def read(text: str, _now: datetime) -> object:
        if required and not text.strip():
            raise UsageError("a title is needed")
        if len(text) > limit:
            raise UsageError(f"{len(text):,} characters; at most {limit:,} fit")
        return text

    return read


def _groups(text: str, _now: datetime) -> object:
    return () if text.strip().casefold() == "all" else scope(tuple(text.split(",")))


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in the service, its label, a hint, and how it is read and written."""

    name: str
    label: str
    hint: str
    read: Callable[[str, datetime], object]
    write: Callable[[Indicator], str]


FIELDS: tuple[Field, ...] = (
    Field("action", "Action", "", _action, lambda row: row.action.value),
    Field("severity", "Severity", "", _severity, lambda row: row.severity.value),
    Field(
        "title",
        "Title",
        "what an alert is called",
        _limited(TITLE_LENGTH, required=True),
        lambda row: row.title,
    ),
    Field(
        "description",
        "Description",
        "what it is and where it comes from",
        _limited(DESCRIPTION_LENGTH),
        lambda row: row.description,
    ),
    Field(
        "groups",
        "Groups",
        "device groups, comma between; all = every device",
        _groups,
        lambda row: ", ".join(row.groups) or "all",
    ),
    Field(
        "expires",
        "Expires",
        "30d, 12h, 2w, 2026-12-31 or never",
        parse_expiry,
        lambda row: f"{row.expires:%Y-%m-%dT%H:%M:%SZ}" if row.expires else "never",
    ),
    Field(
        "category",
        "Category",
        "Defender alert category, e.g. CommandAndControl",
        _limited(TITLE_LENGTH),
        lambda row: row.category,
    ),
    Field(
        "recommended_actions",
        "Response",
        "what to do on an alert",
        _limited(DESCRIPTION_LENGTH),
        lambda row: row.recommended_actions,
    ),
    Field("note", "Note", "for colleagues; never exported", _limited(4_000), lambda row: row.note),
)

TEXTS = frozenset({"description", "category", "recommended_actions", "note"})
"""Fields that may be empty, so that the bulk sheet needs CLEAR to say so."""


def written(row: Indicator) -> dict[str, str]:
    """All fields of a row as text."""
    return {field.name: field.write(row) for field in FIELDS}


def quoted(text: str, most: int = 24) -> str:
    """A field's text inside a sentence, cut where it is long."""
    return f"'{text if len(text) <= most else text[: most - 1] + '…'}'" if text else "nothing"


@dataclass(frozen=True, slots=True)
class Reading:
    """What typed texts amount to: values of the changed fields, errors of the unreadable ones."""

    values: dict[str, object]
    errors: dict[str, str]


def read(texts: Mapping[str, str], initial: Mapping[str, str], now: datetime) -> Reading:
    """Read the fields whose text differs from `initial`; untouched fields stay unset.

    That matters: a field that a person sets becomes theirs, and a feed no longer moves it.
    """
    values: dict[str, object] = {}
    errors: dict[str, str] = {}
    for field in FIELDS:
        text, before = texts.get(field.name, ""), initial.get(field.name, "")
        if text == before:
            continue
        if not before and text == CLEAR and field.name in TEXTS:
            values[field.name] = ""
            continue
        try:
            values[field.name] = field.read(text, now)
        except (UsageError, ValueError) as error:
            errors[field.name] = str(error)
    return Reading(values, errors)
