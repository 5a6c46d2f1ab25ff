"""Scheduled sync in the words of systemd and of cron, ready to be pasted.

Owns the units, the crontab line and their quoting. Refuses to install them, and to write a secret
into them: both kinds of file are read by others.

The timer fires on the calendar, so that `Persistent=` makes up for a machine that was off. Which
feeds are pulled then is for `sync --due` to say.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tidegate.config import Home
from tidegate.errors import UsageError
from tidegate.indicators.text import safe
from tidegate.service.due import shortest
from tidegate.service.workspace import DEFAULT_TENANT, UNKNOWN, Workspace

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_STEPS = (
    _DAY,
    *(_HOUR * n for n in (12, 8, 6, 4, 3, 2, 1)),
    *(_MINUTE * n for n in (30, 20, 15, 12, 10, 6, 5, 4, 3, 2, 1)),
)
"""What a calendar repeats evenly: parts of a day and of an hour, the longest first."""

_SPREAD_SHARE = 20
_SPREAD_MOST = timedelta(minutes=5)

_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")

_CODES = """\
# Exit codes:
#   0 done, or nothing was due
#   2 configuration: the message names file and key
#   3 held back: see `tidegate held list`
#   4 list damaged: see `tidegate doctor`
#   5 list locked, 6 list kept changing: the next run plans again
#   7 a feed failed, the others landed: see `tidegate feeds list`
"""


@dataclass(frozen=True, slots=True)
class Job:
    """What is run, as whom (empty: unknown), how often, and the one folder that it writes to."""

    words: tuple[str, ...]
    name: str
    home: Path
    user: str
    step: timedelta


@dataclass(frozen=True, slots=True)
class ScheduleFile:
    """A file for systemd or cron. `name` is what it is called where it goes."""

    name: str
    text: str


def job_of(ws: Workspace, program: Sequence[str], environ: Mapping[str, str]) -> Job:
    """The sync of this home's due feeds. `program` are the words that start tidegate.

    Raises UsageError when no feed says how often, or for a path that cannot be written down.
    """
    every = shortest(ws)
    home = ws.home.root.absolute()
    words = [*program, "sync", "--due", "--yes"]
    # Neither cron nor systemd knows the XDG variable that may have moved the default.
    if "XDG_DATA_HOME" in environ or home != Home.locate(None, {}).root.absolute():
        words += ["--home", str(home)]
    name = "tidegate-sync"
    if ws.tenant != DEFAULT_TENANT:
        words += ["--tenant", ws.tenant]
        name += f"-{ws.tenant}"
    for word in words:
        if safe(word, limit=len(word) + 1) != word:
            raise UsageError(
                f"{safe(word)} has characters that these files cannot hold",
                "choose another home with --home",
            )
    step = next(step for step in _STEPS if not every % step)
    user = ws.actor if _USER.fullmatch(ws.actor) and ws.actor != UNKNOWN else ""
    return Job(tuple(words), name, home, user, step)


def cron(job: Job) -> tuple[ScheduleFile]:
    """One line for `crontab -e`."""
    command = " ".join(map(_for_cron, job.words))
    return (
        ScheduleFile(
            "crontab",
            _CRONTAB.format(codes=_CODES, when=_crontab(job.step), command=command),
        ),
    )


def systemd(job: Job) -> tuple[ScheduleFile, ScheduleFile]:
    """A service that syncs once, and the timer that starts it."""
    program, *rest = job.words
    # A dollar sign in the program's own path stands for itself.
    command = " ".join([_for_systemd(program), *(_for_systemd(w).replace("$", "$$") for w in rest)])
    spread = max(1, int(min(job.step / _SPREAD_SHARE, _SPREAD_MOST).total_seconds()))
    service = _SERVICE.format(
        name=job.name,
        codes=_CODES,
        user=f"User={job.user}" if job.user else "#User=whoever owns the home",
        command=command,
        home=_for_systemd(str(job.home)),
    )
    timer = _TIMER.format(name=job.name, calendar=_calendar(job.step), spread=spread)
    return (
        ScheduleFile(f"{job.name}.service", service),
        ScheduleFile(f"{job.name}.timer", timer),
    )


_CRONTAB = """\
# Tidegate: pulls the feeds whose turn has come, and applies what may be applied.
{codes}\
# cron mails what goes to stderr. It knows no variable of your shell: secrets that feeds name as
# env:NAME are set above this line, or become file:PATH.
{when} {command} >/dev/null
"""

_SERVICE = """\
# /etc/systemd/system/{name}.service
{codes}
[Unit]
Description=Tidegate: sync the feeds whose turn has come
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
{user}
ExecStart={command}
# Secrets that feeds name as env:NAME: lines NAME=value in a file of mode 0600, named here.
#EnvironmentFile=/etc/tidegate/secrets
UMask=0077
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={home}
PrivateTmp=yes
PrivateDevices=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
"""

# The delay spreads many machines over a feed's server; it is the same each time, as turns that
# wander would come too early for `--due`.
_TIMER = """\
# /etc/systemd/system/{name}.timer
# Then: systemctl daemon-reload && systemctl enable --now {name}.timer

[Unit]
Description=Tidegate: scheduled sync

[Timer]
OnCalendar={calendar}
Persistent=true
AccuracySec=1s
RandomizedDelaySec={spread}
FixedRandomDelay=true

[Install]
WantedBy=timers.target
"""


def _crontab(step: timedelta) -> str:
    if step < _HOUR:
        return f"*/{step // _MINUTE} * * * *"
    hours = step // _HOUR
    return {1: "0 * * * *", 24: "0 0 * * *"}.get(hours, f"0 */{hours} * * *")


def _calendar(step: timedelta) -> str:
    if step < _HOUR:
        return f"*:0/{step // _MINUTE}"
    hours = step // _HOUR
    return {1: "hourly", 24: "daily"}.get(hours, f"0/{hours}:00")


def _for_cron(word: str) -> str:
    r"""Quote for the shell, then for cron, to which % ends the line unless a backslash is before.

    cron takes `\\%` for a backslash and an end, so those two are parted by closing the quotes.
    """
    return shlex.quote(word).replace("\\%", "\\''%").replace("%", "\\%")


def _for_systemd(word: str) -> str:
    """Quote a word of a unit, in which % begins a specifier."""
    plain = word.replace("%", "%%")
    if plain and not set(plain) & set(" \"'\\;"):
        return plain
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
