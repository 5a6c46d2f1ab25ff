"""`list`, `show`, `why`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from driving.homes import DOCUMENTATION, Cli, FeedFolder, indicator

Subscribe = Callable[..., FeedFolder]
LIST_FIELDS = {
    *("id", "type", "value", "action", "severity", "title", "description", "groups", "expires"),
    *("created", "updated", "origin", "feeds", "confidence", "tlp", "pinned", "rank"),
}


@pytest.fixture
def filled(cli: Cli, subscribe: Subscribe) -> Cli:
    """Five rows of a feed, one waiting, one by hand; the list is full."""
    cli.configure("limit = 6\n" + DOCUMENTATION)
    cli("add", "mine.example.com", "--expires", "3d")
    subscribe("acme", [indicator(n, confidence=50 + n) for n in range(6)])
    assert cli.sync()["plan"]["waiting"] == 1
    return cli


def test_list_has_the_fields_of_the_contract_in_rank_order(filled: Cli) -> None:
    rows = filled.rows()
    assert all(set(row) >= LIST_FIELDS for row in rows)
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row["value"] for row in rows] == ["mine.example.com"] + [
        f"h{n}.example.com" for n in (5, 4, 3, 2, 1)
    ]
    row = rows[1]
    assert (row["type"], row["action"], row["severity"]) == (
        "DomainName",
        "Alert and block",
        "High",
    )
    assert (row["origin"], row["feeds"], row["confidence"], row["tlp"]) == (
        "feed",
        ["acme"],
        55,
        "green",
    )
    assert row["groups"] == []
    assert row["pinned"] is False


def test_list_filters_limits_and_says_so(filled: Cli) -> None:
    assert len(filled.rows("feed:acme")) == 5
    assert filled.values("-feed:acme") == {"mine.example.com"}
    assert filled.values("NOT", "origin:feed") == {"mine.example.com"}
    assert filled.values("-(feed:acme conf<55) value:/^(h5|mine)[.]/") == {
        "mine.example.com",
        "h5.example.com",
    }
    assert filled.values("h1", "OR", "value:/^h2/") == {"h1.example.com", "h2.example.com"}
    ran = filled("list", "(h1 OR")
    assert (ran.code, ran.out) == (2, "")
    assert "the parenthesis is never closed" in ran.err
    ran = filled("list", "conf>=52", "--limit", "2", "--json")
    assert len(ran.lines) == 2
    assert ran.err == "2 of 4 shown\n"
    assert "leave out a part of the filter" in filled("list", "type:ip").err
    ran = filled("list", "colour:red")
    assert ran.code == 2
    assert "colour" in ran.err


def test_an_empty_list_says_how_to_begin(cli: Cli) -> None:
    ran = cli("list")
    assert (ran.code, ran.out) == (0, "")
    assert "tidegate demo" in ran.err
    assert cli("list", "--json").out == ""


def test_the_list_for_people_has_a_header(filled: Cli) -> None:
    head, first, *_ = filled("list").out.splitlines()
    assert head.split()[:5] == ["RANK", "TYPE", "VALUE", "ACTION", "SEVERITY"]
    assert first.split()[:3] == ["1", "domain", "mine.example.com"]


def test_show_by_value_id_and_prefix(filled: Cli) -> None:
    row = filled.rows("h5.example.com")[0]
    for item in ("h5.example.com", "H5[.]example[.]COM", row["id"], row["id"][:9]):
        assert filled("show", item, "--json").json == row
    text = filled("show", "h5.example.com").out
    assert "all devices" in text
    assert "acme indicator--" in text
    ran = filled("show", "h77.example.com")
    assert ran.code == 2
    assert "tidegate why h77.example.com" in ran.err


def test_show_gives_each_part_of_the_context_a_line(cli: Cli, subscribe: Subscribe) -> None:
    report = {
        "type": "report",
        "id": "report--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3",
        "name": "The June wave",
        "published": "2026-01-01T00:00:00Z",
    }
    listed = indicator(1)
    subscribe("acme", [listed, {**report, "object_refs": [listed["id"]]}])
    cli.sync()
    lines = [" ".join(line.split()) for line in cli("show", "h1.example.com").out.splitlines()]
    assert "report The June wave" in lines
    assert "note -" in lines
    assert cli("show", "h1.example.com", "--json").json["context"] == {"report": ["The June wave"]}


def test_a_file_is_found_by_any_of_its_hashes(cli: Cli, subscribe: Subscribe) -> None:
    sha, md5 = "1" * 64, "2" * 32
    subscribe(
        "acme", [indicator(1, f"[file:hashes.'SHA-256' = '{sha}' AND file:hashes.MD5 = '{md5}']")]
    )
    cli.sync()
    for argv in (["show", md5], ["show", sha], ["why", md5]):
        assert sha in cli(*argv).out


@pytest.mark.parametrize(
    ("value", "headline", "parts"),
    [
        ("h5.example.com", "IN THE TENANT: Alert and block", ["acme says so", "score", "row "]),
        ("h0.example.com", "waits for a slot", ["waits at place 1", "the list is full"]),
        ("mine.example.com", "IN THE TENANT: Alert only", ["origin manual"]),
        ("microsoft.com", "no feed has named it", ["protected"]),
        ("h99.example.com", "no feed has named it", []),
        ("not a value", "no feed has named it", ["x value"]),
    ],
)
def test_why_answers_for_any_text(filled: Cli, value: str, headline: str, parts: list[str]) -> None:
    ran = filled("why", value)
    assert ran.code == 0
    first = ran.out.splitlines()[0]
    assert headline in first
    assert all(part in ran.out for part in parts)
    record = filled("why", value, "--json").json
    assert set(record) == {"value", "type", "present", "headline", "steps", "seen"}
    assert record["present"] == ("IN THE TENANT: " in headline)
    assert {step["mark"] for step in record["steps"]} <= {"ok", "no", "note"}


def test_why_tells_of_a_refusal(cli: Cli, subscribe: Subscribe) -> None:
    subscribe(
        "acme",
        [indicator(1, "[domain-name:value = 'www.microsoft.com']"), indicator(2)],
    )
    cli.sync()
    out = cli("why", "www.microsoft.com").out
    assert "NOT IN THE TENANT: refused" in out
    assert "guard_protected" in out
