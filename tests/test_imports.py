"""Heavy libraries stay out of the paths that must be quick, whatever other libraries import."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from running import Tidegate

CORE = ("tidegate.mapping", "tidegate.allocation", "tidegate.indicators", "tidegate.stix")

HEAVY = frozenset(
    {"requests", "stix2", "taxii2client", "textual", "tinydb", "sqlite3", "medallion", "re2"}
)


def _loaded_by(code: str) -> set[str]:
    """Return the modules that a new interpreter holds after the code."""
    asks = f"{code}\nimport sys\nprint('\\n'.join(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", asks],
        env=Tidegate(Path(os.devnull)).env(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def _with_all_submodules(package: str) -> str:
    return (
        f"import importlib, pkgutil, {package} as p\n"
        "for m in pkgutil.walk_packages(p.__path__, p.__name__ + '.'):\n"
        "    importlib.import_module(m.name)"
    )


def test_the_probe_sees_what_is_imported() -> None:
    assert "sqlite3" in _loaded_by("import sqlite3")


@pytest.mark.parametrize("package", CORE)
def test_the_core_loads_no_door(package: str) -> None:
    assert _loaded_by(_with_all_submodules(package)) & HEAVY == set()


@pytest.mark.parametrize("module", ["tidegate.feed", "tidegate.config", "tidegate.secrets"])
def test_reading_settings_loads_no_door(module: str) -> None:
    assert _loaded_by(f"import {module}") & HEAVY == set()


def test_only_a_list_of_expressions_loads_their_engine() -> None:
    use = (
        "from tidegate.mapping.warninglist import read_warninglist as read\n"
        "from tidegate.mapping.warninglist_match import Warninglists\n"
        "def use(kind, entry, about):\n"
        "    found = {'name': 'x', 'type': kind, 'list': [entry], 'matching_attributes': [about]}\n"
        "    Warninglists([read('x', found)])\n"
    )
    assert "re2" not in _loaded_by(f"{use}use('hostname', 'a.example.com', 'domain')")
    assert "re2" not in _loaded_by(f"{use}use('regex', '/^soc@/', 'email-dst')")
    assert "re2" in _loaded_by(f"{use}use('regex', '/^a/', 'domain')")


def test_version_loads_next_to_nothing() -> None:
    loaded = _loaded_by(
        "import sys; sys.argv = ['tidegate', '--version']\n"
        "import contextlib, io\n"
        "from tidegate.__main__ import main\n"
        "with contextlib.redirect_stdout(io.StringIO()): main()"
    )
    assert loaded & (HEAVY | {"pydantic", "argparse", "rich", "orjson"}) == set()


@pytest.mark.parametrize("module", ["tidegate.cli", "tidegate.cli.main"])
def test_the_command_line_starts_without_the_heavy_libraries(module: str) -> None:
    assert _loaded_by(f"import {module}") & {"textual", "stix2", "requests"} == set()


def test_who_looks_at_the_list_waits_for_no_engine_no_export_and_no_import() -> None:
    later = {
        "tidegate.allocation.overlaps",
        "tidegate.engines.matcher",
        "tidegate.export.rendered",
        "tidegate.service.importing",
        "tidegate.service.sharing",
        "tidegate.sources.import_file",
    }
    workspace = "import tidegate.service.workspace"
    screen = "from tidegate.tui.app import Mode, screen_of; screen_of(Mode.INDICATORS)"
    assert _loaded_by(workspace) & later == set()
    loaded = _loaded_by(screen)
    assert "tidegate.tui.screens.exporting" in loaded
    assert loaded & later == set()
