"""Which addresses may be asked, which are one server, and that none is shown with a credential."""

from __future__ import annotations

import pytest

from tidegate.errors import FeedRefused
from tidegate.taxii.address import allowed_origin, origin, shown


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://taxii.example.com/a", "https://TAXII.example.com:443/b?x=1"),
        ("http://127.0.0.1/", "http://127.0.0.1:80/taxii2/"),
    ],
)
def test_one_server_in_two_spellings(one: str, other: str) -> None:
    assert origin(one) == origin(other)


@pytest.mark.parametrize(
    "other",
    ["http://taxii.example.com/", "https://taxii.example.com:8443/", "https://taxii.example.org/"],
)
def test_another_scheme_port_or_host_is_another_server(other: str) -> None:
    assert origin(other) != origin("https://taxii.example.com/")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://taxii.example.com/api/", "is not encrypted"),
        ("http://127.0.0.1.example.com/", "is not encrypted"),
        ("ftp://taxii.example.com/", "is not a web address"),
        ("https://user:pw@taxii.example.com/", "carries credentials"),
        ("https://taxii.example.com/#pw", "carries credentials"),
        ("taxii.example.com", "is not an address"),
        ("https://[::1/", "is not an address"),
    ],
)
def test_what_may_not_be_asked_is_refused_without_its_secrets(url: str, reason: str) -> None:
    with pytest.raises(FeedRefused) as refused:
        allowed_origin(url)
    assert reason in refused.value.message
    assert "pw" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://localhost:5000/", "http://[::1]:5000/api/"])
def test_this_machine_may_be_asked_in_clear(url: str) -> None:
    assert allowed_origin(url)[0] == "http"


def test_shown_addresses_hold_no_credential_and_no_query() -> None:
    assert shown("https://user:pw@taxii.example.com:8443/a?key=pw#x") == (
        "https://taxii.example.com:8443/a"
    )
    assert shown("https://[::1]:99999/") == "(unreadable address)"
    assert shown(None) == "(unreadable address)"
