"""What leaves through `export` comes back through `import` the same, in both formats.

What a format cannot hold does not come back. STIX: an expiry below the millisecond; a description
that is our own "No description."; an empty title, for which the value stands. The portal's CSV: an
expiry below the second, confidence, TLP, further hashes, the same two texts; rows whose type (MD5,
certificates) or action it does not know, and names with a comma, are listed and not written. Ids,
notes, pins, origins and feeds are ours and in neither: an import is told whose rows they are.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address

from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.export import portal_csv, stix_bundle
from tidegate.indicators.indicator import Indicator, scope
from tidegate.indicators.kinds import (
    FILE_TYPES,
    Action,
    Dialect,
    IndicatorType,
    Origin,
    Severity,
    supported,
)
from tidegate.indicators.value import canonical
from tidegate.sources.import_file import ImportRow, read_import
from tidegate.stix.markings import LEVELS

NOW = datetime(2026, 11, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

_labels = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)
_ipv6 = st.ip_addresses(v=6, network="2001:db8::/32").map(str)
_values = {
    IndicatorType.FILE_SHA256: st.binary(min_size=32, max_size=32).map(bytes.hex),
    IndicatorType.FILE_SHA1: st.binary(min_size=20, max_size=20).map(bytes.hex),
    IndicatorType.FILE_MD5: st.binary(min_size=16, max_size=16).map(bytes.hex),
    IndicatorType.CERTIFICATE: st.binary(min_size=20, max_size=20).map(bytes.hex),
    IndicatorType.IP_ADDRESS: st.ip_addresses(v=4, network="198.51.100.0/24").map(str) | _ipv6,
    IndicatorType.DOMAIN_NAME: _labels.map(lambda label: f"{label}.example.com"),
    IndicatorType.URL: st.text("abc/'(),;%=+-@é\\\" ", max_size=12).map(
        lambda path: "https://evil.example.com/" + path.strip()
    ),
}
# Words that formats trip over, among arbitrary text.
_awkward = st.sampled_from(["=1+1", "'=x", "-", "a,b", 'say "x"', "a\r\nb", "\rx", "a\0b", " x "])
_texts = st.text(max_size=20) | _awkward


@st.composite
def _rows(draw: st.DrawFn) -> Indicator:
    kind = draw(st.sampled_from(IndicatorType))
    value = canonical(kind, draw(_values[kind].filter(lambda text: " " not in text)))
    weaker = FILE_TYPES[FILE_TYPES.index(kind) + 1 :] if kind in FILE_TYPES else ()
    aliases = [f"{other.value}:{draw(_values[other])}" for other in weaker if draw(st.booleans())]
    created = draw(st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 1)))  # noqa: DTZ001 - UTC below
    return Indicator(
        id="x",
        type=kind,
        value=value,
        action=draw(st.sampled_from(Action)),
        severity=draw(st.sampled_from(Severity)),
        title=draw(_texts.filter(bool)),
        created=created.replace(tzinfo=UTC),
        updated=NOW,
        origin=Origin.MANUAL,
        description=draw(_texts),
        groups=scope(draw(st.lists(_texts, max_size=3))),
        expires=draw(
            st.none() | st.timedeltas(MILLISECOND, timedelta(days=900)).map(lambda term: NOW + term)
        ),
        confidence=draw(st.none() | st.integers(0, 100)),
        tlp=draw(st.none() | st.sampled_from(LEVELS)),
        aliases=tuple(aliases),
        category=draw(_texts),
        mitre=tuple(dict.fromkeys(filter(None, draw(st.lists(_texts.map(str.strip), max_size=3))))),
        recommended_actions=draw(_texts),
        note="internal",
    )


def _cut(time: datetime | None, places: int) -> datetime | None:
    return time and time.replace(microsecond=time.microsecond // 10**places * 10**places)


@settings(max_examples=120)
@given(st.lists(_rows(), min_size=1, max_size=4))
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
@given(st.lists(_rows(), min_size=1, max_size=4), st.sampled_from(Dialect))
def test_portal_csv(rows: list[Indicator], dialect: Dialect) -> None:
    rendered = portal_csv.render(rows, NOW, dialect, "red")
    assert rendered.written + len(rendered.skipped) == len(rows)
    read = [read_import(data, suffix) for suffix, data in rendered.files]
    assert [problem for reading in read for problem in reading.problems] == []
    left_out = [id(skip.row) for skip in rendered.skipped]
    sayable = [row for row in rows if id(row) not in left_out]
    for row in rows:
        if "," not in "".join((*row.groups, *row.mitre)) and row.type in _SAYABLE:
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


@given(_ipv6)
def test_addresses_are_written_short_and_read_long(text: str) -> None:
    value = canonical(IndicatorType.IP_ADDRESS, text)
    assert canonical(IndicatorType.IP_ADDRESS, IPv6Address(text).compressed) == value
    assert IPv6Address(value) == IPv6Address(text)
    assert IPv4Address("192.0.2.1").compressed == canonical(IndicatorType.IP_ADDRESS, "192.0.2.1")
