"""The README keeps its word: the tour runs, every verb, feed and exit code that it names exists."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest

from tidegate.cli.arguments import build
from tidegate.cli.main import _HOMES
from tidegate.config import Settings
from tidegate.errors import ExitCode
from tidegate.feed import parse_feed

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
TOUR = README.partition("<!-- tour -->\n```console\n")[2].partition("```")[0]


def toml_blocks() -> list[str]:
    return re.findall(r"```toml\n(.*?)```", README, re.DOTALL)


@pytest.mark.skipif(shutil.which("bash") is None, reason="the tour is written for a shell")
def test_the_tour_runs_from_its_first_line_to_its_last(tmp_path: Path) -> None:
    lines = [line.removeprefix("$ ") for line in TOUR.splitlines() if line.startswith("$ ")]
    assert len(lines) > 15
    tidegate = f'tidegate() {{ {shlex.quote(sys.executable)} -m tidegate "$@"; }}'
    script = "\n".join(["set -euo pipefail", tidegate, *lines])
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT / "src"), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "domains.json").stat().st_size > 1_000
    assert "IN THE TENANT" in done.stdout


def test_every_command_in_the_readme_is_one() -> None:
    verbs = set(re.findall(r"(?:`|\$ |^|  )tidegate ([a-z]+)\b", README, re.MULTILINE))
    assert verbs
    assert verbs <= {verb for verb in _HOMES if verb}


def test_every_verb_has_help_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in (verb for verb in _HOMES if verb):
        with pytest.raises(SystemExit) as ended:
            build().parse_args([verb, "--help"])
        assert ended.value.code == 0
        shown = capsys.readouterr().out
        assert "example:\n  tidegate " in shown


def test_every_shipped_feed_is_in_the_readme() -> None:
    for folder in (ROOT / "feeds").iterdir():
        assert f"`{folder.name}`" in README, folder.name


def test_every_exit_code_in_use_is_in_the_readme() -> None:
    for code in ExitCode:
        if code is not ExitCode.TENANT_API:  # comes with the API
            assert f"| {code.value} | " in README


def test_the_way_the_policy_and_the_settings_in_the_readme_are_valid() -> None:
    way, policy, settings = toml_blocks()
    feed = tomllib.loads(policy)
    assert len(parse_feed(feed, "README").rules) == 3
    assert parse_feed({**feed, **tomllib.loads(way)}, "README").source.kind == "taxii"
    assert Settings.model_validate(tomllib.loads(settings)).brake.count == 200


def test_the_picture_in_the_readme_is_there() -> None:
    (picture,) = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert (ROOT / unquote(picture)).read_text("utf-8").startswith("<svg")
