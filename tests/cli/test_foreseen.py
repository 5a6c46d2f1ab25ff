"""`match --plan` about one event and about cases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from driving.homes import Cli, FeedFolder, indicator

Subscribe = Callable[..., FeedFolder]


@pytest.fixture
def plan(cli: Cli, subscribe: Subscribe, tmp_path: Path) -> str:
    """A plan that brings h5 and lets h1 go, with h1 and h2 kept as cases."""
    feed = subscribe("acme", [indicator(1), indicator(2)])
    cli.sync()
    for number in (1, 2):
        value = f"h{number}.example.com"
        assert cli("match", "--value", value, "--save", f"case-{number}").code == 0
    feed.publish([indicator(2), indicator(5)])
    cli("sync")
    path = str(tmp_path / "monday.plan.json")
    assert cli("plan", "--out", path).code == 0
    return path


def test_a_value_is_asked_now_and_under_the_plan(cli: Cli, plan: str) -> None:
    ran = cli("match", "--value", "h5.example.com", "--plan", plan, "--json")
    endpoint = next(it for it in ran.lines if it["engine"] == "endpoint_prevention")
    assert (endpoint["event"], endpoint["verdict"], endpoint["changed"]) == (
        "h5.example.com", "blocked", True,
    )  # fmt: skip
    assert endpoint["before"]["verdict"] == "no_match"
    assert endpoint["rows"] == [endpoint["indicator"]]
    ran = cli("match", "--value", "h2.example.com", "--plan", plan)
    assert "endpoint_prevention" in ran.out
    assert "1 event asked about, 0 would be judged otherwise" in ran.err
    ran = cli("match", "--event", '{"RemoteUrl": "h1.example.com"}', "--plan", plan)
    assert "no_match" in ran.out
    assert cli("match", "--value", "no value", "--plan", plan).code == 2


def test_cases_that_would_change_are_told_and_strict_ends_with_3(cli: Cli, plan: str) -> None:
    ran = cli("match", "--plan", plan, "--cases")
    assert (ran.code, "case-1" in ran.out, "case-2" in ran.out) == (0, True, False)
    assert "2 events asked about, 1 would be judged otherwise" in ran.err
    assert cli("match", "--plan", plan, "--cases", "--strict").code == 3
    assert cli("match", "--plan", plan, "--cases", "--json").lines[0]["event"] == "case-1"
    assert cli("match", "--plan", plan, "--cases", "--value", "h1.example.com").code == 2


def test_files_are_previewed_by_feed_and_row_in_three_engines(
    cli: Cli, plan: str, tmp_path: Path
) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text(
        "\n".join(f'{{"RemoteUrl": "h{n}.example.com", "DeviceName": "pc"}}' for n in (1, 2, 5)),
        "utf-8",
    )
    rows = {it["value"]: it for it in cli("match", str(events), "--plan", plan, "--json").lines}
    assert {value: it["op"] for value, it in rows.items()} == {
        "h1.example.com": "remove",
        "h5.example.com": "create",
    }
    assert rows["h1.example.com"]["changed"] == {
        "cloud_detection": 1, "endpoint_prevention": 1, "automated_investigation": 1,
    }  # fmt: skip
    assert (rows["h1.example.com"]["blocked"], rows["h5.example.com"]["blocked"]) == (0, 1)
    assert rows["h5.example.com"]["feeds"] == ["acme"]
    out = cli("match", str(events), "--plan", plan).out
    assert "3 events; of 2 rows of the plan, 2 would have met some" in out
    assert "acme" in out
