"""Hypothesis: STIX patterns of every shape the grammar has, most of them close to what rows say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
_OTHERS = ("1", "-1.5", "t'2026-01-02T03:04:05Z'", "h'00'", "b'YQ=='")
_QUALIFIERS = (
    *("", "", "", "", "", "", " WITHIN 5 SECONDS", " REPEATS 2 TIMES"),
    " START t'2026-01-02T03:04:05Z' STOP t'2026-01-02T03:04:06Z'",
)

_qualifiers = st.sampled_from(_QUALIFIERS)
_negations = st.sampled_from(["", "", "", " NOT"])
_others = st.sampled_from(_OTHERS)
_shapes = st.sampled_from([*["plain"] * 8, "EXISTS", "IN", "text", "value", "boolean"])
_text_tests = st.sampled_from(["LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"])
_equalities = st.sampled_from(["=", "!="])
_value_tests = st.sampled_from(["=", "==", "!=", "<>", ">", "<="])


def patterns_over(*families: Mapping[str, Sequence[str]]) -> st.SearchStrategy[str]:
    """Return patterns of every shape; a family is paths, each with the literals it is tested with.

    One bracket holds paths of one family.
    """
    return st.recursive(
        st.one_of(*map(_brackets, families)),
        lambda inner: st.builds(
            "({}){}".format, _joined(inner, ("OR", "OR", "AND", "FOLLOWEDBY")), _qualifiers
        ),
        max_leaves=3,
    )


def _brackets(family: Mapping[str, Sequence[str]]) -> st.SearchStrategy[str]:
    nested = st.recursive(
        tests_of(family),
        lambda inner: _joined(inner, ("AND", "OR")).map("({})".format),
        max_leaves=4,
    )
    return st.builds("[{}]{}".format, _joined(nested, ("AND", "OR")), _qualifiers)


def tests_of(family: Mapping[str, Sequence[str]]) -> st.SearchStrategy[str]:
    """Return tests of one path, two thirds of them plain equalities."""

    @st.composite
    def test(draw: st.DrawFn) -> str:
        path = draw(paths)
        literals = st.sampled_from(family[path])
        shape = draw(_shapes)
        if shape == "plain":
            return f"{path} = {draw(literals)}"
        if shape == "EXISTS":
            return f"EXISTS {path}"
        negation = draw(_negations)
        if shape == "IN":
            members = ", ".join(draw(st.lists(literals, max_size=3)))
            return f"{path}{negation} IN ({members})"
        if shape == "text":
            literal = draw(literals)
            text = literal if literal[0] == "'" else f"'{literal}'"
            return f"{path}{negation} {draw(_text_tests)} {text}"
        if shape == "boolean":
            return f"{path}{negation} {draw(_equalities)} true"
        return f"{path}{negation} {draw(_value_tests)} {draw(literals | _others)}"

    paths = st.sampled_from(sorted(family))
    return test()


def _joined(terms: st.SearchStrategy[str], words: Sequence[str]) -> st.SearchStrategy[str]:
    """Join one to three terms, each by a word of its own."""
    others = st.builds(" {} {}".format, st.sampled_from(words), terms)
    return st.builds(lambda first, rest: first + "".join(rest), terms, st.lists(others, max_size=2))


patterns = patterns_over(*(dict.fromkeys(family, _TEXTS) for family in _FAMILIES))
