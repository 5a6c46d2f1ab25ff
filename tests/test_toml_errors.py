"""The sentence made of a validation error, for tables of any file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, Field, ValidationError

from tidegate.toml_errors import Table, fault, plain, suggestion


class Inner(Table):
    size: Annotated[int, Field(ge=1)] = 1
    token: str = ""


def refuse_odd(value: int) -> int:
    if value % 2:
        raise ValueError("{odd} is not even")
    return value


class Outer(Table):
    levels: Mapping[str, int] = Field(default_factory=dict)
    even: Annotated[int, AfterValidator(refuse_odd)] = 0
    inner: Inner = Inner()
    rows: Annotated[tuple[Inner, ...], Field(alias="row")] = ()


def said(data: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as raised:
        Outer.model_validate(data)
    return fault(raised.value, data)


def test_unknown_key_is_compared_with_names_as_written_in_the_file() -> None:
    assert said({"rows": []}) == "unknown key `rows` – did you mean `row`?"


def test_place_in_a_list_counts_from_one() -> None:
    assert said({"row": [{}, {"size": 0}]}) == "row 2: `size`: must be 1 or more, not 0"


def test_value_of_a_key_for_secrets_is_not_repeated() -> None:
    assert said({"inner": {"token": 4711}}) == "`inner.token`: must be text in quotes"


def test_braces_in_a_key_are_text() -> None:
    assert "`{x}`" in said({"{x}": 1})


def test_braces_in_a_reason_are_text() -> None:
    assert said({"even": 3}) == "`even`: {odd} is not even"


def test_hostile_key_of_a_free_table_is_shown_harmless() -> None:
    assert said({"levels": {"\x1b[2J": "x"}}).isprintable()


def test_table_of_the_wrong_shape() -> None:
    assert said({"inner": 3}) == "`inner`: must be a table of keys (size, token), not 3"


def test_far_word_gets_the_list_of_known_ones() -> None:
    assert suggestion("zzz", ["one", "two"]) == " – known: one, two"


def test_word_cut_short_is_the_one_that_it_begins() -> None:
    assert suggestion("tlp", ["title", "tlp_default"]) == ' – did you mean "tlp_default"?'


def test_word_of_half_the_letters_is_not_near() -> None:
    assert suggestion("nope", ["opencti", "x"]) == " – known: opencti, x"


def test_near_word_ignores_letter_case() -> None:
    assert suggestion("TRUTS", ["trust", "title"]) == ' – did you mean "trust"?'


def test_values_are_shown_short_and_harmless() -> None:
    assert len(plain("x" * 400)) == 40
    assert plain("a\x1b[31m").isprintable()
    assert plain(["a"]) == "['a']"
