"""Domain names."""

from __future__ import annotations

import pytest

from tidegate.errors import InvalidValue
from tidegate.indicators.domain import canonical_domain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Evil.EXAMPLE.com.", "evil.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("micrоsoft.example", "xn--micrsoft-qbh.example"),  # a Cyrillic о
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("ｅｘａｍｐｌｅ。com", "example.com"),
        ("r3---sn-x.example.com", "r3---sn-x.example.com"),
        ("a" * 63 + ".example.com", "a" * 63 + ".example.com"),
    ],
)
def test_one_name_has_one_spelling(text: str, value: str) -> None:
    assert canonical_domain(text) == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("_dmarc.example.com", "underscore_label"),
        ("*.example.com", "wildcard"),
        ("%.example.com", "wildcard"),
        ("192.0.2.1", "ip_in_domain"),
        ("192.0.2.1.", "ip_in_domain"),
        ("192.0.2.1:80", "ip_in_domain"),
        ("2001:db8::1", "ip_in_domain"),
        ("１.2.3.4", "ip_in_domain"),
        ("1.2.3", "not_a_domain"),
        ("0x7f.1", "not_a_domain"),
        ("example", "single_label"),
        ("a..example.com", "not_a_domain"),
        (".example.com", "not_a_domain"),
        ("example.com..", "not_a_domain"),
        ("-a.example.com", "not_a_domain"),
        ("a-.example.com", "not_a_domain"),
        ("example.com:80", "not_a_domain"),
        ("http://example.com/", "not_a_domain"),
        ("soc@example.com", "not_a_domain"),
        ("i❤.example", "not_a_domain"),
        ("a" * 64 + ".example.com", "over_long"),
        ("a." * 126 + "example", "over_long"),
        ("exa\u00admple.com", "control_character"),
        ("exam ple.com", "control_character"),
        ("example.com\x00", "control_character"),
    ],
)
def test_others_are_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        canonical_domain(text)
    assert refused.value.code == code
