"""`match` from the command line, in each of its ways."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from driving.homes import Cli, indicator, write_feed

RECORD = {
    "Timestamp": "2026-01-10T11:00:00Z",
    "DeviceName": "ws-1",
    "ActionType": "ConnectionSuccess",
    "ReportId": 1,
}
ENGINES = ["cloud_detection", "endpoint_prevention", "automated_investigation"]


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    made = Cli(tmp_path / "home")
    for value, action in (("c2.example.com", "block"), ("watched.example.com", "alert")):
        assert made("add", value, "--action", action, "--title", f"Seen {value}").code == 0
    return made


@pytest.fixture
def events(tmp_path: Path) -> str:
    urls = ("c2.example.com", "quiet.example.net", "https://watched.example.com/a")
    path = tmp_path / "events.jsonl"
    path.write_bytes(
        b"\n".join(
            [*(orjson.dumps({**RECORD, "ReportId": n, "RemoteUrl": u}) for n, u in enumerate(urls))]
        )
    )
    return str(path)


def test_json_has_a_line_for_each_engine_and_event(cli: Cli, events: str) -> None:
    ran = cli("match", events, "--json")
    assert ran.code == 0
    assert [it["engine"] for it in ran.lines] == ENGINES * 3
    assert [it["verdict"] for it in ran.lines] == [
        *("alerted", "blocked", "blocked"),
        *("no_match", "no_match", "no_match"),
        *("alerted", "alerted", "no_match"),
    ]
    assert ran.lines[8]["reason"] == "alert_only_leaves_verdict"
    assert ran.lines[0]["alert"]["title"] == "Seen c2.example.com"
    assert ran.lines[0]["indicator"] == cli.rows("c2.example.com")[0]["id"]


def test_one_engine_is_asked_alone(cli: Cli, events: str) -> None:
    ran = cli("match", events, "--json", "--engine", "endpoint_prevention")
    assert [it["verdict"] for it in ran.lines] == ["blocked", "no_match", "alerted"]


def test_misses_are_listed_when_asked_for(cli: Cli, events: str) -> None:
    assert "no_match" not in cli("match", events, "--engine", "cloud_detection").out
    assert "no_match" in cli("match", events, "--engine", "cloud_detection", "--misses").out


def test_the_summary_is_legible(cli: Cli, events: str) -> None:
    ran = cli("match", events)
    assert "hits               2" in ran.out
    assert "Seen c2.example.com" in ran.out
    assert "quiet.example.net" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "watched" not in cli("match", events, "--limit", "1").out.split("TIME")[1]


def test_stdin_is_read(cli: Cli, events: str) -> None:
    text = Path(events).read_text("utf-8")
    assert len(cli("match", "-", "--json", stdin=text).lines) == 9


def test_alerts_are_written(cli: Cli, events: str, tmp_path: Path) -> None:
    out = tmp_path / "alerts.jsonl"
    for _ in range(2):
        assert cli("match", events, "--alerts", str(out), "--engine", "cloud_detection").code == 0
    titles = [orjson.loads(line)["title"] for line in out.read_bytes().splitlines()]
    assert titles == ["Seen c2.example.com", "Seen watched.example.com"]
    inside = cli("match", events, "--alerts", str(cli.home / "config.toml"))
    assert (inside.code, "belongs to the home" in inside.err) == (2, True)
    same = cli("match", events, "--alerts", events)
    assert (same.code, "holds the events" in same.err) == (2, True)
    assert Path(events).stat().st_size > 0


def test_problems_go_to_stderr_and_the_rest_goes_on(cli: Cli, events: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(b"{x\n" + Path(events).read_bytes())
    ran = cli("match", str(bad), str(tmp_path / "none"), "--json")
    assert ran.code == 0
    assert len(ran.lines) == 9
    assert "1 × no JSON: left out (line 1)" in ran.err
    assert "none: no such file" in ran.err
    assert cli("match", str(tmp_path / "none")).code == 2


def test_a_scan_raises_nothing_twice_and_its_alerts_add_up(
    cli: Cli, events: str, tmp_path: Path
) -> None:
    out = tmp_path / "alerts.jsonl"
    argv = ("match", events, "--scan", "nightly", "--alerts", str(out), "--json")
    assert len(cli(*argv).lines) == 2
    assert cli(*argv).lines == []
    assert cli("add", "quiet.example.net", "--action", "alert").code == 0
    assert [it["value"] for it in cli(*argv).lines] == ["quiet.example.net"]
    assert len(out.read_bytes().splitlines()) == 3


def test_a_value_is_asked_about(cli: Cli) -> None:
    ran = cli("match", "--value", "hxxps://c2[.]example[.]com/gate", "--json")
    assert [it["verdict"] for it in ran.lines] == ["alerted", "blocked", "blocked"]
    shown = cli("match", "--value", "c2.example.com")
    assert [line.split()[0] for line in shown.out.splitlines()[1:4]] == ENGINES
    assert "endpoint_prevention: " in shown.out
    assert cli("match", "--value", "no value").code == 2


def test_an_event_is_asked_about(cli: Cli) -> None:
    event = orjson.dumps({"properties": {**RECORD, "RemoteUrl": "c2.example.com"}}).decode()
    ran = cli("match", "--event", event, "--json", "--engine", "endpoint_prevention")
    assert [it["verdict"] for it in ran.lines] == ["blocked"]
    for bad in ("{", "[]", "{}"):
        assert cli("match", "--event", bad).code == 2


def test_cases_tell_what_changed(cli: Cli) -> None:
    assert cli("match", "--value", "c2.example.com", "--save", "c2").code == 0
    same = cli("match", "--cases", "--strict")
    assert (same.code, same.out) == (0, "")
    assert cli("edit", "c2.example.com", "--action", "allow").code == 0
    ran = cli("match", "--cases", "--json")
    assert (ran.code, ran.lines[0]["changed"]) == (0, ENGINES)
    assert ran.lines[0]["now"]["endpoint_prevention"]["verdict"] == "allowed"
    strict = cli("match", "--cases", "--strict")
    assert strict.code == 3
    assert "blocked" in strict.out
    assert "1 case asked again, 1 with another verdict" in strict.err


def test_a_plan_is_previewed(cli: Cli, events: str, tmp_path: Path) -> None:
    plan = tmp_path / "a.plan.json"
    assert cli("plan", "--out", str(plan)).code in (0, 3)
    ran = cli("match", events, "--plan", str(plan))
    assert (ran.code, "3 events; of 0 rows" in ran.out) == (0, True)
    assert cli("match", events, "--plan", str(plan), "--json").lines == []


def test_a_policy_that_is_not_saved_is_previewed(cli: Cli, events: str, tmp_path: Path) -> None:
    skip = 'action = "skip"\n'
    feed = write_feed(
        tmp_path / "acme",
        [indicator(1, "[domain-name:value = 'quiet.example.net']")],
        default=skip,
    )
    cli.subscribe(feed.folder)
    cli.sync()
    tried = write_feed(tmp_path / "tried" / "acme").folder / "feed.toml"
    (row,) = cli("match", events, "--policy", str(tried), "--json").lines
    assert (row["value"], row["events"], row["blocked"]) == ("quiet.example.net", 1, 1)
    assert cli("match", events, "--policy", str(feed.folder / "feed.toml"), "--json").lines == []
    assert cli("match", events, "--policy", str(tmp_path / "none")).code == 2


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("--save", "x"),
        ("--cases", "--value", "x.example.com"),
        ("--value", "x.example.com", "events.jsonl"),
        ("--scan", "x", "--engine", "endpoint_prevention", "-"),
        ("--plan", "x", "--scan", "y", "-"),
        ("--plan", "x", "--policy", "y", "-"),
        ("--plan", "x"),
        ("-", "-"),
        ("--engine", "other", "-"),
    ],
)
def test_what_does_not_go_together_is_refused(cli: Cli, argv: tuple[str, ...]) -> None:
    ran = cli("match", *argv)
    assert ran.code == 2
    assert len(ran.err.splitlines()) <= 2
