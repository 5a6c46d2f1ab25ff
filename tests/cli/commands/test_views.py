"""`views` and `list --view --sort --columns` at the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from driving.homes import Cli


@pytest.fixture(name="cli")
def _cli(tmp_path: Path) -> Cli:
    cli = Cli(tmp_path / "home")
    cli("add", "192.0.2.7", "--expires", "30d", "--severity", "low", "--yes")
    cli("add", "192.0.2.8", "--expires", "3d", "--severity", "high", "--yes")
    cli("add", "a.example.com", "--expires", "never", "--yes")
    return cli


def test_no_views_says_how_to_begin(cli: Cli) -> None:
    ran = cli("views", "list")
    assert (ran.code, ran.out) == (0, "")
    assert "tidegate views save" in ran.err


def test_a_view_filters_orders_and_chooses_columns(cli: Cli) -> None:
    columns = ("--columns", "value,expires,title:20")
    saved = cli("views", "save", "soon", "-type:domain", "--sort", "expires", *columns, "--json")
    assert saved.json["filter"] == "-type:domain"
    assert saved.json["replaced"] is False
    ran = cli("list", "--view", "soon")
    head, first, second = ran.out.splitlines()
    assert head.split() == ["VALUE", "EXPIRES", "TITLE"]
    assert (first.split()[0], second.split()[0]) == ("192.0.2.8", "192.0.2.7")
    rows = cli("list", "--view", "soon", "sev:low", "--json").lines
    assert [row["value"] for row in rows] == ["192.0.2.7"]
    turned = cli("list", "--view", "soon", "--sort", "-expires", "--json").lines
    assert [row["value"] for row in turned] == ["192.0.2.7", "192.0.2.8"]
    (listed,) = cli("views", "list", "--json").lines
    assert (listed["name"], listed["order"], listed["error"]) == ("soon", "expires", "")
    assert "soon" in cli("views", "list").out
    assert cli("views", "delete", "soon").code == 0
    assert cli("list", "--view", "soon").code == 2


def test_facets_count_what_a_filter_shows(cli: Cli) -> None:
    counted = cli("list", "--facets", "-is:pinned", "--json").lines
    assert {"field": "type", "word": "ip", "rows": 2, "filter": "type:ip"} in counted
    narrow = next(record["filter"] for record in counted if record["word"] == "<7d")
    assert cli.values(narrow) == {"192.0.2.8"}
    assert "expires:never" in cli("list", "--facets").out


def test_what_is_wrong_is_said_in_one_line(cli: Cli) -> None:
    for words, said in (
        (("list", "--sort", "severty"), "did you mean severity"),
        (("list", "--columns", "valu"), "did you mean value"),
        (("list", "--view", "none"), "no view is called none"),
        (("views", "save", "a/b"), "no name for a view"),
        (("views", "save", "a", "severty:1"), "did you mean severity"),
    ):
        ran = cli(*words)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err
