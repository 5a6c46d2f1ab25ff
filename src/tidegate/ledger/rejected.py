"""The objects behind the rejections of the last evaluation.

Owns the queries of a replay and of an inspection. Refuses to evaluate, and to hold more than one
object at a time.
"""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.ledger.ledger import Ledger, Object
from tidegate.mapping.candidate import Rejection


def refusing(ledger: Ledger) -> tuple[str, ...]:
    """The feeds that have rejections of objects, by id."""
    rows = ledger.link.execute(
        "SELECT DISTINCT feed FROM rejection WHERE stix_id != '' ORDER BY feed"
    )
    return tuple(feed for (feed,) in rows)


def refused_objects(
    ledger: Ledger, feed: str, code: str | None
) -> Iterator[tuple[Object | None, int]]:
    """Each indicator of a feed that was refused, or part of it, and how many values of it were not.

    Of other objects versions may be refused; there is nothing in them to let in. `code` narrows to
    one reason. An object that has left the ledger since is None.
    """
    rows = ledger.link.execute(
        "SELECT r.stix_id, o.revoked, COALESCE(j.candidates, 0) "
        "FROM (SELECT DISTINCT stix_id FROM rejection WHERE feed = :feed "
        "AND stix_id != '' AND (:code IS NULL OR code = :code)) r "
        "LEFT JOIN object o ON o.feed = :feed AND o.id = r.stix_id "
        "LEFT JOIN judged j ON j.feed = :feed AND j.stix_id = r.stix_id "
        "WHERE o.type IS NULL OR o.type = 'indicator' ORDER BY r.stix_id",
        {"feed": feed, "code": code},
    )
    for stix_id, revoked, values in rows:
        item = None if revoked is None else ledger.object(feed, stix_id)
        if item is not None:
            item["id"] = stix_id
            if revoked:
                item["revoked"] = True
        yield item, values


def rejections_beside(ledger: Ledger, value: str) -> list[Rejection]:
    """All rejections of the objects of which `value` was refused, object by object.

    `value` is the text as the feed wrote it or its canonical form. One query for all of them: some
    values are refused in thousands of objects.
    """
    rows = ledger.link.execute(
        "SELECT feed, stix_id, code, detail, field, value, position, atom FROM rejection "
        "WHERE (feed, stix_id) IN (SELECT feed, stix_id FROM rejection "
        "WHERE value = ?1 OR canonical = ?1) ORDER BY feed, stix_id, code, atom",
        (value,),
    )
    return [Rejection(*row) for row in rows]
