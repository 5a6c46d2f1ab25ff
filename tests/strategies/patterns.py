"""Hypothesis: STIX patterns of every shape the grammar has, most of them close to what rows say."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

_FILE = (
    *("file:hashes.MD5", "file:hashes.'SHA-1'", "file:hashes.sha256", "file:hashes.SSDEEP"),
    *("file:name", "file:size", "file:extensions.'x-y'[*].z"),
)
_CERTIFICATE = ("x509-certificate:hashes.'SHA-1'", "x509-certificate:issuer")
_TRAFFIC = tuple(
    f"network-traffic:{name}" for name in ("dst_ref.value", "dst_ref.type", "src_ref.value")
)
_NETWORK = ("url:value", "domain-name:value", "ipv4-addr:value", "ipv6-addr:value")
_OTHER = ("mutex:name", "network-traffic:dst_port", "domain-name:resolves_to_refs[0].value")
_FAMILIES = (
    _FILE,
    _CERTIFICATE,
    _TRAFFIC,
    _NETWORK,
    (*_FILE, *_CERTIFICATE, *_TRAFFIC, *_NETWORK, *_OTHER),
)
"""Paths of one object belong together more often than chance would have it."""

_TEXTS = ("'a'", "'A'", "'192.0.2.1'", "'ipv4-addr'", "'domain-name'", r"'it\'s \\ it'", "''")
_OTHERS = ("1", "-1.5", "true", "t'2026-01-02T03:04:05Z'", "h'00'", "b'YQ=='")
_QUALIFIERS = (
    *("", "", "", "", "", "", " WITHIN 5 SECONDS", " REPEATS 2 TIMES"),
    " START t'2026-01-02T03:04:05Z' STOP t'2026-01-02T03:04:06Z'",
)

_texts = st.sampled_from(_TEXTS)
_qualifiers = st.sampled_from(_QUALIFIERS)
_negations = st.sampled_from(["", "", "", " NOT"])
_equal = _texts.map(" = {}".format)
_tests = st.one_of(
    st.builds(
        "{} {} {}".format,
        _negations,
        st.sampled_from(["=", "==", "!=", "<>"]),
        _texts | st.sampled_from(_OTHERS),
    ),
    st.builds("{} IN ({})".format, _negations, st.lists(_texts, max_size=3).map(", ".join)),
    st.builds(
        "{} {} {}".format,
        _negations,
        st.sampled_from(["LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET", ">", "<="]),
        _texts,
    ),
)


def _joined(terms: st.SearchStrategy[str], words: Sequence[str]) -> st.SearchStrategy[str]:
    """Join one to three terms, each by a word of its own."""
    others = st.builds(" {} {}".format, st.sampled_from(words), terms)
    return st.builds(lambda first, rest: first + "".join(rest), terms, st.lists(others, max_size=2))


def _brackets(paths: Sequence[str]) -> st.SearchStrategy[str]:
    path = st.sampled_from(paths)
    plain = st.builds("{}{}".format, path, _equal)
    test = st.builds("{}{}".format, path, _tests)
    nested = st.recursive(
        st.one_of(plain, plain, plain, plain, test, path.map("EXISTS {}".format)),
        lambda inner: _joined(inner, ("AND", "OR")).map("({})".format),
        max_leaves=4,
    )
    return st.builds("[{}]{}".format, _joined(nested, ("AND", "OR")), _qualifiers)


_observations = st.one_of(*map(_brackets, _FAMILIES))
patterns = st.recursive(
    _observations,
    lambda inner: st.builds(
        "({}){}".format, _joined(inner, ("OR", "OR", "AND", "FOLLOWEDBY")), _qualifiers
    ),
    max_leaves=3,
)
