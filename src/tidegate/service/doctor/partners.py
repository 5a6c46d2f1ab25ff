"""The area of partners: their files, and what is kept of what each was given.

Nobody gets a delivery while either cannot be read. Refuses to rewrite any: what a partner was given
is known nowhere else.
"""

from __future__ import annotations

from pathlib import Path

from tidegate.config import Home
from tidegate.errors import StoreTooNew, TidegateError
from tidegate.service.doctor.findings import Checked, Finding, checked, fault, many, note
from tidegate.service.partners import SENT, entries
from tidegate.store.sent_file import read_sent

PARTNERS = "partners"


def look_at_partners(home: Home, tenant: Path) -> Checked:
    """Read every partner's file and what the tenant in this folder gave to whom."""
    found = entries(home)
    findings = [
        fault(PARTNERS, "partner_unreadable", entry.error.message, entry.error.hint or "mend it")
        for entry in found
        if entry.error is not None
    ]
    known = {entry.id for entry in found}
    kept = sorted((tenant / PARTNERS).glob(f"*{SENT}"))
    for path in kept:
        findings += _judged(path, known)
    summary = f"{many(len(found), 'partner')}, {len(kept):,} with deliveries"
    return checked(PARTNERS, summary, findings, partners=len(found), kept=len(kept))


def _judged(path: Path, known: set[str]) -> list[Finding]:
    ident = path.name.removesuffix(SENT)
    try:
        held = read_sent(path).held
    except StoreTooNew as error:
        return [note(PARTNERS, "newer", error.message)]
    except TidegateError as error:
        return [fault(PARTNERS, "sent_unreadable", error.message, error.hint)]
    if held and ident not in known:
        said = f"partner {ident} is gone and has {many(held, 'indicator')} of ours"
        return [note(PARTNERS, "partner_gone", said)]
    return []
