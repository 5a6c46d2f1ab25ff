from __future__ import annotations

import asyncio

import pytest

from tidegate.tui.widgets.group_suggester import GroupSuggester


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("Serv", "Servers"),
        ("Servers, wor", "Servers, Workstations"),
        ("Servers,", "Servers,Workstations"),
        ("lab", None),
    ],
)
def test_the_last_name_is_completed(typed: str, offered: str | None) -> None:
    known = GroupSuggester(("Servers", "Workstations", "x\x1b[2J"))
    assert asyncio.run(known.get_suggestion(typed)) == offered
    assert asyncio.run(known.get_suggestion("x")) is None
