"""A set of names covers what lies under it and knows what lies above, label by label."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.mapping.guard_names import PROTECTED, NameSet, host_of, is_address

names = st.lists(st.sampled_from(["a", "b", "com", "net"]), min_size=1, max_size=4).map(".".join)


def test_whole_labels_only() -> None:
    protected = NameSet(PROTECTED)
    assert protected.over("microsoft.com") == "microsoft.com"
    assert protected.over("login.eu.microsoft.com") == "microsoft.com"
    assert protected.over("notmicrosoft.com") == ""
    assert protected.over("microsoft.com.example.net") == ""
    assert protected.under("com") != ""
    assert protected.under("microsoft.com") == ""
    assert protected.under("soft.com") == ""


@given(st.sets(names, max_size=4), names)
def test_over_and_under_agree_with_the_definition(members: set[str], name: str) -> None:
    found = NameSet(members)
    assert bool(found.over(name)) == any(f".{name}".endswith(f".{member}") for member in members)
    assert bool(found.under(name)) == any(
        member != name and f".{member}".endswith(f".{name}") for member in members
    )


@pytest.mark.parametrize(
    ("url", "host", "address"),
    [
        ("https://a.example.com/x?y=z", "a.example.com", False),
        ("http://a.example.com:8080/", "a.example.com", False),
        ("http://a.example.com?b", "a.example.com", False),
        ("http://good@a.example.com/", "a.example.com", False),
        ("http://192.0.2.1:80/", "192.0.2.1", True),
        ("http://[2001:db8::1]:80/", "[2001:db8::1]", True),
    ],
)
def test_the_host_of_a_url(url: str, host: str, address: bool) -> None:  # noqa: FBT001 - a table
    assert (host_of(url), is_address(host)) == (host, address)
