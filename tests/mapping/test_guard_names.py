"""A set of names covers what lies under it and knows what lies above, label by label."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tidegate.mapping.guard_names import PROTECTED, NameSet

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
