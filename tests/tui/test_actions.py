from __future__ import annotations

import itertools
import shlex
from collections import Counter

import pytest
from textual.keys import Keys

from tidegate.cli.arguments import parse
from tidegate.tui.actions import ACTIONS, Where, acts, completed, find, search
from tidegate.tui.app import screen_of
from tidegate.tui.modes import PLACES, Mode
from tidegate.tui.widgets.footer import chosen, line
from tidegate.tui.widgets.grid import Grid

STATES = list(itertools.product(Mode, *[[True, False]] * 3))
CHARACTERS = 1


@pytest.mark.parametrize("mode", Mode)
def test_every_action_has_its_method_where_its_key_is_bound(mode: Mode) -> None:
    for act in acts(mode):
        owner = Grid if act.where is Where.TABLE else screen_of(mode)
        assert hasattr(owner, f"action_{act.action.partition('(')[0]}"), act.id


@pytest.mark.parametrize("mode", Mode)
def test_no_key_and_no_command_is_there_twice_in_a_mode(mode: Mode) -> None:
    keys = Counter(key for act in acts(mode) for key in act.keys.split(",") if key)
    assert [key for key, times in keys.items() if times > 1] == []
    names = Counter(act.command for act in acts(mode))
    assert [name for name, times in names.items() if times > 1] == []


def test_every_action_is_reached_by_a_key_or_a_command_and_found_in_the_help() -> None:
    for mode in Mode:
        for act in acts(mode):
            assert act in search(act.text, acts(mode))
            assert completed(act.command, acts(mode))[0] is act
            assert bool(act.keys) == bool(act.shown), act.id


def test_what_reads_or_changes_has_a_twin_that_the_command_line_knows() -> None:
    for act in ACTIONS:
        if act.writes or act.where is Where.LIST:
            assert act.twin, act.id
        if act.twin:
            words = shlex.split(act.twin)
            assert parse(words).verb == words[0]


def test_every_written_key_is_one_that_textual_knows() -> None:
    known = {key.value for key in Keys} | {"space", "slash", "asterisk", "colon", "question_mark"}
    known |= {"plus", "minus", "backslash"}
    for act in ACTIONS:
        for key in filter(None, act.keys.split(",")):
            assert key in known or len(key) == CHARACTERS, key


def test_modes_are_reached_by_digit_function_key_and_name() -> None:
    assert {place.mode for place in PLACES} == set(Mode)
    for place in PLACES:
        act = find(Mode.INDICATORS, place.mode.value)
        assert act.keys == f"{place.key},{place.twin}"
        assert int(place.twin[1:]) == int(place.key) + 1
        assert screen_of(place.mode).MODE is place.mode


def test_help_finds_by_word_and_by_key() -> None:
    known = acts(Mode.INDICATORS)

    def found(words: str) -> list[str]:
        return [act.id for act in search(words, known)]

    assert found("u") == ["undo"]
    assert found("U") == found("again undo") == ["redo"]
    assert found("?") == ["help"]
    assert found("paste mail") == ["paste"]
    assert search("", known) == known
    assert search("no such thing", known) == ()


def test_a_command_is_completed_by_its_beginning_and_keeps_what_follows() -> None:
    known = acts(Mode.FEEDS)

    def first(text: str) -> str:
        return completed(text, known)[0].id

    assert first("sy") == first("sync acme-c2") == "sync"
    assert first("sync-a") == "sync_all"
    assert first("hist") == "history"
    assert [act.id for act in completed("why 192.0.2.1", known)] == ["why"]
    assert completed("no such thing", known) == ()


@pytest.mark.parametrize(("mode", "empty", "marked", "read_only"), STATES)
def test_the_footer_names_only_what_is_valid_and_fits_80_columns(
    mode: Mode,
    empty: bool,  # noqa: FBT001 - every combination
    marked: bool,  # noqa: FBT001 - every combination
    read_only: bool,  # noqa: FBT001 - every combination
) -> None:
    names = chosen(mode, empty=empty, marked=marked, read_only=read_only)
    narrow, wide = line(mode, names, 80).plain, line(mode, names, 160).plain
    assert len(narrow) <= 80
    shown = [find(mode, name).footer or find(mode, name).command for name in names]
    assert all(word in wide for word in shown)
    assert sum(word in narrow for word in shown) >= min(len(shown), 7)
    if read_only:
        assert not any(find(mode, name).writes for name in names)
