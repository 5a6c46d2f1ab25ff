"""`feeds list|show|add|enable|disable|check|rewind`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from driving.homes import Cli, FeedFolder, indicator, write_feed
from servers import malice
from servers.loopback_taxii import COLLECTION, LoopbackTaxii, indicators
from tidegate.cli import output

Subscribe = Callable[..., FeedFolder]


def states(cli: Cli) -> dict[str, str]:
    ran = cli("feeds", "list", "--json")
    assert ran.code == 0
    return {line["id"]: line["state"] for line in ran.lines}


def test_shipped_feeds_are_listed_and_switched_on_and_off(cli: Cli) -> None:
    assert states(cli)["sample-c2"] == "shipped"
    assert "no feed is on" in cli("feeds", "list").err
    ran = cli("feeds", "enable", "sample-c2")
    assert ran.code == 0
    allowed = (cli.home / "config.toml").is_file()
    assert ("[guards] in config.toml lets them in" in ran.err) is not allowed
    assert states(cli)["sample-c2"] == "on"
    assert (cli.home / "feeds" / "sample-c2" / "sample.bundle.json").is_file()
    assert cli("feeds", "disable", "sample-c2").code == 0
    assert states(cli)["sample-c2"] == "off"
    ran = cli("sync", "--yes")
    assert ran.code == 2
    assert "no feed is switched on" in ran.err


def test_a_disabled_feeds_rows_stay_until_they_expire(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1), indicator(2)])
    subscribe("other", [indicator(3)])
    cli.sync()
    cli("feeds", "disable", "acme")
    report = cli.sync()
    assert (report["plan"]["remove"], report["plan"]["held"]) == (0, 0)
    assert len(cli.rows()) == 3


def test_health_is_shown_after_a_sync(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1), indicator(2, pattern_type="yara")], head='every = "1h"')
    cli.sync()
    record = next(line for line in cli("feeds", "list", "--json").lines if line["id"] == "acme")
    assert (record["indicators"], record["mapped"], record["rejected"]) == (2, 1, 1)
    assert (record["trust"], record["every"], record["kind"]) == (70, "1h", "bundle")
    assert record["last_success"]
    assert record["error"] == ""


def test_show_tells_the_policy(cli: Cli, subscribe: Subscribe) -> None:
    subscribe(
        "acme",
        rules='[[rule]]\nname = "loud"\nthen = { action = "skip" }\n',
    )
    out = cli("feeds", "show", "acme").out
    assert "rule 1: loud → skip, 0 in the last sync" in out
    assert "otherwise → Alert and block, High, 0 in the last sync" in out
    record = cli("feeds", "show", "acme", "--json").json
    assert record["definition"]["rule"][0]["name"] == "loud"


def test_show_tells_the_last_runs_and_how_far_the_last_pull_came(
    cli: Cli,
    subscribe: Subscribe,
    loopback_taxii: Callable[..., LoopbackTaxii],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(output, "_width", lambda: 80)
    good = loopback_taxii(indicators(30), max_page=10)
    source = 'kind = "taxii21"\nurl = "{}"\ncollection = "' + COLLECTION + '"\n'
    subscribe("taxii", source=source.format(good.url))
    subscribe("file", [indicator(1)])
    assert "last pull" not in cli("feeds", "show", "taxii").out
    for _ in range(2):
        cli.sync()
    good.malice = malice.status(404)
    assert cli("sync", "--yes", "taxii").code == 7

    def lines(ident: str) -> list[str]:
        shown = cli("feeds", "show", ident).out.splitlines()
        assert all(len(line) <= 80 for line in shown)
        return [" ".join(line.split()) for line in shown]

    taxii, file = lines("taxii"), lines("file")
    assert "last pull 0 objects, where it broke off" in taxii
    assert "last pull 1 object" in file
    (start,) = (n for n, line in enumerate(taxii) if line.startswith("LAST RUNS"))
    assert len(taxii[start + 1 :]) == 3
    assert taxii[start + 3].endswith("Z 30 3 30 +30")
    good.malice = None
    cli.sync("taxii")
    shown = lines("taxii")
    place = next(n for n, line in enumerate(shown) if line.startswith("last pull"))
    assert shown[place].startswith("last pull 20 objects, 2026-01-01T00:00:00.009000Z to")
    record = cli("feeds", "show", "taxii", "--json").json
    assert [pull["ended"] for pull in record["pulls"]] == [True, False, True, True]
    assert "+00:00" not in record["last_success"]


def test_a_time_that_is_none_is_told_how_to_write_one(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme")
    ran = cli("feeds", "rewind", "acme", "--to", "yesterday")
    assert (ran.code, ran.err) == (
        2,
        "tidegate: --to: 'yesterday' is not a date\n  → write 2026-12-01 or 2026-12-01T08:30Z\n",
    )


def test_show_counts_what_each_rule_decided_and_tells_the_bounds(
    cli: Cli, subscribe: Subscribe
) -> None:
    subscribe(
        "acme",
        [indicator(1), indicator(2), indicator(3, pattern_type="yara")],
        rules='[[rule]]\nname = "mistyped"\nwhen = { indicates = "ransomwear" }\n'
        'then = { action = "block" }\n'
        '[expiry]\nmax = { ip = "30d" }\ndecay = { until = 20 }\n'
        "[repairs]\nscheme_missing = false\n",
    )
    cli.sync()
    lines = [" ".join(line.split()) for line in cli("feeds", "show", "acme").out.splitlines()]
    assert "rule 1: mistyped → Alert and block, High, 0 in the last sync" in lines
    assert "otherwise → Alert and block, High, 2 in the last sync" in lines
    assert "expiry IpAddress 30d at most, decay until 20" in lines
    assert "not repaired scheme_missing" in lines
    record = cli("feeds", "show", "acme", "--json").json
    assert record["decided"] == {"mistyped": 0, "default": 2}


def test_an_odd_policy_is_told_and_used_all_the_same(cli: Cli, tmp_path: Path) -> None:
    rules = (
        '[[rule]]\nname = "all"\nwhen = { confidence = "<50" }\nthen = { action = "block" }\n'
        '[[rule]]\nname = "few"\nwhen = { confidence = "<20" }\nthen = { action = "skip" }\n'
    )
    default = 'action = "Alert only"\n'
    made = write_feed(tmp_path / "acme", [indicator(1)], rules=rules, default=default)
    added = cli("feeds", "add", str(made.folder))
    assert added.code == 0
    for ran in (added, cli("feeds", "show", "acme"), cli("feeds", "check", "acme")):
        assert ran.code == 0
        assert 'tidegate: warning: rule "few" never decides: "all" before it' in ran.err
        assert 'confidence 50 gets Alert only, Medium by "default"' in ran.err
    record = cli("feeds", "show", "acme", "--json").json
    assert [(w["code"], w["rules"], w["confidences"]) for w in record["warnings"]] == [
        ("shadowed", ["few", "all"], None),
        ("not_monotone", ["all", "default"], [49, 50]),
    ]
    step = next(s for s in cli("feeds", "check", "acme", "--json").lines if s["step"] == "policy")
    assert (step["ok"], step["detail"]) == (True, "2 rules and a default; 2 warnings")
    assert cli.sync()["plan"]["create"] == 1
    sound = cli("feeds", "check", "sample-c2")
    assert (sound.code, sound.err) == (0, "")
    assert "4 rules and a default; nothing odd" in sound.out


def test_unknown_feeds_name_the_nearest(cli: Cli) -> None:
    for verb in ("show", "enable", "disable", "check"):
        ran = cli("feeds", verb, "sample-c3")
        assert ran.code == 2
        assert 'did you mean "sample-c2"' in ran.err


def test_a_folder_is_added_once_and_then_replaced(cli: Cli, tmp_path: Path) -> None:
    made = write_feed(tmp_path / "acme", [indicator(1)])
    assert cli("feeds", "add", str(made.folder)).code == 0
    ran = cli("feeds", "add", str(made.folder))
    assert ran.code == 2
    assert "has a feed acme already" in ran.err
    made.publish([indicator(1), indicator(2)])
    assert cli("feeds", "add", "--replace", str(made.folder)).code == 0
    assert cli.sync()["plan"]["create"] == 2


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("trust = 70", "trsut = 70", "did you mean `trust`"),
        ("trust = 70", "trust = 700", "trust"),
        ('"High"', '"Huge"', "severity"),
        ('"Alert and block"', '"Explode"', "action"),
        ('"Alert and block"', '"Allow"', "permit_allow"),
        ('"30d"', '"soon"', "expires"),
        ("[source]", "[source", "line"),
        ("feed.bundle.json", "other.json", "other.json"),
        ("feed.bundle.json", "../other.json", "source.path"),
    ],
)
def test_a_broken_definition_is_named_and_not_added(
    cli: Cli, tmp_path: Path, before: str, after: str, named: str
) -> None:
    made = write_feed(tmp_path / "acme", [indicator(1)])
    path = made.folder / "feed.toml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    ran = cli("feeds", "add", str(made.folder))
    assert ran.code == 2
    assert named in ran.err
    assert "feed.toml" in ran.err
    assert "acme" not in states(cli)


def test_no_folder_no_feed(cli: Cli, tmp_path: Path) -> None:
    ran = cli("feeds", "add", str(tmp_path / "none"))
    assert ran.code == 2
    assert "no feed.toml" in ran.err


def test_a_broken_feed_of_the_home_is_listed_as_such(cli: Cli, subscribe: Subscribe) -> None:
    feed = subscribe("acme")
    (feed.folder / "feed.toml").write_text('id = "acme"\n')
    assert states(cli)["acme"] == "broken"
    ran = cli("feeds", "check", "acme")
    assert ran.code == 7
    assert "x definition" in ran.out
    assert cli("feeds", "enable", "acme").code == 2


def test_check_walks_to_the_first_page(
    cli: Cli, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    subscribe("file", [indicator(1)])
    ran = cli("feeds", "check", "file", "--json")
    assert ran.code == 0
    assert all(line["ok"] for line in ran.lines)
    assert ran.lines[-1]["detail"].startswith("1 objects")
    server = loopback_taxii(indicators(3), malice=malice.status(403))
    source = f'kind = "taxii21"\nurl = "{server.url}"\ncollection = "{COLLECTION}"\n'
    subscribe("taxii", source=source)
    ran = cli("feeds", "check", "taxii", "--json")
    assert ran.code == 7
    assert [line["ok"] for line in ran.lines][-1] is False
    assert [line["ok"] for line in ran.lines][:-1].count(False) == 0
    assert "403" in ran.lines[-1]["detail"]
    assert cli.rows() == []


def test_a_rewind_needs_a_feed_and_a_time_that_exist(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    assert "did you mean" in cli("feeds", "rewind", "acmee").err
    ran = cli("feeds", "rewind", "acme", "--to", "last week")
    assert ran.code == 2
    assert "--to:" in ran.err
    assert cli("--read-only", "feeds", "rewind", "acme").code == 2


def test_health_is_told_and_fits_a_terminal_of_80_columns(
    cli: Cli, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe("acme", [indicator(1), indicator(2, pattern_type="yara")], head='every = "2h"')
    subscribe("other", [indicator(1), indicator(3)])
    cli.sync()
    records = {record["id"]: record for record in cli("feeds", "list", "--json").lines}
    acme = records["acme"]
    assert (acme["freshness"], acme["unique_share"], acme["rejected"]) == ("fresh", 0.0, 1)
    assert acme["age"] < 60
    assert acme["next_run"] > acme["last_success"]
    assert (records["other"]["freshness"], records["other"]["next_run"]) == ("unknown", None)
    assert (records["sample-c2"]["freshness"], records["sample-c2"]["age"]) == ("never", None)
    wide = cli("feeds", "list").out.splitlines()
    assert wide[0].split()[4:8] == ["NEXT", "UNIQUE", "OBJECTS", "REJECTED"]
    monkeypatch.setattr("tidegate.cli.output._width", lambda: 80)
    lines = cli("feeds", "list").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert " ".join(lines[0].split()) == "ID STATE HEALTH AGE NEXT UNIQUE TITLE"
    assert next(line for line in lines if line.startswith("acme ")).split()[1:6] == [
        *("on", "fresh", "0m", "1h", "0%"),
    ]
