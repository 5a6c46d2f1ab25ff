"""What feeds say now of values on the list: their candidates, and the objects behind these.

Owns the two queries of an export, which asks for whose word it may pass on. Refuses to judge it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from tidegate.ledger.candidates import read_candidates
from tidegate.ledger.derived import KINDS
from tidegate.ledger.ledger import Ledger
from tidegate.mapping.candidate import Candidate

_AT_ONCE = 1000


def candidates_of(ledger: Ledger, values: Iterable[str]) -> dict[str, list[Candidate]]:
    """The candidates of the last evaluation by value, for the values that have any."""
    found: dict[str, list[Candidate]] = {}
    wanted = list(dict.fromkeys(values))
    for start in range(0, len(wanted), _AT_ONCE):
        part = frozenset(wanted[start : start + _AT_ONCE])
        rows = ledger.link.execute(
            "SELECT feed, stix_id, body FROM judged WHERE (feed, stix_id) IN (SELECT feed, stix_id "
            "FROM proposal WHERE feed IN (SELECT id FROM feed) "
            "AND kind IN (SELECT value FROM json_each(?)) "
            "AND value IN (SELECT value FROM json_each(?))) ORDER BY feed, stix_id",
            (KINDS, orjson.dumps(list(part)).decode()),
        )
        for feed, stix_id, body in rows:
            for candidate in read_candidates(feed, stix_id, body):
                if candidate.value in part:
                    found.setdefault(candidate.value, []).append(candidate)
    return found


def objects_of(
    ledger: Ledger, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The objects by feed and id, as delivered; those that are gone are missing."""
    by_feed: dict[str, list[str]] = {}
    for feed, ident in dict.fromkeys(wanted):
        by_feed.setdefault(feed, []).append(ident)
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for feed, idents in by_feed.items():
        for start in range(0, len(idents), _AT_ONCE):
            rows = ledger.link.execute(
                "SELECT id, raw FROM object WHERE feed = ? "
                "AND id IN (SELECT value FROM json_each(?))",
                (feed, orjson.dumps(idents[start : start + _AT_ONCE]).decode()),
            )
            found.update(((feed, ident), orjson.loads(raw)) for ident, raw in rows)
    return found
