"""The areas of what is kept beside the list: snapshots, withheld plans, and the ledger.

None of them is the list: what is wrong here loses nothing of it. Refuses to rewrite any.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tidegate.errors import TidegateError, UsageError
from tidegate.ledger.ledger import Ledger
from tidegate.service.doctor.findings import (
    MODE,
    Checked,
    Finding,
    checked,
    fault,
    many,
    note,
    warning,
)
from tidegate.store.plan_file import read_plan
from tidegate.store.tenant_store import TenantStore

SNAPSHOTS = "snapshots"
PLANS = "plans"
LEDGER = "ledger"
HELD = "held.json"
_AGAIN = "move it away and sync again: the ledger only repeats what feeds say"
_ENOUGH = 20
"""Faults after which SQLite need not look for more."""


def look_at_snapshots(store: TenantStore) -> tuple[Checked, str | None]:
    """Read every snapshot whole; the second is the last good one's id."""
    try:
        found = store.snapshots.all()
    except (TidegateError, OSError) as error:
        return checked(
            SNAPSHOTS, "cannot be read", [fault(SNAPSHOTS, "unreadable", str(error))]
        ), None
    good = [snapshot for snapshot in found if not snapshot.fault]
    findings = [
        fault(SNAPSHOTS, "snapshot_unreadable", s.fault, f"remove {s.path}: it restores nothing")
        for s in found
        if s.fault
    ]
    if not good and store.journal.size():
        findings.append(note(SNAPSHOTS, "none", "no snapshot: the next bulk change takes one"))
    summary = f"{len(good):,} good, the last is {good[0].id}" if good else "none"
    area = checked(SNAPSHOTS, summary, findings, good=len(good), bad=len(found) - len(good))
    return area, good[0].id if good else None


def look_at_plans(store: TenantStore) -> Checked:
    """Read what the brake withheld."""
    path = store.folder / HELD
    if not path.exists():
        return checked(PLANS, "nothing is held")
    try:
        plan = read_plan(path)
    except UsageError as error:
        found = fault(PLANS, "held_unreadable", error.message, "tidegate sync makes it anew")
        return checked(PLANS, "what is held cannot be read", [found])
    return checked(PLANS, f"{many(len(plan.changes), 'change')} held", held=len(plan.changes))


def look_at_ledger(path: Path) -> Checked:
    """Let SQLite check the file, then hold the numbers of each feed against its rows."""
    if not path.exists():
        return checked(LEDGER, "none: no feed was ever pulled")
    ledger = None
    feeds = 0
    findings: list[Finding] = []
    try:
        ledger = Ledger(path, read_only=True)
        for (said,) in ledger.link.execute(f"PRAGMA integrity_check({_ENOUGH})"):
            if said != "ok":
                findings.append(fault(LEDGER, "ledger_damaged", f"{path}: {said}", _AGAIN))
        for table, *_ in ledger.link.execute("PRAGMA foreign_key_check"):
            findings.append(fault(LEDGER, "ledger_dangling", f"{path}: rows of {table}", _AGAIN))
        if not findings:
            feeds = ledger.link.execute("SELECT COUNT(*) FROM feed").fetchone()[0]
            findings += _adds_up(ledger)
    except (TidegateError, OSError) as error:
        hint = error.hint if isinstance(error, TidegateError) else MODE
        message = error.message if isinstance(error, TidegateError) else f"{path}: {error.strerror}"
        findings.append(fault(LEDGER, "ledger_unreadable", message, hint))
    finally:
        if ledger is not None:
            ledger.close()
    summary = f"{many(feeds, 'feed')}, counts add up" if not findings else "does not hold"
    return checked(LEDGER, summary, findings, feeds=feeds)


_COUNTS = """
SELECT id, indicators, mapped, rejected, ended, candidates,
    (SELECT COUNT(*) FROM judged j WHERE j.feed = f.id AND j.standing = 'mapped'),
    (SELECT COUNT(DISTINCT r.stix_id) FROM rejection r JOIN judged j
        ON j.feed = r.feed AND j.stix_id = r.stix_id
        WHERE r.feed = f.id AND NOT r.beside AND j.standing = 'rejected'),
    (SELECT COUNT(*) FROM judged j WHERE j.feed = f.id AND j.standing = 'ended'),
    (SELECT COUNT(*) FROM proposal p WHERE p.feed = f.id)
FROM feed f JOIN evaluated e ON e.feed = f.id WHERE e.mark <> x'' ORDER BY id
"""


def _adds_up(ledger: Ledger) -> Iterator[Finding]:
    """Every indicator of a feed's last evaluation is mapped, rejected or ended, none twice.

    Refused versions of other objects are rejections, too, and judge no indicator. What is judged
    for the first time now, or was when that broke off, has no numbers yet but those of an older
    Tidegate.
    """
    for feed, indicators, *told in ledger.link.execute(_COUNTS):
        standing, candidates, counted = told[:3], told[3], told[4:]
        if sum(standing) != indicators:
            yield _differs(feed, f"{indicators} indicators, but {sum(standing)} were judged")
        if [*standing, candidates] != counted:
            yield _differs(feed, f"it counts {[*standing, candidates]}, and holds {counted}")


def _differs(feed: str, what: str) -> Finding:
    return warning(LEDGER, "counts_differ", f"feed {feed}: {what}", f"tidegate sync {feed}")
