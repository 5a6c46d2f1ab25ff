"""Rows of a list that say what feeds say: a plan need not make them to see that.

Owns the memory of it. Each judged object has a number that changes whenever it is judged; a row is
known to be as its objects make it by their numbers, as long as it was not updated since. Refuses to
know what a row says. Derived data: without it every row is made and compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from tidegate.indicators.indicator import RowKey
from tidegate.ledger.candidates import KIND, names_text
from tidegate.ledger.evaluation import look_for
from tidegate.ledger.ledger import Ledger

Mark = tuple[str, float]
"""The numbers of the objects behind a row, and when it was last updated (since 1970, UTC)."""


def marks_of(ledger: Ledger, rows: Iterable[tuple[RowKey, Sequence[str]]]) -> list[str]:
    """The numbers of the judged objects behind each row, in their order; given as for candidates.

    A row that no object stands behind has an empty one.
    """
    count = look_for(ledger.link, rows)
    marks = [""] * count
    found = ledger.link.execute(
        "SELECT l.place, j.number FROM temp.looked_for l "
        "CROSS JOIN proposal p ON p.feed = l.feed AND p.kind = l.kind AND p.value = l.value "
        "AND p.groups = l.groups CROSS JOIN judged j ON j.feed = p.feed AND j.stix_id = p.stix_id "
        "ORDER BY l.place, j.number"
    )
    for place, numbers in groupby(found, key=itemgetter(0)):
        marks[place] = " ".join(str(number) for _, number in numbers)
    return marks


def judgement_of(ledger: Ledger) -> frozenset[tuple[str, bytes]]:
    """What tells whether any feed was judged since: compare it with an earlier one."""
    return frozenset(ledger.link.execute("SELECT feed, mark FROM evaluated").fetchall())


def agreed_of(ledger: Ledger, tenant: str) -> frozenset[tuple[str, bytes]]:
    """The judgement by which a tenant's rows were agreed."""
    if not ledger.has("agreement"):
        return frozenset()
    rows = ledger.link.execute("SELECT feed, mark FROM agreement WHERE tenant = ?", (tenant,))
    return frozenset(rows.fetchall())


def agreed(ledger: Ledger, tenant: str) -> dict[tuple[int, str, str], Mark]:
    """What is remembered of a tenant's rows, by kind, value and groups as `place_of` gives them."""
    rows = ledger.link.execute(
        "SELECT kind, value, groups, mark, updated FROM agreed WHERE tenant = ?", (tenant,)
    )
    return {(kind, value, groups): (mark, updated) for kind, value, groups, mark, updated in rows}


def place_of(key: RowKey) -> tuple[int, str, str]:
    """How a row is called here."""
    return KIND[key.type], key.value, names_text(key.groups)


def save_agreed(
    ledger: Ledger,
    tenant: str,
    rows: Iterable[tuple[RowKey, str, datetime]],
    judgement: frozenset[tuple[str, bytes]] = frozenset(),
) -> None:
    """Replace what is known: rows by their keys as feeds know them, marks, and last updates.

    `judgement` is that of their marks.
    """
    with ledger.transaction() as link:
        link.execute("DELETE FROM agreed WHERE tenant = ?", (tenant,))
        link.execute("DELETE FROM agreement WHERE tenant = ?", (tenant,))
        link.executemany(
            "INSERT INTO agreement VALUES (?, ?, ?)", ((tenant, *each) for each in judgement)
        )
        link.executemany(
            "INSERT OR REPLACE INTO agreed VALUES (?, ?, ?, ?, ?, ?)",
            ((tenant, *place_of(key), mark, when.timestamp()) for key, mark, when in rows if mark),
        )
