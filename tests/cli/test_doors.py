"""Every door leaves who, when, why, and each row before and after.

The doors are tried through the command line, in one home, and the history is what is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from driving.homes import START, Cli, Watch, bundle, in_home, indicator, write_feed
from tidegate.clock import read_stamp
from tidegate.service.workspace import Workspace

DOORS = {
    "add": 2,
    "paste": 1,
    "edit": 4,
    "remove": 1,
    "pin": 1,
    "unpin": 1,
    "suppress": 2,
    "import": 1,
    "sync": 2,
    "held": 1,
    "undo": 1,
    "redo": 1,
    "expiry": 1,
    "resolve": 1,
    "restore": 1,
}
"""How often each door is gone through below."""

FACTS = {"serial", "at", "actor", "door", "reason", "sum", "changes", "suppressions"}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, Any]]]:
    """The history of a home that was changed through every door, oldest first."""
    root = tmp_path_factory.mktemp("doors")
    watch = Watch()
    opened = Workspace.open

    def by_the_watch(*args: Any, **options: Any) -> Workspace:  # noqa: ANN401 - passed on
        ws = opened(*args, **{**options, "clock": watch})
        ws.actor = "ana"
        return ws

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workspace, "open", by_the_watch)
        yield walked(Cli(root / "home"), root, watch)


def walked(cli: Cli, root: Path, watch: Watch) -> list[dict[str, Any]]:
    def done(*argv: str, stdin: str = "") -> None:
        watch.turn(minutes=1)
        ran = cli(*argv, stdin=stdin)
        assert ran.code == 0, (argv, ran.err)

    done("add", "mine.example.com", "--expires", "30d")
    done("add", "--stdin", stdin="seen: 203.0.113[.]7 and hxxp://bad[.]example[.]com/x")
    done("edit", "mine.example.com", "--title", "ours", "--severity", "High")
    done("edit", "--filter", "type:ip,url", "--note", "from the mail", "--yes")
    done("pin", "203.0.113.7")
    done("unpin", "203.0.113.7")
    done("suppress", "add", "kept-out.example.com", "--reason", "our scanner")
    done("suppress", "remove", "kept-out.example.com")
    cli.subscribe(write_feed(root / "acme", [indicator(n) for n in range(30)]).folder)
    done("sync", "--yes")
    done("edit", "h2.example.com", "--title", "ours")
    in_home(cli.home, "acme").publish([indicator(n, name="Anew") for n in range(10)])
    held = cli.sync(code=3)["held_id"]
    done("held", "approve", held)
    done("conflicts", "resolve", "h2.example.com", "--theirs", "--yes")
    (root / "theirs.json").write_bytes(bundle([indicator(77)]))
    done("import", str(root / "theirs.json"), "--origin", "foreign", "--yes")
    done("remove", "h1.example.com", "--reason", "no longer seen")
    done("undo")
    done("redo")
    done("edit", "203.0.113.7", "--expires", "1m")  # over by the next write, which journals it
    done("add", "last.example.com")
    done("restore", cli("snapshots", "--json").lines[0]["id"], "--yes")
    ran = cli("history", "--json")
    assert ran.code == 0, ran.err
    return ran.lines[::-1]


def test_every_door_was_gone_through(told: list[dict[str, Any]]) -> None:
    counts = {door: sum(step["door"] == door for step in told) for door in DOORS}
    assert counts == DOORS
    assert {step["door"] for step in told} == set(DOORS)


@pytest.mark.parametrize("door", DOORS)
def test_each_says_who_when_and_why(told: list[dict[str, Any]], door: str) -> None:
    for step in told:
        if step["door"] == door:
            assert step.keys() >= FACTS
            assert step["actor"] == ("tidegate" if door == "expiry" else "ana")
            assert step["reason"].strip()
            assert len(step["sum"]) == 64
            assert step["changes"] or step["suppressions"]
            for change in (*step["changes"], *step["suppressions"]):
                assert change["reason"].strip()
                assert change["before"] != change["after"]


def test_serials_and_times_only_go_on(told: list[dict[str, Any]]) -> None:
    assert [step["serial"] for step in told] == list(range(1, len(told) + 1))
    times = [read_stamp(step["at"]) for step in told]
    assert times == sorted(times)
    assert times[0] > START


def test_before_and_after_are_whole_and_follow_each_other(told: list[dict[str, Any]]) -> None:
    """Playing the history forward gives each row as the next step found it, and the list."""
    for part in ("suppressions", "changes"):
        rows: dict[str, Any] = {}
        for step in told:
            for change in step[part]:
                before, after = change["before"], change["after"]
                ident = (before or after)["id"]
                assert rows.pop(ident, None) == before, (step["serial"], ident)
                if after is not None:
                    rows[after["id"]] = after
                kind = (before is not None, after is not None)
                words = {(False, True): "create", (True, True): "update", (True, False): "remove"}
                assert change["op"] == words[kind]
    values = {row["value"] for row in rows.values()}
    assert len(values) == len(rows) == 33  # the 30 of the feed are back, with three by hand
    assert "last.example.com" not in values


def test_each_kind_of_change_can_be_found_by_its_value(told: list[dict[str, Any]]) -> None:
    by_value: dict[str, set[str]] = {}
    for step in told:
        for change in (*step["changes"], *step["suppressions"]):
            row = change["after"] or change["before"]
            if step["door"] != "restore":  # which is about every row
                by_value.setdefault(row["value"], set()).add(step["door"])
    assert by_value["h2.example.com"] == {"sync", "edit", "resolve"}
    assert by_value["h1.example.com"] == {"sync", "remove", "undo", "redo"}
    assert by_value["203.0.113.7"] == {"paste", "edit", "pin", "unpin", "expiry"}
    assert by_value["kept-out.example.com"] == {"suppress"}
    assert by_value["h20.example.com"] == {"sync", "held"}
    assert by_value["h77.example.com"] == {"import"}
