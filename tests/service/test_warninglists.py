"""The folder of warninglists: both shapes of it, levels, and every fault in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tidegate.config import Home
from tidegate.errors import ConfigError
from tidegate.service.checking import check_values
from tidegate.service.warninglists import load_warninglists
from tidegate.service.workspace import Workspace


def listing(name: str, kind: str, *entries: str) -> str:
    return json.dumps({"name": name, "type": kind, "version": 1, "list": entries})


@pytest.fixture
def folder(home: Home) -> Path:
    found = home.root / "lists"
    (found / "busy").mkdir(parents=True)
    (found / "akamai.json").write_text(listing("Akamai", "cidr", "23.4.5.0/24"))
    (found / "busy" / "list.json").write_text(listing("Busy", "hostname", "busy-shop.net"))
    (found / "notes.txt").write_text("no list")
    (found / "empty").mkdir()
    return found


def test_both_shapes_are_read(folder: Path) -> None:
    assert load_warninglists(folder, {}).keys == ("akamai", "busy")
    assert load_warninglists(folder, {"busy": "off", "akamai": "warn"}).keys == ("akamai",)


def test_every_door_asks_them(home: Home, folder: Path) -> None:
    home.config_file.write_text(
        '[guards]\nwarninglists = "lists"\n[guards.lists]\nakamai = "downgrade"\n'
    )
    answers = check_values(Workspace.open(home), ["23.4.5.6", "WWW.busy-shop.net", "8.8.8.8"])
    assert [(answer.guard, answer.verdict) for answer in answers] == [
        ("warninglist", "downgrade"),
        ("warninglist", "refuse"),
        ("public_resolver", "refuse"),
    ]
    home.config_file.write_text(f'[guards]\nwarninglists = "{folder}"\nlists = {{busy = "off"}}\n')
    answers = check_values(Workspace.open(home), ["23.4.5.6", "www.busy-shop.net"])
    assert [answer.verdict for answer in answers] == ["warn", "pass"]


def test_expressions_are_asked_as_any_other_list(home: Home, folder: Path) -> None:
    entry = r"/^(www\.)?busy[0-9]+-shop\.net$/i"
    (folder / "busy" / "list.json").write_text(listing("Busy", "regex", entry))
    home.config_file.write_text('[guards]\nwarninglists = "lists"\n')
    ws = Workspace.open(home)
    asked = ["WWW.busy12-shop.net", "https://busy1-shop.net/basket", "busy-shop.net"]
    assert [answer.verdict for answer in check_values(ws, asked)] == ["refuse", "refuse", "pass"]
    told = check_values(ws, asked)[0].reason
    assert told == f"www.busy12-shop.net is on the list busy (Busy) as {entry}"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "bad.json: "),
        ("[]", "bad.json: is no JSON object"),
        (listing("", "cidr"), "bad.json: `name` is missing"),
        (listing("Bad", "regex", "a", r"(a)\1"), r"bad: '(a)\\1': RE2 has no such escape"),
        (listing("Bad", "regex", "a" * 1001), "a' is longer than 1000 characters"),
        (listing("Bad", "cidr", "a.example.com"), "bad: 'a.example.com' is no address"),
    ],
)
def test_a_list_that_cannot_be_read_is_named(folder: Path, text: str, sentence: str) -> None:
    (folder / "bad.json").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_warninglists(folder, {})
    assert sentence in caught.value.message
    assert "off" in caught.value.hint
    assert "\n" not in caught.value.message
    assert load_warninglists(folder, {"bad": "off"}).keys == ("akamai", "busy")


def test_a_list_that_is_too_large(folder: Path) -> None:
    with (folder / "bad.json").open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    with pytest.raises(ConfigError, match="too large"):
        load_warninglists(folder, {})


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file") as caught:
        load_warninglists(tmp_path / "missing", {})
    assert "[guards]" in caught.value.hint


def test_a_list_that_cannot_be_opened(folder: Path) -> None:
    (folder / "bad.json").mkdir()
    with pytest.raises(ConfigError, match="is a directory"):
        load_warninglists(folder, {})


def test_a_level_for_no_list_names_the_nearest(folder: Path) -> None:
    with pytest.raises(ConfigError, match="no such list") as caught:
        load_warninglists(folder, {"akmai": "off"})
    assert caught.value.hint == 'did you mean "akamai"?'


def test_two_lists_of_one_name(folder: Path) -> None:
    (folder / "busy.json").write_text(listing("Busy", "cidr", "23.4.5.0/24"))
    with pytest.raises(ConfigError, match="is called busy, too"):
        load_warninglists(folder, {})
