"""`rejections`: in groups, one by one, and anew under another policy."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from driving.homes import DOCUMENTATION, Cli, FeedFolder, indicator
from tidegate.cli import output

Subscribe = Callable[..., FeedFolder]
RANGE = "[ipv4-addr:value = '198.51.100.0/24']"
SKIP = 'action = "skip"\n'


def test_rejections_are_grouped_narrowed_and_counted(cli: Cli, subscribe: Subscribe) -> None:
    ranges = [indicator(n, f"[ipv4-addr:value = '198.51.{n}.0/24']") for n in range(3)]
    subscribe("acme", [*ranges, indicator(9, pattern_type="yara"), "junk"])
    subscribe("other", [indicator(1, "[domain-name:value = 'microsoft.com']")])
    cli.sync()
    lines = cli("rejections", "--json").lines
    assert {line["code"] for line in lines} == {
        "cidr",
        "pattern_type_yara",
        "not_an_object",
        "guard_protected",
    }
    assert all({"feed", "stix_id", "code", "detail", "value"} <= set(line) for line in lines)
    text = cli("rejections").out.splitlines()
    assert text[1].split()[:3] == ["acme", "cidr", "3"]
    assert len(cli("rejections", "--feed", "acme", "--code", "cidr", "--json").lines) == 3
    header, *found = cli("rejections", "--code", "cidr").out.splitlines()
    assert "AT" in header.split()
    assert len(found) == 3
    assert all("pattern 1 " in line for line in found)
    assert cli("rejections", "--feed", "other", "--json").lines[0]["value"] == "microsoft.com"


def test_no_rejections_is_not_said_of_a_feed_or_code_that_does_not_exist(
    cli: Cli, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1, "[ipv4-addr:value = '198.51.1.0/24']")])
    subscribe("other", [indicator(2)])
    cli.sync()
    ran = cli("rejections", "--feed", "acmee")
    assert (ran.code, ran.out) == (2, "")
    assert 'there is no feed "acmee" – did you mean "acme"?' in ran.err
    ran = cli("rejections", "--code", "cdir")
    assert (ran.code, ran.out) == (0, "")
    assert "no rejection has the code 'cdir' – did you mean \"cidr\"?" in ran.err
    assert "nothing of other was rejected" in cli("rejections", "--feed", "other").err
    assert cli("rejections", "--code", "cdir", "--json").lines == []


def ident(number: int) -> str:
    return str(indicator(number)["id"])


def test_one_object_is_told_from_all_sides(cli: Cli, subscribe: Subscribe) -> None:
    subscribe(
        "acme",
        [
            indicator(1, "[domain-name:value = 'h1.example.com' OR ipv4-addr:value = '10.0.0.1']"),
            indicator(2, "[domain-name:value = "),
            indicator(3, RANGE, name="\u202eevil\u001b[31m"),
        ],
    )
    cli.sync()
    out = cli("rejections", "--id", ident(1)).out
    assert f"{ident(1)}  refused, from acme" in out
    assert "x guard_special_purpose 10.0.0.1: " in out
    assert "decided by  guard special_purpose" in out
    assert "to change   nothing: this guard keeps the tenant from blocking itself" in out
    assert "grammar" not in out
    assert '"pattern_type": "stix"' in out
    (record,) = cli("rejections", "--id", ident(2), "--json").lines
    assert set(record) == {"id", "feed", "rejections", "grammar", "object", "versions"}
    assert record["object"] == indicator(2, "[domain-name:value = ")
    assert "refuses it, too" in record["grammar"]
    (refused,) = record["rejections"]
    assert (refused["code"], refused["decided_by"]) == ("unreadable_pattern", "pattern")
    assert "grammar" in refused["change"]
    hostile = cli("rejections", "--id", ident(3)).out
    assert "\u202e" not in hostile
    assert "\x1b" not in hostile


def test_both_contents_of_a_conflict_are_shown_and_made_safe(
    cli: Cli, subscribe: Subscribe
) -> None:
    bad = "\u202eevil\u001b[31m"
    subscribe("acme", [indicator(1), indicator(1, None, name=bad, **{f"x_{bad}": 1})])
    cli.sync()
    out = cli("rejections", "--id", ident(1)).out
    assert "x conflicting_versions" in out
    assert "a newer version ends it" in out
    assert '"name": "Sample 1"' in out
    told = next(line for line in out.splitlines() if line.startswith("conflicting_versions, came"))
    assert re.match(r"conflicting_versions, came [-0-9]{10} [0-9]{2}:[0-9]{2}Z; differs in ", told)
    assert "differs in name, x_" in told
    assert '"name": "⟨202E⟩evil' in out
    assert "\u202e" not in out
    assert "\x1b" not in out
    (record,) = cli("rejections", "--id", ident(1), "--json").lines
    (version,) = record["versions"]
    assert version["object"]["name"] == bad
    assert set(version) == {"code", "seen", "differs", "object"}


def test_ids_stay_whole_where_they_are_the_only_handle(
    cli: Cli, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "_width", lambda: 80)
    subscribe("acme", [indicator(1), indicator(1, name="b"), indicator(2, RANGE)])
    cli.sync()
    out = cli("rejections", "--code", "conflicting_versions").out
    assert ident(1) in out
    assert all(len(line) <= 80 for line in out.splitlines())
    assert "198.51.100.0/24" in cli("rejections", "--code", "cidr").out


def test_an_id_that_nothing_was_refused_of_is_an_error_that_helps(
    cli: Cli, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1)])
    cli.sync()
    for text in (ident(1), "indicator--none", ""):
        ran = cli("rejections", "--id", text)
        assert (ran.code, ran.out) == (2, "")
        assert "tidegate why ID" in ran.err
    assert cli("rejections", "--id", ident(1), "--replay").code == 2


def rule(feed: FeedFolder, old: str, new: str) -> None:
    path: Path = feed.folder / "feed.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize("door", ["apply", "sync"])
def test_what_a_mended_policy_lets_in_is_told_first_and_then_let_in(
    cli: Cli, subscribe: Subscribe, door: str
) -> None:
    feed = subscribe("acme", [indicator(1), indicator(2), indicator(3, RANGE)], default=SKIP)
    cli.sync()
    told: dict[str, Any] = cli("rejections", "--replay", "--json").json
    assert (told["objects"], told["refused"], told["values"]) == (3, 3, 0)
    ran = cli("rejections", "--replay")
    assert "3 refused objects under today's policy and guards" in ran.out
    assert "tells what would change the answer" in ran.err
    rule(feed, 'action = "skip"', 'action = "Alert and block"')
    before = cli("rejections", "--json").out
    told = cli("rejections", "--replay", "--read-only", "--json").json
    assert (told["objects"], told["mapped"], told["refused"], told["values"]) == (3, 2, 1, 2)
    assert [(s["feed"], s["code"], s["count"]) for s in told["still"]] == [("acme", "cidr", 1)]
    ran = cli("rejections", "--replay", "--code", "policy_skip", "--feed", "acme")
    assert "mapped 2  partly 0  refused 0" in ran.out
    assert "`tidegate apply` or `tidegate sync` lets them in" in ran.err
    assert cli("rejections", "--json").out == before, "a replay stores nothing"
    assert cli(door, "--yes").code == 0
    assert cli.values() == {"h1.example.com", "h2.example.com"}


def test_a_replay_of_nothing_says_so(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    cli.sync()
    ran = cli("rejections", "--replay")
    assert (ran.code, ran.out) == (0, "")
    assert "nothing was rejected in the last sync" in ran.err
    assert cli("rejections", "--replay", "--feed", "acmee").code == 2


def test_guards_that_give_way_let_in_too(cli: Cli, subscribe: Subscribe) -> None:
    cli.configure("")
    subscribe("acme", [indicator(1)])
    cli.sync()
    assert cli("rejections", "--replay", "--json").json["mapped"] == 0
    (told,) = cli("rejections", "--id", ident(1), "--json").lines
    assert 'documentation = "warn" under [guards]' in told["rejections"][0]["change"]
    cli.configure(DOCUMENTATION)
    assert cli("rejections", "--replay", "--json").json["mapped"] == 1


def test_feeds_that_are_off_are_left_out_by_name(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(3, RANGE)])
    subscribe("beta", [indicator(4, RANGE)])
    cli.sync()
    cli("feeds", "disable", "beta")
    ran = cli("rejections", "--replay")
    assert "1 refused object under" in ran.out
    assert "feed beta is switched off and left out" in ran.err
    ran = cli("rejections", "--replay", "--feed", "beta")
    assert ran.code == 2
    assert "tidegate feeds enable beta" in ran.err
