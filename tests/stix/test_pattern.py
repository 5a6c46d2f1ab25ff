"""Patterns to atoms: alternatives, the fast path, one file by several hashes, and hostile text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stix2patterns.v21.pattern import Pattern

from tidegate.errors import PatternError
from tidegate.indicators.kinds import IndicatorType
from tidegate.stix import atoms
from tidegate.stix.atoms import PatternAtom
from tidegate.stix.pattern import MAX_LENGTH, MAX_PRODUCT, read_pattern
from tidegate.stix.pattern_paths import PLAIN_PATHS

MD5, SHA1, SHA256 = (
    IndicatorType.FILE_MD5,
    IndicatorType.FILE_SHA1,
    IndicatorType.FILE_SHA256,
)
PATHS = {
    "url:value": IndicatorType.URL,
    "domain-name:value": IndicatorType.DOMAIN_NAME,
    "ipv4-addr:value": IndicatorType.IP_ADDRESS,
    "ipv6-addr:value": IndicatorType.IP_ADDRESS,
}


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def values(pattern: str) -> list[tuple[IndicatorType | None, str]]:
    return [(atom.type, atom.value) for atom in read_pattern(pattern)]


def codes(pattern: str) -> list[str]:
    return [atom.code for atom in read_pattern(pattern)]


def test_a_single_equality() -> None:
    assert read_pattern("[ domain-name:value='a.example.com' ]") == (
        PatternAtom(IndicatorType.DOMAIN_NAME, "a.example.com", position=2),
    )


@given(st.sampled_from(sorted(PLAIN_PATHS)), st.text(max_size=20), st.sampled_from(["", " ", "\t"]))
@example("url:value", "it's", "")
@example("url:value", "a\nb", "")
@example("url:value", "\\", "")
def test_the_fast_path_says_what_the_reader_says(path: str, text: str, space: str) -> None:
    plain = f"[{space}{path}{space}={space}{quoted(text)}]"
    (fast,) = read_pattern(plain)
    # Parentheses keep the pattern from the fast path, and move it by one character.
    (slow,) = read_pattern(f"({plain})")
    assert fast == slow._replace(position=slow.position - 1)
    assert fast.value == text


equalities = st.tuples(
    st.sampled_from(sorted(PATHS)), st.text(st.characters(codec="utf-8"), max_size=8)
)


@given(
    st.lists(st.lists(equalities, min_size=1, max_size=3), min_size=1, max_size=3),
    st.sampled_from(["{} = {}", "{} IN ({})"]),
)
def test_alternatives_agree_with_the_reference(
    brackets: list[list[tuple[str, str]]], test: str
) -> None:
    def bracket(terms: list[tuple[str, str]]) -> str:
        return "[" + " OR ".join(test.format(path, quoted(text)) for path, text in terms) + "]"

    pattern = " OR ".join(bracket(terms) for terms in brackets)
    expected = {
        (PATHS[f"{kind}:{path[0]}"], value[1:-1] if value[0] == "(" else value)
        for kind, tests in Pattern(pattern).inspect().comparisons.items()
        for path, _, value in tests
    }
    assert {(kind, quoted(value)) for kind, value in values(pattern)} == expected
    assert len(values(pattern)) == sum(len(terms) for terms in brackets)


def test_alternatives_inside_and_between_brackets() -> None:
    pattern = (
        "([url:value = 'a' OR (url:value = 'b')] OR [url:value = 'c']) OR [url:value IN ('d', 'e')]"
    )
    assert [value for _, value in values(pattern)] == ["a", "b", "c", "d", "e"]


def test_a_branch_that_maps_survives_one_that_does_not() -> None:
    assert codes("[url:value = 'a' OR mutex:name = 'b'] OR [url:value LIKE 'c']") == [
        *("", atoms.UNMAPPED_PATH, atoms.LIKE)
    ]


def test_what_joins_observations() -> None:
    one, two = "[url:value = 'a']", "[url:value = 'b']"
    assert codes(f"{one} AND {two}") == [atoms.OBSERVATION_AND]
    assert codes(f"{one} FOLLOWEDBY {two}") == [atoms.FOLLOWED_BY]
    assert codes(f"{one} REPEATS 5 TIMES") == [atoms.QUALIFIER]
    assert codes(f"({one} OR {two}) WITHIN 5 SECONDS") == [atoms.QUALIFIER]
    assert codes(f"{one} AND {two} OR {one}") == [atoms.OBSERVATION_AND, ""]


def test_and_over_or_multiplies_out() -> None:
    pattern = "[file:name = 'n' AND (file:hashes.MD5 = 'a' OR file:hashes.MD5 = 'b')]"
    assert values(pattern) == [(MD5, "a"), (MD5, "b")]
    many = " OR ".join(f"file:hashes.MD5 = '{n}'" for n in range(MAX_PRODUCT + 44))
    assert len(read_pattern(f"[({many}) AND file:name = 'n']")) == MAX_PRODUCT + 44
    some = " OR ".join(f"file:name = '{n}'" for n in range(17))
    assert codes(f"[({some}) AND ({some})]") == [atoms.AND_ACROSS]


def test_what_multiplies_too_far_takes_no_other_alternative_with_it() -> None:
    some = " OR ".join(f"file:name = '{n}'" for n in range(17))
    pattern = f"[url:value = 'a' OR ((({some}) AND ({some})) OR url:value = 'b')]"
    first, far, last = read_pattern(pattern)
    assert (first.value, far.code, last.value) == ("a", atoms.AND_ACROSS, "b")
    assert far.position == pattern.index("file:name = '0'")


def test_a_hash_decides_whatever_choice_of_names_stands_beside_it() -> None:
    some = " OR ".join(f"file:name = '{n}' OR file:size > {n}" for n in range(17))
    hashes = "(file:hashes.MD5 = 'a' OR file:hashes.MD5 = 'b' AND file:name = 'c')"
    assert values(f"[({some}) AND {hashes} AND ({some})]") == [(MD5, "a"), (MD5, "b")]


@pytest.mark.parametrize("other", ["process:name = 'x'", "file:name != 'x'", "file:name NOT = 'x'"])
def test_a_choice_that_holds_more_than_names_is_no_bystander(other: str) -> None:
    pattern = f"[file:hashes.MD5 = 'a' AND (file:name = 'n' OR {other})]"
    assert codes(pattern) == ["", atoms.AND_ACROSS]


@pytest.mark.parametrize(
    "pattern",
    [
        "[file:hashes.MD5 = 'm'] OR [file:hashes.'SHA-256' = 'l'] OR [file:hashes.'SHA-1' = 's']",
        "[file:hashes.MD5 = 'm' OR file:hashes.'SHA-256' = 'l' OR file:hashes.'SHA-1' = 's']",
    ],
)
def test_one_hash_of_each_algorithm_is_one_file(pattern: str) -> None:
    (atom,) = read_pattern(pattern)
    assert (atom.type, atom.value, atom.aliases) == (SHA256, "l", ((SHA1, "s"), (MD5, "m")))


def test_one_file_leaves_an_algorithm_that_no_row_has() -> None:
    file, other = read_pattern(
        "[file:hashes.MD5 = 'm' OR file:hashes.SSDEEP = 'x' OR file:hashes.'SHA-1' = 's']"
    )
    assert (file.type, file.aliases) == (SHA1, ((MD5, "m"),))
    assert other.code == atoms.UNMAPPED_HASH


@pytest.mark.parametrize(
    "pattern",
    [
        "[file:hashes.MD5 = 'a' OR file:hashes.MD5 = 'b']",
        "[file:hashes.MD5 = 'a' OR file:hashes.MD5 = 'b' OR file:hashes.'SHA-1' = 'c']",
        "[file:hashes.MD5 = 'a' OR file:hashes.'SHA-1' = 'c' OR url:value = 'u']",
        "[file:hashes.MD5 = 'a' OR file:hashes.'SHA-1' = 'c' OR file:name = 'n']",
        "[file:hashes.MD5 = 'a' OR x509-certificate:hashes.'SHA-1' = 'c']",
        "[file:hashes.MD5 = 'a' OR (file:name == 'n' AND file:hashes.'SHA-1' = 'c')]",
    ],
)
def test_anything_else_stays_apart(pattern: str) -> None:
    found = read_pattern(pattern)
    assert len(found) == pattern.count(" = ")
    assert all(not atom.aliases for atom in found)


def test_a_long_chain_needs_no_stack() -> None:
    chain = " OR ".join(f"url:value='{n}'" for n in range(2_500))
    assert len(read_pattern(f"[{chain}]")) == 2_500
    with pytest.raises(PatternError, match="longer"):
        read_pattern(f"[url:value = '{'a' * MAX_LENGTH}']")


@given(st.text() | st.text("[]()'\\=:.*,/ \nANDORINOT<!urlvae-5", max_size=80))
def test_any_text_is_read_or_a_pattern_error(text: str) -> None:
    try:
        found: tuple[PatternAtom, ...] | PatternError = read_pattern(text)
    except PatternError as error:
        found = error
    if isinstance(found, PatternError):
        assert 0 <= found.position <= len(text)
        assert found.message.isprintable()
    else:
        assert found


@pytest.mark.parametrize("mark", ["(", "[", "/*", "'", "//", "\\", "[a:b = ((", "a:", "b'aaaa"])
def test_hostile_repetition_is_refused_at_once(mark: str) -> None:
    with pytest.raises(PatternError):
        read_pattern(mark * (MAX_LENGTH // len(mark)))
