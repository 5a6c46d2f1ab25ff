"""`--read-only`: every verb there is leaves the home as it was, to the byte, the mode and the time.

The verbs come from the parser itself: a new one without a line in `LINES` fails here.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from driving.homes import Cli, Ran, in_home, indicator, write_feed
from tidegate.cli import diagnostics
from tidegate.cli.arguments import build
from tidegate.cli.main import main
from tidegate.service.workspace import Workspace

Path_ = tuple[str, ...]
EVERY = 'every = "1h"'
FILES = "{elsewhere}"
"""Stands for a folder beside the home."""


@dataclass(frozen=True)
class Line:
    """A command line to try. `writes` is refused in one line; `bare` is the exit code of a look in
    a home that does not exist, where there is less to find.
    """

    argv: tuple[str, ...]
    writes: bool = False
    code: int = 0
    bare: int = 0


def looks(*argv: str, code: int = 0, bare: int = 0) -> Line:
    return Line(argv, writes=False, code=code, bare=bare)


def writes(*argv: str) -> Line:
    return Line(argv, writes=True, code=2, bare=2)


LINES: dict[Path_, list[Line]] = {
    ("list",): [looks("type:domain"), looks("--limit", "1")],
    ("views", "list"): [looks()],
    ("views", "save"): [writes("soon", "expires<7d")],
    ("views", "delete"): [writes("soon")],
    ("show",): [looks("h1.example.com", bare=2)],
    ("why",): [looks("h1.example.com"), looks("unknown.example.com")],
    ("quota",): [looks(), looks("--limit", "5", "--reserve", "1")],
    ("rejections",): [
        looks(),
        looks("--code", "cidr"),
        looks("--replay"),
        looks("--id", indicator(50)["id"], bare=2),
    ],
    ("history",): [
        looks(),
        looks("h1.example.com", "--since", "7d", "--by", "nobody"),
        looks("--change", "1", bare=2),
    ],
    ("check",): [looks("microsoft.com")],
    ("match",): [
        looks(FILES + "/events.jsonl"),
        looks(FILES + "/events.jsonl", "--scan", "nightly"),
        looks(FILES + "/events.jsonl", "--alerts", FILES + "/alerts.jsonl"),
        looks(FILES + "/events.jsonl", "--plan", FILES + "/made.plan.json"),
        looks(FILES + "/events.jsonl", "--policy", FILES + "/acme/feed.toml", bare=2),
        looks("--value", "h1.example.com"),
        looks("--cases"),
        writes("--value", "h1.example.com", "--save", "one"),
    ],
    ("add",): [
        writes("h9.example.com"),
        writes("--stdin"),
        looks("h9.example.com", "--dry-run", bare=2),
    ],
    ("edit",): [
        writes("h1.example.com", "--title", "x"),
        writes("--filter", "type:domain", "--title", "x", "--yes"),
        looks("h1.example.com", "--title", "x", "--dry-run", bare=2),
    ],
    ("remove",): [
        writes("h1.example.com"),
        writes("--filter", "type:domain", "--yes"),
        looks("h1.example.com", "--dry-run", bare=2),
    ],
    ("pin",): [writes("h1.example.com")],
    ("unpin",): [writes("h1.example.com")],
    ("undo",): [
        writes(),
        writes("2", "--yes"),
        writes("--change", "1"),
        looks("--dry-run", bare=2),
        looks("--change", "3..4", "--dry-run", bare=2),
    ],
    ("redo",): [
        writes(),
        writes("--change", "1", "--yes"),
        looks("--dry-run", bare=2),
    ],
    ("suppress", "list"): [looks()],
    ("suppress", "add"): [writes("h1.example.com")],
    ("suppress", "remove"): [writes("kept-out.example.com"), writes("--all")],
    ("feeds", "list"): [looks()],
    ("feeds", "report"): [looks()],
    ("feeds", "show"): [looks("sample-c2")],
    ("feeds", "check"): [looks("sample-c2")],
    ("feeds", "enable"): [writes("sample-c2")],
    ("feeds", "disable"): [writes("acme")],
    ("feeds", "add"): [writes(FILES + "/other"), writes(FILES + "/acme", "--replace")],
    ("feeds", "rewind"): [writes("acme"), writes("acme", "--to", "2026-11-01")],
    ("sync",): [writes("--yes"), writes(), writes("acme", "--yes"), writes("--due")],
    ("runs",): [looks(), looks("--limit", "1")],
    ("schedule", "print"): [
        looks("--systemd", bare=2),
        looks("--cron", bare=2),
    ],
    ("watch",): [writes()],
    ("plan",): [
        looks(code=3),
        looks("--out", FILES + "/a.plan.json", code=3),
        looks("--policy", FILES + "/acme/feed.toml", code=3, bare=2),
    ],
    ("apply",): [
        writes("--yes"),
        writes(FILES + "/made.plan.json", "--yes"),
        writes(FILES + "/made.plan.json", "--rebase", "--yes"),
    ],
    ("held", "list"): [looks()],
    ("held", "approve"): [writes("{held}")],
    ("export",): [
        looks("--out", FILES + "/out.json"),
        looks("--out", FILES + "/out.csv", "--format", "portal-csv"),
        looks("--partner", "isac", "--preview", bare=2),
        looks("--partner", "isac", "--out", FILES + "/isac.json", bare=2),
        writes("--partner", "isac", "--out", FILES + "/isac.json", "--record"),
        writes("--partner", "isac", "--send"),
    ],
    ("partners", "list"): [looks()],
    ("partners", "show"): [looks("isac", bare=2)],
    ("partners", "check"): [looks("isac", bare=2)],
    ("partners", "given"): [looks("h1.example.com")],
    ("partners", "template"): [looks("sector-isac")],
    ("partners", "add"): [writes(FILES + "/isac.toml", "--replace")],
    ("import",): [
        writes(FILES + "/other/feed.bundle.json", "--yes"),
        looks(FILES + "/other/feed.bundle.json", "--dry-run", bare=2),
    ],
    ("conflicts", "list"): [looks()],
    ("conflicts", "resolve"): [
        writes("h1.example.com", "--mine"),
        writes("h1.example.com", "--theirs", "--yes"),
        writes("--all", "--rule", "--yes"),
        looks("h1.example.com", "--theirs", "--dry-run", bare=2),
    ],
    ("doctor",): [looks(), writes("--fix")],
    ("snapshots",): [looks()],
    ("restore",): [
        writes("{snapshot}", "--yes"),
        writes("{snapshot}", "--force-lineage", "--yes"),
        looks("{snapshot}", "--dry-run", bare=2),
        looks("--verify-all"),
    ],
}
"""What is tried of each verb."""

ELSEWHERE: dict[Path_, str] = {
    (): "the terminal UI: tried below",
    ("demo",): "works in a throw-away home of its own; test_demo.py sees that nothing stays",
}


def paths() -> list[Path_]:
    """Every verb, with the second word of those that have one."""

    def below(parser: argparse.ArgumentParser, path: Path_) -> Iterator[Path_]:
        groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        if not groups or not path:
            yield path
        for group in groups:
            for name, child in group.choices.items():
                yield from below(child, (*path, name))

    return list(below(build(), ()))


def picture(root: Path) -> dict[str, tuple[int, int, bytes]]:
    """All there is to know of a folder: modes, times and contents, its own included."""
    return {
        str(path.relative_to(root)): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in (root, *root.rglob("*"))
    }


@dataclass
class Stage:
    """A home with something of everything, a folder beside it, and what stands for the braces."""

    cli: Cli
    elsewhere: Path
    words: dict[str, str]

    def run(self, home: Path, path: Path_, line: Line) -> Ran:
        words = [*path, *(word.format(**self.words) for word in line.argv)]
        return Cli.bare("--home", str(home), "--read-only", *words, stdin="h9.example.com")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    root = tmp_path_factory.mktemp("read-only")
    cli, elsewhere = Cli(root / "home"), root / "elsewhere"
    feed = write_feed(elsewhere / "acme", [indicator(n) for n in range(30)], head=EVERY)
    write_feed(elsewhere / "other", [indicator(99)])
    cli.subscribe(feed.folder)
    cli.sync()
    cli("edit", "h1.example.com", "--title", "ours")
    cli("add", "mine.example.com")
    cli("edit", "mine.example.com", "--title", "renamed")
    cli("suppress", "add", "kept-out.example.com")
    cli("remove", "mine.example.com")
    cli("undo")
    publish = [indicator(n, name="Theirs") for n in range(3)] + [indicator(50, "[ipv4-addr:x=1]")]
    in_home(cli.home, "acme").publish(publish)
    held = cli.sync(code=3)["held_id"]
    assert cli("plan", "--out", str(elsewhere / "made.plan.json")).code in (0, 3)
    (elsewhere / "events.jsonl").write_text('{"RemoteUrl":"h1.example.com"}\n')
    profile = cli("partners", "template", "isac").out.replace("/srv/partners", str(elsewhere))
    (elsewhere / "isac.toml").write_text(profile, "utf-8")
    cli("partners", "add", str(elsewhere / "isac.toml"))
    assert cli("export", "--partner", "isac", "--send").code == 0
    words = {"elsewhere": str(elsewhere), "held": held, "snapshot": "none"}
    if ("snapshots",) in paths():
        words["snapshot"] = cli("snapshots", "--json").lines[0]["id"]
    return Stage(cli, elsewhere, words)


def tried() -> list[tuple[Path_, Line]]:
    known = paths()
    return [(path, line) for path, lines in LINES.items() if path in known for line in lines]


def name(value: object) -> str:
    if isinstance(value, Line):
        return " ".join(value.argv) or "-"
    return " ".join(value) if isinstance(value, tuple) else ""


def test_every_verb_is_tried() -> None:
    assert [path for path in paths() if path not in LINES and path not in ELSEWHERE] == []


@pytest.mark.parametrize(("path", "line"), tried(), ids=name)
def test_a_home_with_everything_stays_as_it_is(stage: Stage, path: Path_, line: Line) -> None:
    before = picture(stage.cli.home)
    ran = stage.run(stage.cli.home, path, line)
    assert picture(stage.cli.home) == before
    assert ran.code == line.code, ran.err
    if line.writes:
        assert "read-only: nothing was " in ran.err
        assert ran.out == ""


@pytest.mark.parametrize(("path", "line"), tried(), ids=name)
def test_a_home_that_is_not_there_is_not_made(
    stage: Stage, path: Path_, line: Line, tmp_path: Path
) -> None:
    ran = stage.run(tmp_path / "home", path, line)
    assert list(tmp_path.iterdir()) == []
    assert ran.code == line.bare, ran.err
    if line.writes:
        assert "read-only: nothing was " in ran.err


def test_a_folder_that_may_not_be_written_can_be_looked_at(stage: Stage) -> None:
    folders = [stage.cli.home, *(p for p in stage.cli.home.rglob("*") if p.is_dir())]
    modes = {folder: folder.stat().st_mode for folder in folders}
    try:
        for folder in folders:
            folder.chmod(0o500)
        for path, line in tried():
            if not line.writes and path != ("doctor",):  # which says so
                assert stage.run(stage.cli.home, path, line).code == line.code, path
    finally:
        for folder, mode in modes.items():
            folder.chmod(mode)


@pytest.mark.parametrize("verb", ["plan", "export"])
@pytest.mark.parametrize("inside", ["new.json", "config.toml", "tenants/default/tenant.json"])
def test_what_is_written_out_does_not_go_into_the_home(
    stage: Stage, verb: str, inside: str
) -> None:
    before = picture(stage.cli.home)
    ran = stage.run(stage.cli.home, (verb,), writes("--out", str(stage.cli.home / inside)))
    assert picture(stage.cli.home) == before
    assert ran.code == 2
    assert "read-only" in ran.err


def test_the_terminal_ui_gets_a_workspace_that_refuses(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnostics, "on_screen", lambda: True)
    opened: list[bool] = []

    def app(ws: Workspace) -> int:
        opened.append(ws.read_only)
        return 0

    before = picture(stage.cli.home)
    assert main(["--home", str(stage.cli.home), "--read-only"], app) == 0
    assert opened == [True]
    assert picture(stage.cli.home) == before
