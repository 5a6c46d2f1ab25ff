"""What a pasted text asks: JSON is events, anything else one value a line.

Refuses to judge, and to read what is asked before it is needed: a line that is no value says so
only where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from tidegate.errors import UsageError
from tidegate.service.judging import record_of

_MOST_LINES = 1_000
"""Values of one paste that are asked about."""

Make = Callable[[], Mapping[str, Any]]


def questions(text: str) -> Iterator[tuple[str, Make]]:
    """What a text asks, each with a label and a way to make its record, which may raise."""
    stripped = text.strip()
    if stripped[:1] in ("{", "["):
        for number, record in enumerate(_records(stripped), 1):
            yield f"event {number}", _constant(record)
        return
    lines = [line.strip() for line in stripped.splitlines() if line.strip()]
    for line in lines[:_MOST_LINES]:
        yield line, _of_value(line)
    if len(lines) > _MOST_LINES:
        raise UsageError(
            f"{len(lines):,} lines were pasted, {_MOST_LINES:,} are asked about at once",
            "put them in a file, one event each",
        )


def _constant(record: Mapping[str, Any]) -> Make:
    return lambda: record


def _of_value(line: str) -> Make:
    return lambda: record_of(line)


def _records(text: str) -> list[Mapping[str, Any]]:
    """The events of a JSON text: one object, a list of them, or one a line."""
    try:
        documents = [orjson.loads(text)]
    except orjson.JSONDecodeError as fault:
        try:
            documents = [orjson.loads(line) for line in text.splitlines() if line.strip()]
        except orjson.JSONDecodeError:
            raise UsageError(f"this is no JSON: {fault}", "paste a whole event") from None
    found: list[Mapping[str, Any]] = []
    for document in documents:
        for record in document if isinstance(document, list) else (document,):
            if not isinstance(record, dict):
                raise UsageError("an event is a JSON object", 'such as {"RemoteIP": "…"}')
            inner = record.get("properties")
            found.append(inner if isinstance(inner, dict) else record)
    return found
