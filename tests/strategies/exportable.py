"""Hypothesis: rows with every awkward thing that an export has to carry; values are canonical."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from tidegate.indicators.indicator import Indicator, scope
from tidegate.indicators.kinds import FILE_TYPES, Action, IndicatorType, Origin, Severity
from tidegate.indicators.value import canonical
from tidegate.stix.markings import LEVELS

NOW = datetime(2026, 11, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

_labels = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)
ipv6 = st.ip_addresses(v=6, network="2001:db8::/32").map(str)
_values = {
    IndicatorType.FILE_SHA256: st.binary(min_size=32, max_size=32).map(bytes.hex),
    IndicatorType.FILE_SHA1: st.binary(min_size=20, max_size=20).map(bytes.hex),
    IndicatorType.FILE_MD5: st.binary(min_size=16, max_size=16).map(bytes.hex),
    IndicatorType.CERTIFICATE: st.binary(min_size=20, max_size=20).map(bytes.hex),
    IndicatorType.IP_ADDRESS: st.ip_addresses(v=4, network="198.51.100.0/24").map(str) | ipv6,
    IndicatorType.DOMAIN_NAME: _labels.map(lambda label: f"{label}.example.com"),
    IndicatorType.URL: st.text("abc/'(),;%=+-@é\\\" ", max_size=12).map(
        lambda path: "https://evil.example.com/" + path.strip()
    ),
}
# Words that formats trip over, among arbitrary text.
_awkward = st.sampled_from(["=1+1", "'=x", "-", "a,b", 'say "x"', "a\r\nb", "\rx", "a\0b", " x "])
_texts = st.text(max_size=20) | _awkward


@st.composite
def exportable(draw: st.DrawFn) -> Indicator:
    """A manual row that has not expired at NOW."""
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
