"""Hypothesis: STIX patterns over values that lie near each other.

Near is what a row could wrongly take in or leave out: the same value in another spelling, one above
it, below it or beside it, the same file under another name, the same address at the other end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from strategies.patterns import patterns_over, tests_of

DOMAINS = (
    *("example.com", "EXAMPLE.com.", "a.example.com", "b.a.example.com", "badexample.com"),
    *("example.org", "com.example.net", "bücher.example", "xn--bcher-kva.example"),
)
ADDRESSES = (
    *("192.0.2.1", "192.0.2.11", "198.51.100.1", "2001:db8::1", "2001:DB8:0::1"),
    *("2001:db8::11", "::ffff:192.0.2.1"),
)
URLS = (
    *("http://example.com/a", "HTTP://EXAMPLE.com:80/a", "http://example.com/a/"),
    *("http://example.com/a/b", "http://example.com/ab", "http://example.com/"),
    *(
        "http://example.com",
        "http://example.com/a?x=1",
        "http://example.com/a?x=2",
        "http://example.com/A",
    ),
    *("http://example.com/a#here", "http://example.com/%61", "http://example.com:8080/a"),
    *("https://example.com/a", "http://a.example.com/a", "http://192.0.2.1/a"),
)
LENGTHS = {"MD5": 32, "SHA-1": 40, "SHA-256": 64}


def hashes(length: int) -> tuple[str, ...]:
    """Return hashes of two files, one of them in two spellings."""
    return ("a" * length, "A" * length, "b" * length)


def _quoted(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple("'" + re.sub(r"(['\\])", r"\\\1", text) + "'" for text in texts)


NAMES = ("a.exe", "A.exe", "b.pdf", "it's")
_FILE = {
    "file:hashes.MD5": _quoted(hashes(32)),
    "file:hashes.'SHA-1'": _quoted(hashes(40)),
    "file:hashes.sha256": _quoted(hashes(64)),
    "file:hashes.'SHA-256'": _quoted(hashes(64)),
    "file:hashes.SSDEEP": ("'3:a:b'",),
    "file:name": (*_quoted(NAMES), "'a%'"),
    "file:size": ("5", "6"),
    "file:mime_type": ("'application/pdf'",),
    "file:parent_directory_ref.path": ("'/tmp'",),
}
_CERTIFICATE = {
    "x509-certificate:hashes.'SHA-1'": _quoted(hashes(40)),
    "x509-certificate:hashes.'SHA-256'": _quoted(hashes(64)),
    "x509-certificate:issuer": ("'CN=a'", "'CN=b'"),
}
_TRAFFIC = {
    "network-traffic:dst_ref.value": _quoted((*ADDRESSES, *DOMAINS[:3])),
    "network-traffic:src_ref.value": _quoted((*ADDRESSES[:3], *DOMAINS[:3])),
    "network-traffic:dst_ref.type": ("'ipv4-addr'", "'ipv6-addr'", "'domain-name'", "'mac-addr'"),
    "network-traffic:src_ref.type": ("'ipv4-addr'", "'domain-name'"),
    "network-traffic:dst_port": ("80", "443"),
    "network-traffic:protocols[*]": ("'tcp'",),
}
_NETWORK = {
    "url:value": _quoted(URLS),
    "domain-name:value": _quoted(DOMAINS),
    "ipv4-addr:value": _quoted(ADDRESSES[:3]),
    "ipv6-addr:value": _quoted(ADDRESSES[3:]),
    "domain-name:resolves_to_refs[*].value": _quoted(ADDRESSES[:2]),
}
_NAME_A_FILE = {path: _FILE[path] for path in tuple(_FILE)[:4]}


def _equal(family: Mapping[str, Sequence[str]]) -> st.SearchStrategy[str]:
    return st.sampled_from([f"{path} = {text}" for path, texts in family.items() for text in texts])


def _all(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Join parts by AND in any order; an empty part is none."""
    return st.tuples(*parts).flatmap(
        lambda terms: st.permutations([term for term in terms if term]).map(" AND ".join)
    )


def _end(name: str) -> st.SearchStrategy[str]:
    value, kind = f"network-traffic:{name}.value", f"network-traffic:{name}.type"
    return _all(_equal({value: _TRAFFIC[value]}), st.just("") | _equal({kind: _TRAFFIC[kind]}))


_beside = st.just("") | tests_of(_FILE)
_sayable = st.one_of(
    *(_equal({path: texts}) for path, texts in tuple(_NETWORK.items())[:4]),
    _all(_equal(_NAME_A_FILE), _beside, _beside, _beside),
    _all(_equal(_CERTIFICATE), st.just("") | tests_of(_CERTIFICATE)),
    _end("dst_ref"),
    _end("src_ref"),
)
_alternatives = st.lists(_sayable, min_size=1, max_size=2).map(" OR ".join).map("[{}]".format)
_of_one_file = st.permutations(sorted(_NAME_A_FILE)).flatmap(
    lambda paths: st.tuples(*(_equal({path: _FILE[path]}) for path in paths[:2]))
)
_changed = st.sampled_from([" NOT = '", " != '", " LIKE '", " LIKE '", " NOT LIKE '", " > '"])
near_patterns = st.one_of(
    _alternatives,
    st.builds(lambda pattern, test: pattern.replace(" = '", test, 1), _alternatives, _changed),
    st.lists(_alternatives, min_size=1, max_size=2).map(" OR ".join),
    _of_one_file.map(" OR ".join).map("[{}]".format),
    patterns_over(
        _FILE, _CERTIFICATE, _TRAFFIC, _NETWORK, _FILE | _CERTIFICATE | _TRAFFIC | _NETWORK
    ),
)
"""Patterns over values that rows know: most of them sayable, the others of every shape."""
