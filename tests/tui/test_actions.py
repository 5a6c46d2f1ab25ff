from __future__ import annotations

from collections import Counter

import pytest

from tidegate.tui.actions import ACTIONS, BY_ID, Act, Where, search
from tidegate.tui.screens.indicators import IndicatorsScreen
from tidegate.tui.widgets.footer import chosen
from tidegate.tui.widgets.table import IndicatorTable


@pytest.mark.parametrize("act", ACTIONS, ids=lambda act: act.id)
def test_every_action_has_its_method_where_its_key_is_bound(act: Act) -> None:
    owner = IndicatorTable if act.where is Where.TABLE else IndicatorsScreen
    assert hasattr(owner, f"action_{act.id}")


def test_no_key_is_bound_twice() -> None:
    keys = Counter(key for act in ACTIONS for key in act.keys.split(","))
    assert [key for key, times in keys.items() if times > 1] == []
    assert len(BY_ID) == len(ACTIONS)


def test_help_finds_by_word_and_by_key() -> None:
    assert [act.id for act in search("u")] == ["undo"]
    assert [act.id for act in search("U")] == [act.id for act in search("again undo")] == ["redo"]
    assert [act.id for act in search("?")] == ["help"]
    assert [act.id for act in search("paste mail")] == ["paste"]
    assert search("") == ACTIONS
    assert search("no such thing") == ()


@pytest.mark.parametrize("empty", [True, False])
@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("read_only", [True, False])
def test_the_footer_names_only_what_has_a_word(empty: bool, marked: bool, read_only: bool) -> None:  # noqa: FBT001
    names = chosen(empty=empty, marked=marked, read_only=read_only)
    assert all(BY_ID[name].footer for name in names)
    if read_only:
        assert not any(BY_ID[name].writes for name in names)
