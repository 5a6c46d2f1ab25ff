"""One refused object, looked at from all sides.

Owns what is asked: the object as delivered, the versions of it that the rules of versioning refused
and what ends that, each of its rejections with who decided and what would change that, and the STIX
grammar's word on a pattern that our reader refuses. Refuses to change or evaluate anything.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import orjson

from tidegate.errors import UsageError
from tidegate.ledger.evaluation import rejections
from tidegate.ledger.ledger import Object
from tidegate.ledger.refused import refused_contents
from tidegate.ledger.rejected import rejections_beside
from tidegate.ledger.versions import Verdict
from tidegate.mapping.candidate import Rejection
from tidegate.mapping.remedy import Remedy, remedy
from tidegate.mapping.translate import UNREADABLE_PATTERN
from tidegate.service.workspace import Workspace
from tidegate.stix.pattern_judge import grammar_says

_VERSIONING = "the rules of versioning, STIX 2.1 §3.6"


def _ends(ending: str, feed: str) -> Remedy:
    again = f"a reading from the beginning without it: `tidegate feeds rewind {feed}`, then sync"
    return Remedy(_VERSIONING, f"{ending}; or {again}")


_ENDINGS = {
    Verdict.CONFLICTING.value: "a newer version ends it",
    Verdict.OTHER_CREATOR.value: "nothing has to: what its own creator said stays in force",
    Verdict.WITHDRAWN.value: "nothing has to: whoever takes it back publishes it under a new id",
}


@dataclass(frozen=True, slots=True)
class RefusedVersion:
    """A version that is not used: why, when it came (UTC, RFC 3339), and what it says.

    `differs` names the properties that are not as in the version that the ledger holds.
    """

    code: str
    seen: str
    differs: tuple[str, ...]
    object: Object


@dataclass(frozen=True, slots=True)
class Refused:
    """An object that a feed delivered and that was refused, in whole or in part.

    `raw` is None when it has left the ledger since; `grammar` is empty where our reader reads the
    pattern, or there is none; `versions` are those that were refused beside the one in `raw`.
    """

    id: str
    feed: str
    rejections: tuple[tuple[Rejection, Remedy], ...]
    grammar: str
    raw: Object | None
    versions: tuple[RefusedVersion, ...]

    def record(self) -> dict[str, object]:
        """The fields of `rejections --id … --json`."""
        return {
            "id": self.id,
            "feed": self.feed,
            "rejections": [
                {**dataclasses.asdict(each), **told._asdict()} for each, told in self.rejections
            ],
            "grammar": self.grammar or None,
            "object": self.raw,
            "versions": [dataclasses.asdict(each) for each in self.versions],
        }


def inspect(ws: Workspace, item: str) -> tuple[Refused, ...]:
    """The refused objects of an id, or that hold a value which was refused, feed by feed.

    Raises UsageError when there is none.
    """
    named = rejections(ws.ledger, stix_id=item) if item else []
    if item and not named:
        named = rejections_beside(ws.ledger, item)
    found: dict[tuple[str, str], list[Rejection]] = {}
    for each in named:
        found.setdefault((each.feed, each.stix_id), []).append(each)
    if not found:
        raise UsageError(
            f"the last sync refused nothing of {item!r}",
            "`tidegate rejections --json` lists all ids, `tidegate why ID` tells of any object",
        )
    return tuple(_refused(ws, ident, feed, refusals) for (feed, ident), refusals in found.items())


def _refused(ws: Workspace, stix_id: str, feed: str, refusals: list[Rejection]) -> Refused:
    raw = ws.ledger.object(feed, stix_id)
    pattern = (raw or {}).get("pattern")
    unread = any(each.code == UNREADABLE_PATTERN for each in refusals)
    grammar = grammar_says(pattern) if unread and isinstance(pattern, str) else ""
    told = tuple((each, remedy_of(each)) for each in refusals)
    return Refused(stix_id, feed, told, grammar, raw, _versions(ws, feed, stix_id, raw or {}))


def remedy_of(rejection: Rejection) -> Remedy:
    """Who decided, and what would change that; for refused versions, too."""
    ending = _ENDINGS.get(rejection.code)
    return remedy(rejection) if ending is None else _ends(ending, rejection.feed)


def _versions(ws: Workspace, feed: str, stix_id: str, held: Object) -> tuple[RefusedVersion, ...]:
    found = []
    for code, seen, raw in refused_contents(ws.ledger, feed, stix_id):
        came: Object = orjson.loads(raw)
        names = sorted({*held, *came})
        differs = tuple(name for name in names if held.get(name) != came.get(name))
        found.append(RefusedVersion(code, seen, differs, came))
    return tuple(found)
