"""`check`: verdicts and canonical forms, nothing changed."""

from __future__ import annotations

from driving.homes import Cli

FIELDS = {"input", "type", "value", "verdict", "guard", "reason"}


def test_each_value_gets_its_verdict(cli: Cli) -> None:
    cli.configure('[own]\nhashes = ["' + "c" * 64 + '"]\n[guards]\ndocumentation = "downgrade"\n')
    ran = cli(
        "check", "--json", "B" * 64, "microsoft.com", "203.0.113.7", "10.0.0.1",
        "c" * 64, "198.51.100.0/24", "what?",
    )  # fmt: skip
    assert ran.code == 0
    assert all(set(line) == FIELDS for line in ran.lines)
    told = {line["input"]: (line["verdict"], line["guard"]) for line in ran.lines}
    assert told == {
        "B" * 64: ("pass", None),
        "microsoft.com": ("refuse", "protected"),
        "203.0.113.7": ("downgrade", "documentation"),
        "10.0.0.1": ("refuse", "special_purpose"),
        "c" * 64: ("refuse", "own"),
        "198.51.100.0/24": ("refuse", None),
        "what?": ("refuse", None),
    }
    first, *_, last = ran.lines
    assert (first["type"], first["value"]) == ("FileSha256", "b" * 64)
    assert (last["type"], last["value"]) == (None, None)
    assert "cidr" in ran.lines[5]["reason"]


def test_a_warning_is_a_verdict(cli: Cli) -> None:
    assert cli("check", "--json", "h1.example.com").lines[0]["verdict"] == "warn"


def test_values_come_from_stdin_one_a_line(cli: Cli) -> None:
    ran = cli("check", "--stdin", stdin="b" * 64 + "\n\n  microsoft.com \n\udcff\n")
    assert ran.code == 0
    assert [line.split()[0] for line in ran.out.splitlines()] == [
        "VERDICT",
        "pass",
        "refuse",
        "refuse",
    ]


def test_no_value_is_said(cli: Cli) -> None:
    for argv in (["check"], ["check", "--stdin"]):
        ran = cli(*argv)
        assert ran.code == 2
        assert "no VALUE given" in ran.err


def test_nothing_is_changed_and_no_ledger_made(cli: Cli) -> None:
    cli("check", "h1.example.com", "--read-only")
    assert not (cli.home / "ledger.sqlite").exists()
    assert cli.rows() == []
