"""Versions that the rules of versioning refused, kept so that people can look at them.

Owns their table. An object is contested while it holds another content of the version in force:
then neither is used. A refusal ends with a newer version that is taken, or with a complete reading
that does not repeat it. Refuses to keep more than a few of one kind for an object, so a feed cannot
make the table larger than its objects are, times a constant.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from tidegate.clock import read_stamp, stamp
from tidegate.ledger.derived import mark_changed
from tidegate.ledger.link import Link
from tidegate.ledger.versions import Verdict
from tidegate.mapping.candidate import Outcome, Rejection, Standing

if TYPE_CHECKING:  # the ledger itself is built on this module
    from tidegate.ledger.ledger import Ledger

_KEPT = 3
"""Refused contents of one object for one reason; the first ones are kept."""

_DETAILS = {
    Verdict.CONFLICTING: "sent with the same `modified` and other content; neither is used until "
    "there is a newer version",
    Verdict.OTHER_CREATOR: "a version by another creator was refused; what its own creator said "
    "stays in force",
    Verdict.WITHDRAWN: "a later version is not revoked; a revocation is for good",
}
_FIELDS = {
    Verdict.CONFLICTING: "modified",
    Verdict.OTHER_CREATOR: "created_by_ref",
    Verdict.WITHDRAWN: "revoked",
}


def put_refused(
    link: Link, feed: str, ident: str, verdict: Verdict, row: tuple[object, ...], run: int
) -> None:
    """Keep a refused version, within a transaction. `row` is modified, digest, raw, when."""
    modified, digest, raw, seen = row
    link.execute(
        "INSERT INTO refused (feed, id, code, digest, modified, raw, seen, run) "
        "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 "
        "WHERE (SELECT COUNT(*) FROM refused WHERE feed = ?1 AND id = ?2 AND code = ?3 "
        "AND digest <> ?4) < ?9 "
        "ON CONFLICT (feed, id, code, digest) DO UPDATE SET run = MAX(run, excluded.run)",
        (feed, ident, verdict.value, digest, modified, raw, seen, run, _KEPT),
    )
    mark_changed(link, feed, (ident,))


def settle_refused(link: Link, feed: str, ident: str, modified: str, digest: bytes) -> None:
    """Forget what a version that is taken settles, within a transaction.

    That is what is no later, and every conflict: those were with the version that it replaces.
    """
    link.execute(
        "DELETE FROM refused WHERE feed = ? AND id = ? "
        "AND (modified <= ? OR digest = ? OR code = ?)",
        (feed, ident, modified, digest, Verdict.CONFLICTING.value),
    )


def contested(ledger: Ledger, feed: str) -> frozenset[str]:
    """The ids of a feed's objects of which no version is used."""
    if not ledger.has("refused"):
        return frozenset()
    rows = ledger.link.execute(
        "SELECT DISTINCT id FROM refused WHERE feed = ? AND code = ?",
        (feed, Verdict.CONFLICTING.value),
    )
    return frozenset(ident for (ident,) in rows)


def contested_contents(ledger: Ledger, feed: str, most: int) -> Iterator[tuple[str, list[str]]]:
    """The contents in conflict of a feed's contested objects, as JSON, object by object by id.

    At most so many contents are read in all.
    """
    if not ledger.has("refused"):
        return
    refused = "FROM refused r WHERE r.feed = ?1 AND r.code = ?2"
    rows = ledger.link.execute(
        f"SELECT r.id, r.raw {refused} UNION ALL SELECT o.id, o.raw FROM object o "  # noqa: S608 - our own words
        f"WHERE o.feed = ?1 AND o.id IN (SELECT r.id {refused}) ORDER BY 1 LIMIT ?3",
        (feed, Verdict.CONFLICTING.value, most),
    )
    for ident, group in groupby(rows, key=itemgetter(0)):
        yield ident, [raw.decode("utf-8", "replace") for _, raw in group]


def contested_outcome(feed: str, stix_id: str) -> Outcome:
    """The end of a contested indicator."""
    rejection = _rejection(feed, stix_id, Verdict.CONFLICTING)
    return Outcome(stix_id, Standing.REJECTED, rejections=(rejection,))


def _rejection(feed: str, stix_id: str, verdict: Verdict) -> Rejection:
    return Rejection(feed, stix_id, verdict.value, _DETAILS[verdict], field=_FIELDS[verdict])


def refusals(ledger: Ledger, feed: str) -> Iterator[Rejection]:
    """Why versions of a feed's objects were refused, beside the outcome of the objects themselves.

    Contested indicators are left out: their own outcome is that rejection.
    """
    if not ledger.has("refused"):
        return
    rows = ledger.link.execute(
        "SELECT DISTINCT id, code FROM refused WHERE feed = ? AND NOT (code = ? AND EXISTS "
        "(SELECT 1 FROM object o WHERE o.feed = refused.feed AND o.id = refused.id "
        "AND o.type = 'indicator')) ORDER BY id, code",
        (feed, Verdict.CONFLICTING.value),
    )
    for ident, code in rows:
        yield _rejection(feed, ident, Verdict(code))


def refused_contents(ledger: Ledger, feed: str, stix_id: str) -> list[tuple[str, str, bytes]]:
    """What was refused of one object: code, when it came (UTC, RFC 3339), and the JSON it was."""
    if not ledger.has("refused"):
        return []
    rows = ledger.link.execute(
        "SELECT code, seen, raw FROM refused WHERE feed = ? AND id = ? ORDER BY code, seen, digest",
        (feed, stix_id),
    )
    return [(code, stamp(read_stamp(seen)), raw) for code, seen, raw in rows]
