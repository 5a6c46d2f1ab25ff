"""The tables of the ledger and how its one file is opened.

Owns the SQL schema and the connection's settings. Refuses a file written by a newer Tidegate.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from tidegate.errors import ConfigError, StoreDamaged, StoreTooNew
from tidegate.ledger.derived import DERIVED, FORMER
from tidegate.ledger.link import told

VERSION = 2
"""2: evaluations are kept object by object (derived.py); those of version 1 are made anew."""
_PAGE = 16 * 1024
"""Bytes of a page of a new file: objects lie several to a page, and what a commit touches is put
into the log in fewer pieces than in the usual ones of 4 KiB. A file that is there keeps its own."""
_LOG_PAGES = 2000
"""Pages after which the log is put into the file: each time costs a sync of the disk."""
_CACHE_KIB = 16 * 1024
"""Holds the indices of a million objects well enough that a page of them touches no disk twice."""

# feed.run counts pulls and is never reset; feed.source is the fingerprint of where they read;
# feed.since is the first pull from there while objects of another source may still be held, else 0.
# Objects lie in the order of their arrival (SQLite, "The WITHOUT ROWID Optimization": not for rows
# of more than 50 bytes or so): by their random ids each page would rewrite half of the file.

TABLES = """
CREATE TABLE IF NOT EXISTS feed (
    id TEXT PRIMARY KEY,
    run INTEGER NOT NULL DEFAULT 0,
    source TEXT NOT NULL DEFAULT '',
    since INTEGER NOT NULL DEFAULT 0,
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
CREATE TABLE IF NOT EXISTS object (
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
);
CREATE INDEX IF NOT EXISTS object_by_type ON object (feed, type);
"""

# Came later: a ledger that an older version made is given these tables by the next one to write
# it, and that version goes on reading the rest. repair.stage is what counted: pull or evaluation;
# pull.sweep and pull.ended say that a pull read from the beginning to find what has gone, and that
# it came to its end; reading.swept is when the last one that did began, reading.asked what a person
# asked of the next, reading.before the position before the stored one; earlier.times are the
# `modified` of versions that were replaced; withdrawn are objects that were
# revoked when they left; gone.settled says that an evaluation has followed; agreement is the
# judgement by which `agreed` (derived.py) holds; scan_place.content is a
# fingerprint of a file of events up to where it was scanned, and list one of what it was scanned
# for; scan_raised.alert is a digest of event and row.
LATER = """
CREATE TABLE IF NOT EXISTS wish (
    tenant TEXT NOT NULL,
    type TEXT NOT NULL,
    value TEXT NOT NULL,
    groups TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (tenant, type, value, groups)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS repair (
    feed TEXT NOT NULL,
    stage TEXT NOT NULL,
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (feed, stage, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS publication (
    feed TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (feed, at)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pin (
    feed TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    version TEXT NOT NULL,
    root TEXT NOT NULL,
    collection TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sync_run (
    id INTEGER PRIMARY KEY,
    began TEXT NOT NULL,
    door TEXT NOT NULL,
    tenant TEXT NOT NULL,
    ended TEXT,
    body BLOB
);
CREATE TABLE IF NOT EXISTS pull (
    feed TEXT NOT NULL,
    run INTEGER NOT NULL,
    at TEXT NOT NULL,
    start TEXT,
    cursor TEXT,
    objects INTEGER NOT NULL,
    sweep INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    PRIMARY KEY (feed, run)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reading (
    feed TEXT PRIMARY KEY,
    swept TEXT,
    asked INTEGER NOT NULL,
    before TEXT
);
CREATE TABLE IF NOT EXISTS refused (
    feed TEXT NOT NULL,
    id TEXT NOT NULL,
    code TEXT NOT NULL,
    digest BLOB NOT NULL,
    modified TEXT NOT NULL,
    raw BLOB NOT NULL,
    seen TEXT NOT NULL,
    run INTEGER NOT NULL,
    PRIMARY KEY (feed, id, code, digest)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS earlier (
    feed TEXT NOT NULL,
    id TEXT NOT NULL,
    times TEXT NOT NULL,
    PRIMARY KEY (feed, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS withdrawn (
    feed TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (feed, id)
);
CREATE TABLE IF NOT EXISTS gone (
    feed TEXT NOT NULL,
    value TEXT NOT NULL,
    stix_id TEXT NOT NULL,
    at TEXT NOT NULL,
    settled INTEGER NOT NULL,
    PRIMARY KEY (feed, value)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS gone_by_value ON gone (value);
CREATE INDEX IF NOT EXISTS gone_by_object ON gone (stix_id);
CREATE TABLE IF NOT EXISTS measure (
    tenant TEXT NOT NULL,
    feed TEXT NOT NULL,
    basis TEXT NOT NULL,
    candidates INTEGER NOT NULL,
    PRIMARY KEY (tenant, feed)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS edge (
    tenant TEXT NOT NULL,
    feed TEXT NOT NULL,
    slots INTEGER NOT NULL,
    type TEXT NOT NULL,
    value TEXT NOT NULL,
    groups TEXT NOT NULL,
    worth REAL NOT NULL,
    PRIMARY KEY (tenant, feed)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS agreement (
    tenant TEXT NOT NULL,
    feed TEXT NOT NULL,
    mark BLOB NOT NULL,
    PRIMARY KEY (tenant, feed)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS scan_place (
    tenant TEXT NOT NULL,
    scan TEXT NOT NULL,
    file TEXT NOT NULL,
    place INTEGER NOT NULL,
    line INTEGER NOT NULL,
    content BLOB NOT NULL,
    list BLOB NOT NULL,
    PRIMARY KEY (tenant, scan, file)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS scan_raised (
    tenant TEXT NOT NULL,
    scan TEXT NOT NULL,
    alert BLOB NOT NULL,
    PRIMARY KEY (tenant, scan, alert)
) WITHOUT ROWID;
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open the ledger, made 0600 and with its tables when new.

    WAL lets an interactive `why` read while a sync writes. Raises StoreDamaged for a file that is
    no ledger, StoreTooNew for one of a later version, StoreLocked when another process holds it,
    ConfigError when it may not be opened.
    """
    if path.is_symlink():
        raise StoreDamaged(f"{path} is a symbolic link", "put the file itself in its place")
    try:
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        link = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    except sqlite3.DatabaseError as fault:
        raise told(path, fault) from fault
    except OSError as fault:
        raise ConfigError(
            f"{path} cannot be made: {fault.strerror}", "check its folder and your rights there"
        ) from fault
    try:
        _prepare(link, path)
    except sqlite3.DatabaseError as fault:
        link.close()
        raise told(path, fault) from fault
    except BaseException:
        link.close()
        raise
    return link


def _prepare(link: sqlite3.Connection, path: Path) -> None:
    # Asked before anything is set, so that a newer file is left as it is.
    version = version_of(link, path)
    link.execute(f"PRAGMA page_size = {_PAGE}")
    link.execute("PRAGMA journal_mode = WAL")
    link.execute("PRAGMA synchronous = NORMAL")
    link.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    link.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
    if version < VERSION:
        # Two processes may both find a new file: the second one's statements then change nothing.
        link.executescript(
            f"BEGIN IMMEDIATE;{FORMER if version else ''}{TABLES}{LATER}{DERIVED}"
            f"PRAGMA user_version = {VERSION};COMMIT;"
        )
    else:
        for table in filter(str.strip, LATER.split(";")):
            link.execute(table)  # takes no lock where the table is there


def version_of(link: sqlite3.Connection, path: Path) -> int:
    """The version of the tables, 0 when there are none. Raises StoreTooNew."""
    version = int(link.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise StoreTooNew(
            f"{path} was written by a newer Tidegate (version {version})", "use that version"
        )
    return version
