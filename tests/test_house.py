"""The repository around the code: what lies at its top, what is pinned, what make offers."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hatchling.metadata.utils import normalize_project_name

from tidegate import __version__

ROOT = Path(__file__).resolve().parents[1]

TOP = frozenset(
    [
        "pyproject.toml",
        "README.md",
        "src",
        "feeds",
        "tests",
        "LICENSE",
        "CHANGELOG.md",
        "Makefile",
        "constraints.txt",
    ]
)
MADE = frozenset({"build", "dist", "constraints.new", "snapshot_report.html"})

# Written so that this file does not name what it forbids.
INDEX = re.compile(r"pypi[.]org|pythonh[o]sted|(?<!--no-emit-)index[-]url")


def _pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _pinned() -> dict[str, str]:
    """Return the entry of every package in constraints.txt, hashes included, by its name."""
    text = re.sub(
        r"^\s*#.*\n?", "", (ROOT / "constraints.txt").read_text("utf-8"), flags=re.MULTILINE
    )
    entries = text.replace("\\\n", " ").strip().splitlines()
    return {entry.partition("==")[0]: entry for entry in entries}


def _required() -> list[str]:
    project = _pyproject()
    return [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["demo"],
        *project["dependency-groups"]["dev"],
        *project["build-system"]["requires"],
    ]


def test_the_top_of_the_repository_holds_only_what_belongs_there() -> None:
    shown = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert shown - MADE == TOP


def test_every_requirement_is_pinned() -> None:
    names = {normalize_project_name(re.split(r"[<>=!~;\[ ]", word)[0]) for word in _required()}
    assert names - _pinned().keys() == set()


def test_every_pin_is_exact_and_carries_hashes() -> None:
    for name, entry in _pinned().items():
        assert re.match(r"[a-z0-9-]+==[0-9][\w.]*( ; [^\\]+)?\s", entry), name
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), name


def test_every_supported_python_and_system_gets_every_pin_it_needs() -> None:
    """A marker may leave a package out only where nothing needs it."""
    markers = {entry.split(";")[1].split("--")[0] for entry in _pinned().values() if ";" in entry}
    assert [m for m in markers if "python" in m and "implementation" not in m] == []


@pytest.mark.parametrize("folder", ["src", "tests", "feeds", ".ci", "."])
def test_no_file_names_a_package_index(folder: str) -> None:
    found = []
    for path in (ROOT / folder).rglob("*") if folder != "." else ROOT.iterdir():
        if path.is_file() and path.suffix not in {".pyc", ".so"}:
            text = path.read_text(encoding="utf-8", errors="replace")
            if INDEX.search(text):
                found.append(path.relative_to(ROOT).as_posix())
    assert found == []


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Tidegate contributors" in text
    assert _pyproject()["project"]["license"] == "Apache-2.0"


def test_the_changelog_knows_this_version() -> None:
    assert __version__ in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "src" / "tidegate" / "py.typed").is_file()


def test_make_explains_its_targets() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test", "check", "bench", "soak", "clean", "help"):
        assert re.search(rf"^{target}:.*## \S", text, flags=re.MULTILINE), target


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
def test_continuous_integration_runs_what_people_run() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "make test" in script.read_text(encoding="utf-8")
