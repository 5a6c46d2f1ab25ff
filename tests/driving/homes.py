"""Throw-away homes, feeds made of a few STIX objects, and the command line run inside the test.

    cli = Cli(tmp_path / "home")                   a home that lets documentation values in
    feed = write_feed(tmp_path / "acme", [indicator(1)])
    cli("feeds", "add", str(feed.folder)); cli("sync", "--yes", "--json").json

`Cli` runs `tidegate.cli.main.main` in this process, which costs milliseconds; nobody is at its
terminal. Every run is checked for a traceback.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import orjson
import pytest

from running import Tidegate
from tidegate.cli.main import main
from tidegate.service.sync import SyncReport, sizes

DOCUMENTATION = '[guards]\ndocumentation = "warn"\n'
START = datetime(2026, 6, 1, 12, tzinfo=UTC)
_NAMESPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


@dataclass
class Watch:
    """A clock that stands until it is turned."""

    now: datetime = START

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    def turn(self, **by: float) -> None:
        """Move on by so many days, seconds and the like."""
        self.now += timedelta(**by)


@dataclass(frozen=True)
class Ran:
    """One finished command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        record = orjson.loads(self.out)
        assert isinstance(record, dict)
        return record

    @property
    def lines(self) -> list[dict[str, Any]]:
        """JSON Lines on stdout."""
        return [orjson.loads(line) for line in self.out.splitlines()]


@dataclass
class Cli:
    """The command line on one home."""

    home: Path
    config: str = DOCUMENTATION

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.configure(self.config)

    def configure(self, text: str) -> None:
        """Write config.toml."""
        (self.home / "config.toml").write_text(text, "utf-8")

    def __call__(self, *argv: str, stdin: str = "") -> Ran:
        """Run one command in this process."""
        return self.bare("--home", str(self.home), *argv, stdin=stdin)

    @staticmethod
    def bare(*argv: str, stdin: str = "") -> Ran:
        """Run one command without naming a home."""
        out, err = io.StringIO(), io.StringIO()
        given = io.TextIOWrapper(io.BytesIO(stdin.encode("utf-8", "surrogateescape")))
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr(sys, "stdin", given)
            try:
                code = main(argv)
            except SystemExit as leaving:  # argparse leaves so after --help
                code = leaving.code if isinstance(leaving.code, int) else 1
        ran = Ran(int(code), out.getvalue(), err.getvalue())
        assert "Traceback" not in ran.out + ran.err
        return ran

    def process(self, *argv: str, stdin: str = "") -> Ran:
        """Run one command as people do: as a process of its own."""
        done = Tidegate(self.home).run(*argv, input=stdin)
        return Ran(done.returncode, done.stdout, done.stderr)

    def rows(self, *filters: str) -> list[dict[str, Any]]:
        """The list as `list --json` shows it."""
        ran = self("list", "--json", *filters)
        assert ran.code == 0, ran.err
        return ran.lines

    def values(self, *filters: str) -> set[str]:
        """The values of the list."""
        return {row["value"] for row in self.rows(*filters)}

    def sync(self, *argv: str, code: int = 0) -> dict[str, Any]:
        """`sync --yes --json`, its counts checked."""
        ran = self("sync", "--yes", "--json", *argv)
        assert ran.code == code, (ran.code, ran.err)
        assert_adds_up(ran.json)
        return ran.json

    def subscribe(self, folder: Path) -> None:
        """`feeds add`, replacing the feed of the same id."""
        ran = self("feeds", "add", "--replace", str(folder))
        assert ran.code == 0, ran.err


def indicator(number: int, pattern: str | None = None, **more: object) -> dict[str, Any]:
    """A STIX 2.1 indicator, for the name hNUMBER.example.com unless a pattern is given."""
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid5(_NAMESPACE, str(number))}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "name": f"Sample {number}",
        "pattern": pattern or f"[domain-name:value = 'h{number}.example.com']",
        "pattern_type": "stix",
        "valid_from": "2026-01-01T00:00:00Z",
        "confidence": 60,
        "indicator_types": ["malicious-activity"],
        **more,
    }


def bundle(objects: Sequence[object]) -> bytes:
    """A bundle that holds the objects, whatever they are."""
    return orjson.dumps(
        {"type": "bundle", "id": f"bundle--{uuid5(_NAMESPACE, 'b')}", "objects": list(objects)}
    )


@dataclass(frozen=True)
class FeedFolder:
    """A feed's folder with a bundle in it."""

    folder: Path

    @property
    def id(self) -> str:
        """The feed's id, which is the folder's name."""
        return self.folder.name

    def publish(self, objects: Sequence[object], at: datetime | None = None) -> None:
        """Replace the bundle; `at` is when the file says it was written."""
        path = self.folder / "feed.bundle.json"
        path.write_bytes(bundle(objects))
        if at is not None:
            os.utime(path, (at.timestamp(), at.timestamp()))


def write_feed(
    folder: Path,
    objects: Sequence[object] = (),
    *,
    trust: int = 70,
    title: str = "A feed",
    head: str = "",
    rules: str = "",
    default: str = 'action = "Alert and block"\nseverity = "High"\nexpires = "30d"\n',
    source: str = 'kind = "bundle"\npath = "feed.bundle.json"\n',
) -> FeedFolder:
    """Write a feed's folder. `head` are keys of the feed, `rules` whole tables."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "feed.toml").write_text(
        f'id = "{folder.name}"\ntitle = "{title}"\nlicence = "CC0-1.0"\ntrust = {trust}\n'
        f'tlp_default = "green"\n{head}\n[source]\n{source}\n{rules}\n[default]\n{default}',
        "utf-8",
    )
    made = FeedFolder(folder)
    made.publish(objects)
    return made


def in_home(cli_home: Path, ident: str) -> FeedFolder:
    """The feed's folder inside a home."""
    return FeedFolder(cli_home / "feeds" / ident)


def assert_adds_up(report: Mapping[str, Any]) -> None:
    """The equations of the counting contract, over a sync's JSON."""
    for feed in report["feeds"]:
        assert feed["objects"] == feed["indicators"] + feed["others"], feed
        assert feed["indicators"] == feed["mapped"] + feed["rejected"] + feed["ended"], feed
        assert feed["atoms"] == feed["candidates"] + feed["rejected_atoms"], feed
    plan = report["plan"]
    candidates = sum(feed["candidates"] for feed in report["feeds"])
    assert candidates == plan["merged"] + plan["kept"] + plan["waiting"] + plan["suppressed"], plan


def as_json(report: SyncReport) -> dict[str, Any]:
    """A sync's report in the shape of its JSON, as far as the equations need it."""
    names = ("objects", "indicators", "others", "mapped", "rejected", "ended")
    more = ("atoms", "candidates", "rejected_atoms")
    return {
        "feeds": [{n: getattr(feed, n) for n in (*names, *more)} for feed in report.feeds],
        "plan": sizes(report.plan),
    }
