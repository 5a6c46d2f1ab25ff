"""What leaves through `export` comes back through `import` the same, in both formats.

What a format cannot hold does not come back. STIX: an expiry below the millisecond; a description
that is our own "No description."; an empty title, for which the value stands. The portal's CSV: an
expiry below the second, confidence, TLP, further hashes, the same two texts; rows whose type (MD5,
certificates) or action it does not know, and names with a comma, are listed and not written. Ids,
notes, pins, origins and feeds are ours and in neither: an import is told whose rows they are.
"""

from __future__ import annotations

from datetime import datetime
from ipaddress import IPv4Address, IPv6Address

from hypothesis import given, settings
from hypothesis import strategies as st

from strategies.exportable import NOW, exportable, ipv6
from tidegate.export import portal_csv, stix_bundle
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import (
    Dialect,
    IndicatorType,
    supported,
)
from tidegate.indicators.value import canonical
from tidegate.indicators.wire import guarded
from tidegate.sources.import_file import ImportRow, read_import


def _cut(time: datetime | None, places: int) -> datetime | None:
    return time and time.replace(microsecond=time.microsecond // 10**places * 10**places)


@settings(max_examples=120)
@given(st.lists(exportable(), min_size=1, max_size=4))
def test_stix(rows: list[Indicator]) -> None:
    rendered = stix_bundle.render(rows, NOW, "Example Corp SOC", "red")
    stix_bundle.check(rendered.files[0][1])
    reading = read_import(rendered.files[0][1], "x.json")
    assert reading.problems == ()
    assert (reading.others, rendered.written) == (3, len(rows))
    wanted = tuple(
        ImportRow(
            line=line,
            type=row.type,
            value=row.value,
            action=row.action,
            severity=row.severity,
            title=row.title,
            description=row.description,
            groups=row.groups,
            expires=_cut(row.expires, 3),
            confidence=row.confidence,
            tlp=row.tlp,
            aliases=row.aliases,
            category=row.category,
            mitre=row.mitre,
            recommended_actions=row.recommended_actions,
            stix_id=reading.rows[line - 1].stix_id,
            stated=frozenset(
                {"expires", "description", "category", "mitre", "recommended_actions"}
            ),
        )
        for line, row in enumerate(rows, start=1)
    )
    assert reading.rows == wanted


@settings(max_examples=120)
@given(st.lists(exportable(), min_size=1, max_size=4), st.sampled_from(Dialect))
def test_portal_csv(rows: list[Indicator], dialect: Dialect) -> None:
    rendered = portal_csv.render(rows, NOW, dialect, "red")
    assert rendered.written + len(rendered.skipped) == len(rows)
    read = [read_import(data, suffix) for suffix, data in rendered.files]
    assert [problem for reading in read for problem in reading.problems] == []
    left_out = [id(skip.row) for skip in rendered.skipped]
    sayable = [row for row in rows if id(row) not in left_out]
    for row in rows:
        lists = (",".join(row.groups), row.category, ",".join(row.mitre))
        listable = all(guarded(cell) == cell for cell in lists)
        if "," not in "".join((*row.groups, *row.mitre)) and listable and row.type in _SAYABLE:
            assert (row in sayable) == supported(dialect, row.type, row.action)
    wanted = [
        (
            row.type,
            row.value,
            row.action,
            row.severity,
            row.title,
            row.description,
            row.groups,
            _cut(row.expires, 6),
            row.category,
            row.mitre,
            row.recommended_actions,
        )
        for row in sayable
    ]
    found = [
        (
            row.type,
            row.value,
            row.action,
            row.severity,
            row.title,
            row.description,
            row.groups,
            row.expires,
            row.category,
            row.mitre,
            row.recommended_actions,
        )
        for reading in read
        for row in reading.rows
    ]
    assert sorted(map(repr, found)) == sorted(map(repr, wanted))


_SAYABLE = {
    IndicatorType.FILE_SHA256,
    IndicatorType.FILE_SHA1,
    IndicatorType.IP_ADDRESS,
    IndicatorType.DOMAIN_NAME,
    IndicatorType.URL,
}


@given(ipv6)
def test_addresses_are_written_short_and_read_long(text: str) -> None:
    value = canonical(IndicatorType.IP_ADDRESS, text)
    assert canonical(IndicatorType.IP_ADDRESS, IPv6Address(text).compressed) == value
    assert IPv6Address(value) == IPv6Address(text)
    assert IPv4Address("192.0.2.1").compressed == canonical(IndicatorType.IP_ADDRESS, "192.0.2.1")
