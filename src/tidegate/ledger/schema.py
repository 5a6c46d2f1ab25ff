"""The tables of the ledger and how its one file is opened.

Owns the SQL schema and the connection's settings. Refuses a file written by a newer Tidegate.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from tidegate.errors import StoreDamaged, StoreTooNew

VERSION = 1

_TABLES = """
CREATE TABLE feed (
    id TEXT PRIMARY KEY,
    cursor TEXT,
    published TEXT,
    last_attempt TEXT,
    last_success TEXT,
    error TEXT NOT NULL DEFAULT '',
    fetched INTEGER NOT NULL DEFAULT 0,
    junk INTEGER NOT NULL DEFAULT 0,
    objects INTEGER NOT NULL DEFAULT 0,
    indicators INTEGER NOT NULL DEFAULT 0,
    mapped INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    ended INTEGER NOT NULL DEFAULT 0,
    candidates INTEGER NOT NULL DEFAULT 0,
    rejected_atoms INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE object (
    feed TEXT NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    modified TEXT NOT NULL,
    revoked INTEGER NOT NULL,
    digest BLOB NOT NULL,
    raw BLOB NOT NULL,
    first_seen TEXT NOT NULL,
    run INTEGER NOT NULL,
    PRIMARY KEY (feed, id)
) WITHOUT ROWID;
CREATE INDEX object_by_type ON object (feed, type);
CREATE TABLE outcome (
    feed TEXT NOT NULL,
    stix_id TEXT NOT NULL,
    standing TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (feed, stix_id)
) WITHOUT ROWID;
CREATE TABLE candidate (
    feed TEXT NOT NULL,
    stix_id TEXT NOT NULL,
    type TEXT NOT NULL,
    value TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX candidate_by_value ON candidate (value);
CREATE INDEX candidate_by_feed ON candidate (feed);
CREATE TABLE alias (
    feed TEXT NOT NULL,
    alias TEXT NOT NULL,
    value TEXT NOT NULL
);
CREATE INDEX alias_by_alias ON alias (alias);
CREATE INDEX alias_by_feed ON alias (feed);
CREATE TABLE rejection (
    feed TEXT NOT NULL,
    stix_id TEXT NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    position INTEGER,
    atom INTEGER
);
CREATE INDEX rejection_by_value ON rejection (value);
CREATE INDEX rejection_by_feed ON rejection (feed, code);
CREATE TABLE waiting (
    tenant TEXT NOT NULL,
    type TEXT NOT NULL,
    value TEXT NOT NULL,
    groups TEXT NOT NULL,
    score REAL NOT NULL,
    place INTEGER NOT NULL,
    feeds TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX waiting_by_value ON waiting (tenant, value);
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open the ledger, made 0600 and with its tables when new.

    WAL lets an interactive `why` read while a sync writes. Raises StoreDamaged for a file that is
    no ledger and StoreTooNew for one of a later version.
    """
    if path.is_symlink():
        raise StoreDamaged(f"{path} is a symbolic link", "put the file itself in its place")
    hint = "move it away and sync again: the ledger only repeats what feeds say"
    try:
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        link = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        link.execute("PRAGMA journal_mode = WAL")
        link.execute("PRAGMA synchronous = NORMAL")
        version = link.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            link.close()
            raise StoreTooNew(
                f"{path} was written by a newer Tidegate (version {version})", "use that version"
            )
        if version == 0:
            link.executescript(f"BEGIN IMMEDIATE;{_TABLES}PRAGMA user_version = {VERSION};COMMIT;")
    except sqlite3.DatabaseError as fault:
        raise StoreDamaged(f"{path}: {fault}", hint) from fault
    return link
