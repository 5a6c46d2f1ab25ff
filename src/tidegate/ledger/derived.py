"""The tables of what the feeds' objects came to: evaluations, the order of proposals, the queue.

All of it is derived: it can be made again from the objects, the feed definitions and the list. An
evaluation is kept object by object, so that the next one judges only what is new, what changed,
and what is due (judging.py); everything else stands until the policy or the guards change.

Owns these tables, and their temporary doubles, in which a policy is tried, or a ledger evaluated
that may not be written to. Refuses to know what they hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tidegate.indicators.kinds import IndicatorType
from tidegate.ledger.link import Link

if TYPE_CHECKING:  # the ledger itself is built on this module
    from tidegate.ledger.ledger import Ledger

# evaluated.at is the time by which objects were judged last (seconds since 1970, UTC), mark another
# one for each time that something was saved. judged.number is another one each time that an object
# is judged; digest and revoked are those of the object then; due is when it may end otherwise
# (seconds since 1970, UTC); body holds its candidates. proposal is what ranking needs of a
# candidate, in the order of row identities, so that what is the same stands together; kind and
# action are places in the enumerations. named are the other values by which an object is known:
# hashes of the same file as the main value; what ended or was refused whole has none. changed are
# objects that the last evaluation has not seen as they are, and types of which some had ids that do
# not tell. rejection.beside says that it is not the end of an indicator. agreed are rows of a list
# that the judged objects of these numbers left as they are, as long as they were last updated then.
DERIVED = """
CREATE TABLE IF NOT EXISTS evaluated (
    feed TEXT PRIMARY KEY,
    basis BLOB NOT NULL,
    junk INTEGER NOT NULL,
    at REAL NOT NULL,
    mark BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS changed (
    feed TEXT NOT NULL,
    id TEXT NOT NULL,
    mark BLOB NOT NULL,
    PRIMARY KEY (feed, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS judged (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    feed TEXT NOT NULL,
    stix_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    revoked INTEGER NOT NULL,
    standing TEXT NOT NULL,
    candidates INTEGER NOT NULL,
    rejected_atoms INTEGER NOT NULL,
    repairs TEXT NOT NULL,
    due REAL,
    detail TEXT NOT NULL,
    body BLOB,
    UNIQUE (feed, stix_id)
);
CREATE INDEX IF NOT EXISTS judged_by_due ON judged (feed, due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS proposal (
    feed TEXT NOT NULL,
    kind INTEGER NOT NULL,
    value TEXT NOT NULL,
    groups TEXT NOT NULL,
    stix_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    action INTEGER NOT NULL,
    severity INTEGER NOT NULL,
    trust INTEGER NOT NULL,
    confidence INTEGER,
    evidence REAL NOT NULL,
    sightings INTEGER NOT NULL,
    expires REAL,
    aliases TEXT NOT NULL,
    passed_over INTEGER NOT NULL,
    rule TEXT NOT NULL,
    PRIMARY KEY (feed, kind, value, groups, stix_id, place)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS named (
    feed TEXT NOT NULL,
    stix_id TEXT NOT NULL,
    value TEXT NOT NULL,
    main TEXT
);
CREATE INDEX IF NOT EXISTS named_by_value ON named (value);
CREATE INDEX IF NOT EXISTS named_by_object ON named (feed, stix_id);
CREATE TABLE IF NOT EXISTS rejection (
    feed TEXT NOT NULL,
    stix_id TEXT NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    position INTEGER,
    atom INTEGER,
    canonical TEXT NOT NULL,
    beside INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS rejection_by_value ON rejection (value);
CREATE INDEX IF NOT EXISTS rejection_by_canonical ON rejection (canonical);
CREATE INDEX IF NOT EXISTS rejection_by_feed ON rejection (feed, code);
CREATE INDEX IF NOT EXISTS rejection_by_object ON rejection (stix_id, feed);
CREATE INDEX IF NOT EXISTS rejection_beside ON rejection (feed) WHERE beside;
CREATE TABLE IF NOT EXISTS waiting (
    tenant TEXT NOT NULL,
    type TEXT NOT NULL,
    value TEXT NOT NULL,
    groups TEXT NOT NULL,
    score REAL NOT NULL,
    place INTEGER NOT NULL,
    feeds TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS agreed (
    tenant TEXT NOT NULL,
    kind INTEGER NOT NULL,
    value TEXT NOT NULL,
    groups TEXT NOT NULL,
    mark TEXT NOT NULL,
    updated REAL NOT NULL,
    PRIMARY KEY (tenant, kind, value, groups)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS waiting_by_value ON waiting (tenant, value);
"""

KINDS = str(list(range(len(IndicatorType))))
"""All kinds of values, as JSON: with it a value is found in the order of proposals."""

FORMER = "".join(
    f"DROP TABLE IF EXISTS {table};"
    for table in ("outcome", "candidate", "alias", "rejection", "ended_value", "waiting")
)
"""Does away with the evaluations of version 1."""

_DOUBLED = ("evaluated", "changed", "judged", "proposal", "named", "rejection", "waiting")
_BLANK = ("agreed",)
"""Tables whose doubles stay empty: aside nothing is taken for granted."""
_COUNTED = ("feed", "repair")
"""Tables that hold counts of an evaluation beside other things."""


def temporary() -> str:
    """The statements that make these tables as temporary ones, which then come before any other."""
    return DERIVED.replace(
        "CREATE TABLE IF NOT EXISTS ", "CREATE TEMP TABLE IF NOT EXISTS "
    ).replace("INDEX IF NOT EXISTS ", "INDEX IF NOT EXISTS temp.")


def double(ledger: Ledger) -> None:
    """Let evaluations go to temporary doubles from now on; they begin as what is known.

    All of it is what was known at one moment, whoever writes meanwhile. To be called within a
    transaction, so that half of the doubles never stand before the tables.
    """
    link = ledger.link
    for table in _COUNTED:
        known = "main." + table if ledger.has(table) else "(SELECT 1 LIMIT 0)"
        link.execute(f"CREATE TEMP TABLE {table} AS SELECT * FROM {known}")  # noqa: S608 - our own table names
    if not ledger.has("judged"):
        return  # of an older version, only looked at: these are there, and empty
    for statement in filter(str.strip, temporary().split(";")):
        link.execute(statement)
    for table in _DOUBLED:
        link.execute(f"INSERT INTO temp.{table} SELECT * FROM main.{table}")  # noqa: S608 - our own table names


def drop_doubles(ledger: Ledger) -> None:
    """Forget the doubles."""
    for table in (*_COUNTED, *((*_DOUBLED, *_BLANK) if ledger.has("judged") else ())):
        ledger.link.execute(f"DROP TABLE temp.{table}")


def mark_changed(link: Link, feed: str, idents: Iterable[str]) -> None:
    """Note that objects are not as they were judged, within a transaction.

    Each mark is another, so that one which came meanwhile is not taken back with the one before.
    """
    if link.execute("SELECT 1 FROM evaluated WHERE feed = ?", (feed,)).fetchone() is None:
        return  # all of it is still to be judged
    link.executemany(
        "INSERT OR REPLACE INTO changed VALUES (?, ?, randomblob(8))",
        ((feed, ident) for ident in idents),
    )
