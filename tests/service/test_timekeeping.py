"""A clock that cannot be right changes nothing: no expiry, no cursor, no edit; reading goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driving.homes import Cli, FeedFolder, Watch, indicator, write_feed
from tidegate import clock
from tidegate.clock import Uptime
from tidegate.config import Home
from tidegate.errors import ConfigError
from tidegate.service import testimony, witnesses
from tidegate.service.apply import apply
from tidegate.service.doctor.examine import examine, fix
from tidegate.service.edit import Fields, plan_add
from tidegate.service.sync import sync
from tidegate.service.testimony import SLACK, Agreement
from tidegate.service.timekeeping import (
    FILE,
    LONGEST,
    Doubt,
    Look,
    Timekeeper,
    doubt,
    parse,
    render,
)
from tidegate.service.workspace import Workspace

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
spans = st.timedeltas(timedelta(days=-3650), timedelta(days=3650))


class Machine:
    """A wall clock that people set, and an uptime that they cannot."""

    def __init__(self) -> None:
        self.boot, self.elapsed, self.wall = "one", HOUR, NOW

    def __call__(self) -> Uptime:
        return Uptime(self.boot, self.elapsed)

    def passes(self, span: timedelta) -> None:
        self.elapsed += span
        self.wall += span

    def restarts(self) -> None:
        self.boot, self.elapsed = "two", timedelta(0)


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def keeper(tmp_path: Path, machine: Machine) -> Timekeeper:
    made = Timekeeper(tmp_path, machine)
    made.check(machine.wall, "default", None)
    return made


def code(found: Doubt | None) -> str:
    return "" if found is None else found.code


@given(spans)
def test_clock_within_a_boot_may_differ_from_uptime_by_a_day_and_no_more(jump: timedelta) -> None:
    look = Look(NOW, Uptime("one", HOUR))
    found = doubt(NOW + jump, last_look=look, uptime=Uptime("one", HOUR))
    if NOW + jump < datetime(2026, 1, 1, tzinfo=UTC):
        assert code(found) == "clock_unset"
    else:
        assert (found is None) == (abs(jump) <= SLACK)


@given(spans)
def test_clock_after_a_restart_may_be_ahead_but_not_back(jump: timedelta) -> None:
    look = Look(NOW, Uptime("one", HOUR))
    for uptime in (Uptime("two", timedelta(0)), None):
        found = doubt(NOW + jump, last_look=look, uptime=uptime)
        assert (found is None) == (-SLACK <= jump <= LONGEST)


@given(spans)
def test_clock_may_not_be_a_day_before_the_list(jump: timedelta) -> None:
    found = doubt(NOW + jump, last_change=NOW)
    assert (found is None) == (jump >= -SLACK)


def test_clock_that_was_never_set_is_not_settled_by_a_word(keeper: Timekeeper) -> None:
    found = doubt(datetime(1970, 1, 1, tzinfo=UTC))
    assert found is not None
    assert (found.code, found.settled) == ("clock_unset", False)
    assert "doctor" not in str(found.error())
    with pytest.raises(ConfigError, match="before there was any"):
        keeper.confirm(datetime(2025, 12, 31, tzinfo=UTC), "default", None)


def test_clock_is_refused_in_one_line_that_names_both_times(
    keeper: Timekeeper, machine: Machine
) -> None:
    machine.passes(HOUR)
    with pytest.raises(ConfigError) as refused:
        keeper.check(machine.wall + timedelta(days=3650), "default", None)
    assert "2036-05-29 13:00Z" in str(refused.value)
    assert "2026-06-01 13:00Z" in str(refused.value)
    assert "doctor --fix" in refused.value.hint
    assert "\n" not in str(refused.value)
    keeper.check(machine.wall, "default", None)


def test_clock_is_noted_now_and_then_and_after_a_restart(
    keeper: Timekeeper, machine: Machine
) -> None:
    first = keeper.path.read_bytes()
    assert keeper.path.stat().st_mode & 0o777 == 0o600
    machine.passes(HOUR / 2)
    keeper.check(machine.wall, "default", None)
    assert keeper.path.read_bytes() == first
    machine.passes(HOUR / 2)
    keeper.check(machine.wall, "default", None)
    assert keeper.read() == Look(machine.wall, machine())
    machine.restarts()
    keeper.check(machine.wall, "default", None)
    assert keeper.read() == Look(machine.wall, machine())


def test_clock_doubted_is_not_noted(keeper: Timekeeper, machine: Machine) -> None:
    before = keeper.path.read_bytes()
    with pytest.raises(ConfigError):
        keeper.check(machine.wall + timedelta(days=2), "default", None)
    assert keeper.path.read_bytes() == before


def test_clock_the_operator_confirmed_is_right_for_everybody(
    keeper: Timekeeper, machine: Machine
) -> None:
    other = Timekeeper(keeper.path.parent, machine)
    jumped = machine.wall + timedelta(days=40)
    assert code(other.doubt(jumped, "default", None)) == "clock_jumped"
    keeper.confirm(jumped, "default", None)
    other.check(jumped, "default", None)
    assert code(other.doubt(machine.wall, "default", None)) == "clock_jumped"


def test_clock_behind_the_list_is_confirmed_for_that_change_alone(keeper: Timekeeper) -> None:
    ahead = NOW + timedelta(days=3650)
    assert code(keeper.doubt(NOW, "default", ahead)) == "clock_behind_list"
    keeper.confirm(NOW, "default", ahead)
    keeper.check(NOW, "default", ahead)
    assert code(keeper.doubt(NOW, "other", ahead)) == "clock_behind_list"
    assert code(keeper.doubt(NOW, "default", ahead + HOUR)) == "clock_behind_list"


def test_clock_without_witnesses_notes_nothing_and_asks_only_the_list(tmp_path: Path) -> None:
    Timekeeper(tmp_path, lambda: None).check(NOW, "default", None)
    noted = (tmp_path / FILE).read_bytes()
    lonely = Timekeeper(tmp_path)
    lonely.check(NOW + timedelta(days=3650), "default", NOW)
    assert code(lonely.doubt(NOW, "default", NOW + 2 * SLACK)) == "clock_behind_list"
    assert (tmp_path / FILE).read_bytes() == noted


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"null", b'{"at":1}', b'{"at":"soon"}', b"\xff",
     b'{"at":"2026-06-01T00:00:00Z","boot":"x","uptime":"y"}',
     b'{"at":"2026-06-01T00:00:00Z","boot":"x","uptime":1e300}',
     b'{"at":"2026-06-01T00:00:00Z","ahead":[1]}'],
)  # fmt: skip
def test_clock_file_that_cannot_be_read_counts_as_none(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(data)
    (tmp_path / FILE).write_bytes(data)
    keeper = Timekeeper(tmp_path, Machine())
    keeper.check(NOW, "default", None)
    assert keeper.read() == Look(NOW, Uptime("one", HOUR))


def test_clock_file_reads_back_as_written() -> None:
    look = Look(NOW, Uptime("a", timedelta(hours=5, microseconds=7)), {"default": NOW + HOUR})
    assert parse(render(look)) == look
    assert parse(render(Look(NOW))) == Look(NOW)
    overruling = Look(NOW, None, {}, timedelta(days=-9))
    assert parse(render(overruling)) == overruling


def test_clock_file_that_cannot_be_written_keeps_nobody_from_writing(tmp_path: Path) -> None:
    (tmp_path / FILE).symlink_to(tmp_path / "elsewhere")
    Timekeeper(tmp_path, Machine()).check(NOW, "default", None)
    assert not (tmp_path / "elsewhere").exists()


# -- by the word of servers -------------------------------------------------------------------


def by(off: timedelta, uptime: Uptime | None = None) -> Agreement:
    """Two servers, by which our clock was so far ahead at NOW."""
    return Agreement(("a.example.com", "b.example.com"), off, NOW, uptime)


@given(spans)
def test_clock_is_judged_by_servers_before_all_else(jump: timedelta) -> None:
    told = by(timedelta(0), Uptime("one", HOUR))
    later = Uptime("one", 3 * HOUR)
    wrong = Look(NOW - timedelta(days=900)), Look(NOW + timedelta(days=900))
    for look in (None, *wrong):
        found = doubt(
            NOW + jump,
            last_change=NOW + timedelta(days=900),
            last_look=look,
            uptime=later,
            testimony=told,
        )
        if NOW + jump < datetime(2026, 1, 1, tzinfo=UTC):
            assert code(found) == "clock_unset"
        else:
            near = abs(jump - 2 * HOUR) <= SLACK
            assert code(found) == ("" if near else "clock_contradicted")


def test_clock_contradicted_says_by_whom() -> None:
    found = doubt(NOW, testimony=by(timedelta(days=3650)))
    assert found is not None
    assert found.message == (
        "the clock says 2026-06-01 12:00Z, "
        "but by a.example.com and b.example.com it is 2016-06-03 12:00Z"
    )
    assert found.settled


def test_clock_that_servers_say_nothing_of_now_is_judged_as_ever() -> None:
    late = NOW + timedelta(days=30)
    assert doubt(late, last_look=Look(NOW), testimony=by(timedelta(0))) is None
    far = doubt(NOW + 2 * LONGEST, last_look=Look(NOW), testimony=by(timedelta(0)))
    assert code(far) == "clock_far"


def test_clock_heard_is_kept_for_others_and_overruled_by_the_operator(
    keeper: Timekeeper, machine: Machine
) -> None:
    assert keeper.witnesses is not None
    ahead = machine.wall + timedelta(days=3650)
    machine.restarts()
    for host in ("a.example.com", "b.example.com"):
        keeper.witnesses.hear(host, machine.wall, ahead)
    with pytest.raises(ConfigError, match=r"by a\.example\.com and b\.example\.com it is 2026"):
        keeper.check(ahead, "default", None)
    other = Timekeeper(keeper.path.parent, machine)
    machine.passes(2 * HOUR)
    ahead += 2 * HOUR
    assert code(other.doubt(ahead, "default", None)) == "clock_contradicted"
    other.check(machine.wall, "default", None)
    # The operator knows better, and goes on knowing it after the next look.
    other.confirm(ahead, "default", None)
    later = Timekeeper(keeper.path.parent, machine)
    machine.passes(3 * HOUR)
    for _ in range(2):
        later.check(ahead + 3 * HOUR, "default", None)
    assert code(later.doubt(ahead + timedelta(days=9), "default", None)) == "clock_contradicted"


# -- through the doors ------------------------------------------------------------------------


def add(ws: Workspace, value: str, hours: float = 720) -> None:
    expires = ws.clock() + timedelta(hours=hours)
    apply(ws, plan_add(ws, [value], Fields(expires=expires), None).plan)


def system(home: Home, monkeypatch: pytest.MonkeyPatch, watch: Watch) -> Workspace:
    """A workspace on the system's clock, which the test sets."""
    monkeypatch.setattr("tidegate.service.workspace.system_time", watch)
    return Workspace.open(home, clock=watch)


@pytest.mark.skipif(clock.uptime() is None, reason="no clock that nobody sets")
@pytest.mark.parametrize("days", [2, -2, 3650])
def test_clock_jump_expires_nothing_and_moves_no_cursor(
    home: Home,
    watch: Watch,
    subscribe: Callable[..., FeedFolder],
    monkeypatch: pytest.MonkeyPatch,
    days: int,
) -> None:
    ws = system(home, monkeypatch, watch)
    subscribe("acme", [indicator(1)])
    sync(ws)
    add(ws, "h9.example.com", 36)
    held, ledger = ws.store.state().serial, ws.ledger.feed("acme")
    watch.turn(days=days)
    for act in (
        lambda: sync(ws),
        lambda: add(ws, "h8.example.com"),
        lambda: sync(ws, dry_run=True),
    ):
        with pytest.raises(ConfigError, match="the clock says"):
            act()
    assert ws.store.state().serial == held
    assert ws.ledger.feed("acme") == ledger
    watch.turn(days=-days)
    sync(ws)
    add(ws, "h8.example.com")
    assert {row.value for row in ws.store.active(watch())} >= {"h1.example.com", "h9.example.com"}
    ws.close()


@pytest.mark.parametrize("days", [-2, -150])
def test_clock_behind_the_list_is_refused_by_a_clock_of_any_kind(
    ws: Workspace, watch: Watch, days: int
) -> None:
    add(ws, "h1.example.com")
    watch.turn(days=days)
    with pytest.raises(ConfigError, match="the list was last changed"):
        add(ws, "h2.example.com")
    assert [row.value for row in ws.store.active(watch())] == ["h1.example.com"]  # reading goes on


def test_clock_confirmed_by_the_doctor_lets_writes_through(
    home: Home, ws: Workspace, watch: Watch
) -> None:
    watch.turn(days=3650)
    add(ws, "h1.example.com")
    watch.turn(days=-3650)
    report = examine(home, clock=watch)
    (found,) = report.faults
    assert (found.area, found.code, report.exit_code) == ("clock", "clock_behind_list", 2)
    fixed = fix(home, clock=watch)
    assert fixed.ok
    assert any(FILE in said for said in fixed.fixed)
    add(ws, "h2.example.com")
    assert ws.store.state().at == watch()


def test_clock_jump_seen_by_a_command_is_settled_by_doctor(tmp_path: Path) -> None:
    cli = Cli(tmp_path / "home")
    if clock.uptime() is None:
        pytest.skip("no clock that nobody sets")
    assert cli("add", "h1.example.com").code == 0
    path = cli.home / FILE
    look = parse(path.read_bytes())
    path.write_bytes(render(Look(look.at - timedelta(days=2), look.uptime)))  # as a jump leaves it
    refused = cli("add", "h2.example.com")
    assert refused.code == 2
    assert "tidegate: the clock says" in refused.err
    assert cli.values() == {"h1.example.com"}
    assert cli("doctor").code == 2
    assert cli("doctor", "--fix").code == 0
    assert cli("add", "h2.example.com").code == 0


def test_clock_that_servers_contradicted_stops_every_command_that_writes(tmp_path: Path) -> None:
    cli = Cli(tmp_path / "home")
    assert cli("add", "h1.example.com").code == 0
    off, up = timedelta(days=3650), clock.uptime()
    told = Agreement(("a.example.com", "b.example.com"), off, clock.now(), up)
    (cli.home / witnesses.FILE).write_bytes(testimony.render(told))
    cli.subscribe(write_feed(tmp_path / "acme", [indicator(2)]).folder)
    for words in (("add", "h3.example.com"), ("sync", "--yes"), ("sync", "--dry-run")):
        refused = cli(*words)
        assert refused.code == 2
        assert "but by a.example.com and b.example.com it is 20" in refused.err
        assert "`tidegate doctor --fix`" in refused.err
    assert cli.values() == {"h1.example.com"}
    assert "clock_contradicted" in cli("doctor", "--json").out
    assert cli("doctor", "--fix").code == 0
    assert cli("sync", "--yes").code == 0
    assert cli.values() == {"h1.example.com", "h2.example.com"}
