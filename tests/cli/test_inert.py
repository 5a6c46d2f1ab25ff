"""Hostile text everywhere, and every verb: no control or bidi character leaves, on either stream.

The verbs come from the parser itself: a new one that is not tried fails here. JSON holds the text
whole, escaped, so that a script reads what was written and a terminal shows nothing of it.
"""

from __future__ import annotations

import argparse
import csv
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from driving.homes import Cli, Ran, bundle, in_home, indicator, write_feed
from tidegate.cli.arguments import build

HOSTILE = (
    "\x1b[2J\x1b]52;c;aGVsbG8=\x07",
    "\x9b31m\x9d0;owned\x9c",
    "\u202egnp.exe\u202c \u2066x\u2069",
    "nul\x00 bs\x08 cr\r tab\t del\x7f",
    "line\u2028para\u2029nel\x85",
    "zero\u200bwidth\u200d\ufeff tag\U000e0041",
    "first\nsecond",
)
EVIL = " ".join(HOSTILE)
ARGUMENT = EVIL.replace("\x00", "")
"""What a command line can carry: anything but NUL."""

FORMULAS = ('=cmd|"/c calc"!A1', "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", "\x00=1")

Path_ = tuple[str, ...]
ELSEWHERE = {
    ("demo",): "shows the shipped samples: test_demo.py",
    ("watch",): "goes on until a signal: test_watch.py has a feed fail with hostile words",
}

TRIED: dict[Path_, list[Path_]] = {
    ("list",): [(), (EVIL,), ("--limit", "2", "title:x")],
    ("show",): [("h1.example.com",), ("9.9.9.9",), (ARGUMENT,)],
    ("why",): [
        ("h1.example.com",),
        ("9.9.9.9",),
        ("h40.example.com",),
        (ARGUMENT,),
        ("kept-out.example.com",),
    ],
    ("quota",): [(), ("--floor", ARGUMENT + "=1")],
    ("rejections",): [
        (),
        ("--code", ARGUMENT),
        ("--id", ARGUMENT),
        ("--id", indicator(41)["id"]),
        ("--replay",),
    ],
    ("history",): [(), ("--by", ARGUMENT), ("--change", "1.."), (ARGUMENT,)],
    ("check",): [("h1.example.com", ARGUMENT)],
    ("match",): [
        ("{events}",),
        ("{events}", "--misses"),
        ("{events}", "--scan", "inert"),
        ("{events}", "--scan", ARGUMENT),
        ("{events}", "--plan", "{plan}"),
        ("{events}", "--plan", ARGUMENT),
        ("{events}", "--devices", "{devices}"),
        ("{events}", "--alerts", "{out}/" + ARGUMENT),
        ("--value", "h1.example.com", "--group", ARGUMENT, "--save", "inert"),
        ("--value", ARGUMENT),
        ("--event", ARGUMENT),
        ("--cases",),
        (ARGUMENT,),
    ],
    ("add",): [
        ("h60.example.com", "--title", ARGUMENT, "--note", ARGUMENT),
        ("h61.example.com", "--group", ARGUMENT, "--dry-run"),
        (ARGUMENT,),
        ("h62.example.com", "--action", ARGUMENT),
        ("1.1.1.1", "--override", "public_resolver", "--reason", ARGUMENT),
        ("1.0.0.1", "--override", ARGUMENT, "--reason", ARGUMENT),
    ],
    ("edit",): [
        ("h1.example.com", "--description", ARGUMENT),
        ("h2.example.com", "--title", ARGUMENT, "--dry-run"),
        ("--filter", "type:domain", "--group", ARGUMENT, "--yes", "--dry-run"),
    ],
    ("remove",): [("h3.example.com", "--reason", ARGUMENT), (ARGUMENT,)],
    ("pin",): [("h4.example.com",), (ARGUMENT,)],
    ("unpin",): [("h4.example.com",)],
    ("undo",): [("--dry-run",), ("--change", ARGUMENT), ()],
    ("redo",): [("--dry-run",), ()],
    ("suppress", "list"): [()],
    ("suppress", "add"): [("kept.example.com", "--reason", ARGUMENT), (ARGUMENT,)],
    ("suppress", "remove"): [("kept.example.com",), (ARGUMENT,)],
    ("conflicts", "list"): [(), ("--settled",)],
    ("conflicts", "resolve"): [("--all", "--mine", "--dry-run"), ("--all", "--mine", "--yes")],
    ("feeds", "list"): [()],
    ("feeds", "report"): [()],
    ("feeds", "show"): [("acme",), (ARGUMENT,)],
    ("feeds", "check"): [("acme",)],
    ("feeds", "enable"): [(ARGUMENT,)],
    ("feeds", "disable"): [(ARGUMENT,)],
    ("feeds", "add"): [(ARGUMENT,)],
    ("feeds", "rewind"): [(ARGUMENT,)],
    ("sync",): [("--dry-run",), (ARGUMENT,), ("--yes",)],
    ("runs",): [()],
    ("schedule", "print"): [("--systemd",), ("--cron",)],
    ("plan",): [(), ("--out", ARGUMENT + "/x")],
    ("apply",): [(), (ARGUMENT,)],
    ("held", "list"): [()],
    ("held", "approve"): [(ARGUMENT,)],
    ("export",): [
        ("--out", "{out}", "--tlp-max", "red"),
        ("--out", "{out}/" + ARGUMENT),
        ("--partner", "isac", "--preview"),
        ("--partner", "isac", "--out", "{out}"),
        ("--partner", "isac", "--out", "{out}", "--record"),
        ("--partner", "isac", "--send", "--full"),
        ("--partner", ARGUMENT, "--preview"),
    ],
    ("views", "save"): [("soon", "title:x"), (ARGUMENT, "title:x"), ("odd", EVIL)],
    ("views", "list"): [()],
    ("views", "delete"): [("soon",), (ARGUMENT,)],
    ("partners", "list"): [()],
    ("partners", "show"): [("isac",), (ARGUMENT,)],
    ("partners", "check"): [("isac",), (ARGUMENT,)],
    ("partners", "given"): [("h1.example.com",), (ARGUMENT,)],
    ("partners", "template"): [(), (ARGUMENT,)],
    ("partners", "add"): [(ARGUMENT,), ("{profile}", "--replace")],
    ("import",): [("{file}", "--dry-run"), (ARGUMENT,)],
    ("doctor",): [(), ("--anchor", ARGUMENT)],
    ("snapshots",): [()],
    ("restore",): [("000001", "--dry-run"), (ARGUMENT,), ("--verify-all",)],
}


def paths() -> list[Path_]:
    """Every verb, with the second word of those that have one."""

    def below(parser: argparse.ArgumentParser, path: Path_) -> Iterator[Path_]:
        groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        if not groups:
            yield path
        for group in groups:
            for name, child in group.choices.items():
                yield from below(child, (*path, name))

    return list(below(build(), ()))


def unseen(text: str) -> list[str]:
    """Characters that steer a terminal or hide, line ends of ours aside."""
    return sorted(
        {f"{ord(c):04x}" for c in text if c != "\n" and unicodedata.category(c) in _STEERING}
    )


_STEERING = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A home with hostile text in every place that holds text."""
    root = tmp_path_factory.mktemp("inert")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOGNAME", ARGUMENT)
        cli = Cli(root / "home")
        title = orjson.dumps(EVIL).decode()[1:-1].replace("\x7f", "\\u007f")
        objects: list[object] = [
            indicator(n, name=EVIL, description=EVIL, labels=[EVIL]) for n in range(30)
        ]
        objects.append(indicator(40, f"[domain-name:value = '{EVIL}']", name=EVIL))
        objects.append(indicator(41, EVIL))
        objects.append(indicator(42, pattern_type=EVIL))
        objects.append({**indicator(43), "id": EVIL})
        title = title.replace("\\u0000", "\\u0001")
        feed = write_feed(root / "acme", objects, title=title, head='every = "1h"')
        cli.subscribe(feed.folder)
        cli.sync()
        assert len(cli.rows()) == 31  # a hostile id is an id
        fields = ("--title", ARGUMENT, "--description", ARGUMENT, "--note", ARGUMENT)
        assert cli("add", "mine.example.com", *fields, "--group", ARGUMENT).code == 0
        word = ("--override", "public_resolver", "--reason", ARGUMENT)
        assert cli("add", "9.9.9.9", *word).code == 0
        assert cli("edit", "h5.example.com", *fields, "--action", "warn").code == 0
        assert cli("remove", "h6.example.com", "--reason", ARGUMENT).code == 0
        suppressed = ("kept-out.example.com", "--reason", ARGUMENT, "--group", ARGUMENT)
        assert cli("suppress", "add", *suppressed).code == 0
        in_home(cli.home, "acme").publish(
            [indicator(5, name=EVIL + "!"), indicator(50, name=EVIL), *objects[30:]]
        )
        cli.sync(code=3)
        path = root / "theirs.json"
        path.write_bytes(bundle([indicator(70, name=EVIL), indicator(71, EVIL), {"id": EVIL}]))
    profile = root / "isac.toml"
    told = orjson.dumps(EVIL.replace("\0", "\1")).decode().replace("\x7f", "\\u007f")
    profile.write_text(
        f'id = "isac"\ntitle = {told}\ntlp_max = "red"\nunmarked_as = "red"\nidentity = {told}\n'
        f"[delivery]\nkind = \"file\"\npath = '{root}/isac.json'\n",
        "utf-8",
    )
    assert cli("partners", "add", str(profile)).code == 0
    (cli.home / "partners" / "odd.toml").write_text(f"{told} = 1", "utf-8")
    plan = root / "made.plan.json"
    assert cli("plan", "--out", str(plan)).code in (0, 3)
    record = {
        "Timestamp": EVIL,
        "DeviceName": EVIL,
        "DeviceId": EVIL,
        "MachineGroup": EVIL,
        "ActionType": EVIL,
        "FileName": EVIL,
        "FolderPath": EVIL,
        "Verdict": EVIL,
        "ReportId": EVIL,
        "RemoteIP": EVIL,
        "InitiatingProcessFileName": EVIL,
        EVIL: EVIL,
    }
    shown = ("h1.example.com", "https://h2.example.com/" + EVIL, "h5.example.com", EVIL)
    events = root / "events.jsonl"
    events.write_bytes(
        b"\n".join([*(orjson.dumps({**record, "RemoteUrl": url}) for url in shown), b"{" * 9])
    )
    devices = root / "devices.jsonl"
    devices.write_bytes(orjson.dumps({"DeviceName": EVIL, "MachineGroup": EVIL}))
    return {
        "home": str(cli.home),
        "out": str(root / "out.json"),
        "file": str(path),
        "profile": str(profile),
        "events": str(events),
        "devices": str(devices),
        "plan": str(plan),
    }


def run(words: dict[str, str], path: Path_, more: Path_, *options: str) -> Ran:
    given = list(more)
    for name, word in words.items():
        given = [text.replace(f"{{{name}}}", word) for text in given]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOGNAME", ARGUMENT)
        return Cli.bare("--home", words["home"], *options, *path, *given)


def test_every_verb_is_tried_with_hostile_text() -> None:
    assert [path for path in paths() if path not in TRIED and path not in ELSEWHERE] == []


@pytest.mark.parametrize("path", TRIED, ids=" ".join)
def test_what_people_read_is_inert(words: dict[str, str], path: Path_) -> None:
    for more in TRIED[path]:
        ran = run(words, path, more)
        assert unseen(ran.out) == [], (more, ran.out)
        assert unseen(ran.err) == [], (more, ran.err)
        assert "internal fault" not in ran.err


@pytest.mark.parametrize("path", TRIED, ids=" ".join)
def test_what_scripts_read_is_inert_and_whole(words: dict[str, str], path: Path_) -> None:
    for more in TRIED[path]:
        ran = run(words, path, more, "--json")
        assert unseen(ran.out + ran.err) == [], more
        for line in ran.out.splitlines():
            orjson.loads(line)
    if path == ("list",):
        titles = {row["title"] for row in run(words, path, (), "--json").lines}
        assert ARGUMENT in titles, "JSON carries the text as it is"


def test_the_portals_csv_is_inert_in_a_spreadsheet(cli: Cli, tmp_path: Path) -> None:
    for number, formula in enumerate(FORMULAS):
        objects = [indicator(number, name=formula, description=formula)]
        path = tmp_path / "in.json"
        path.write_bytes(bundle(objects))
        assert cli("import", str(path), "--yes").code == 0
        field = formula.replace("\x00", "")
        assert cli("edit", f"h{number}.example.com", f"--recommended={field}").code in (0, 2)
    out = tmp_path / "out.csv"
    assert cli("export", "--format", "portal-csv", "--out", str(out), "--tlp-max", "red").code == 0
    with out.open(newline="", encoding="utf-8") as stream:
        lines = list(csv.reader(stream))
    assert len(lines) == len(FORMULAS) + 1
    for line in lines[1:]:
        assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\x00")) for cell in line)
    titles = {line[5] for line in lines}
    assert '\'=cmd|"/c calc"!A1' in titles
