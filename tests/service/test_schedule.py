"""Units and crontab lines: how often, what is run, and how it is quoted."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from driving.homes import FeedFolder
from tidegate.config import Home
from tidegate.errors import UsageError
from tidegate.service.schedule import Job, ScheduleFile, cron, job_of, systemd
from tidegate.service.workspace import UNKNOWN, Workspace

Subscribe = Callable[..., FeedFolder]
PROGRAM = ("/opt/tide gate/bin/tidegate",)
HARD = '/srv/50% of $HOME/it\'s "here"\\%x'


def line_of(files: tuple[ScheduleFile]) -> str:
    return files[0].text.splitlines()[-1]


def as_cron_runs_it(line: str) -> list[str]:
    """The words that a shell gets from cron: a percent sign ends the command unless escaped."""
    command, escaped = "", False
    for char in line.split(" ", 5)[5]:
        if escaped:
            command = command[:-1] + char if char == "%" else command + char
            escaped = False
        elif char == "%":
            break
        else:
            command += char
            escaped = char == "\\"
    return shlex.split(command)


def job(words: tuple[str, ...], home: str = HARD, step: timedelta = timedelta(hours=1)) -> Job:
    return Job(words, "tidegate-sync", Path(home), "root", step)


@pytest.mark.parametrize(
    ("every", "crontab", "calendar"),
    [
        ("1m", "*/1 * * * *", "*:0/1"),
        ("7m", "*/1 * * * *", "*:0/1"),
        ("15m", "*/15 * * * *", "*:0/15"),
        ("45m", "*/15 * * * *", "*:0/15"),
        ("1h", "0 * * * *", "hourly"),
        ("90m", "*/30 * * * *", "*:0/30"),
        ("6h", "0 */6 * * *", "0/6:00"),
        ("1d", "0 0 * * *", "daily"),
        ("36h", "0 */12 * * *", "0/12:00"),
        ("2w", "0 0 * * *", "daily"),
    ],
)
def test_the_shortest_interval_decides_how_often(
    ws: Workspace, subscribe: Subscribe, every: str, crontab: str, calendar: str
) -> None:
    subscribe("often", head=f'every = "{every}"')
    subscribe("seldom", head='every = "8w"')
    made = job_of(ws, PROGRAM, {})
    assert line_of(cron(made)).startswith(crontab + " ")
    assert f"\nOnCalendar={calendar}\n" in systemd(made)[1].text


def test_the_home_and_the_tenant_are_named_unless_they_are_the_default(
    subscribe: Subscribe, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe("acme", head='every = "1h"')
    ws = Workspace.open(home, "second")
    made = job_of(ws, PROGRAM, {})
    sync = (*PROGRAM, "sync", "--due", "--yes")
    assert made.words == (*sync, "--home", str(home.root), "--tenant", "second")
    assert [file.name for file in systemd(made)] == [
        "tidegate-sync-second.service",
        "tidegate-sync-second.timer",
    ]
    ws = Workspace.open(home)
    monkeypatch.setattr(Home, "locate", lambda *_: home)
    assert job_of(ws, PROGRAM, {}).words == sync
    # A variable of this shell that moves the default is unknown to cron.
    assert "--home" in job_of(ws, PROGRAM, {"XDG_DATA_HOME": str(home.root)}).words


def test_a_crontab_line_survives_cron_and_the_shell() -> None:
    words = ("/opt/a b/tidegate", "--home", HARD)
    line = line_of(cron(job(words)))
    assert as_cron_runs_it(line) == [*words, ">/dev/null"]


def test_a_unit_quotes_what_systemd_would_read_otherwise() -> None:
    service = systemd(job(("/opt/$a b/tidegate", "--home", HARD)))[0].text
    quoted = '"/srv/50%% of {}HOME/it\'s \\"here\\"\\\\%%x"'
    assert f'\nExecStart="/opt/$a b/tidegate" --home {quoted.format("$$")}\n' in service
    assert f"\nReadWritePaths={quoted.format('$')}\n" in service


def test_the_service_may_write_the_home_only_and_holds_no_secret(
    ws: Workspace, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_PASSWORD", "hunter2")
    subscribe("acme", head='every = "1h"')
    service, timer = systemd(job_of(ws, PROGRAM, {}))
    for line in ("Type=oneshot", "ProtectSystem=strict", f"ReadWritePaths={ws.home.root}"):
        assert f"\n{line}\n" in service.text
    assert "\n#EnvironmentFile=" in service.text
    assert "hunter2" not in service.text + timer.text
    for line in ("Persistent=true", "RandomizedDelaySec=180", "FixedRandomDelay=true"):
        assert f"\n{line}\n" in timer.text
    assert "\nRandomizedDelaySec=3\n" in systemd(job(PROGRAM, step=timedelta(minutes=1)))[1].text


@pytest.mark.parametrize("actor", [UNKNOWN, "a b", "\x1b[31m", ""])
def test_a_user_that_nobody_knows_is_left_to_the_operator(
    ws: Workspace, subscribe: Subscribe, actor: str
) -> None:
    subscribe("acme", head='every = "1h"')
    ws.actor = actor
    assert "\n#User=" in systemd(job_of(ws, PROGRAM, {}))[0].text


def test_a_path_that_is_no_line_is_refused(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", head='every = "1h"')
    with pytest.raises(UsageError, match="cannot hold"):
        job_of(ws, ("/opt/a\nExecStart=/bin/false",), {})


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
@pytest.mark.parametrize("minutes", [1, 60, 360, 1440])
def test_systemd_itself_finds_nothing_wrong(tmp_path: Path, minutes: int) -> None:
    made = job(("/bin/true", "--home", HARD), step=timedelta(minutes=minutes))
    paths = [tmp_path / file.name for file in systemd(made)]
    for path, file in zip(paths, systemd(made), strict=True):
        path.write_text(file.text, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, paths)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, [n for n in done.stderr.splitlines() if "tidegate" in n]) == (0, [])
