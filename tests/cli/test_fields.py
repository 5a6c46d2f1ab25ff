"""Field options of add and edit: read, or refused by name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from driving.homes import DOCUMENTATION, Cli
from tidegate.cli.arguments import parse
from tidegate.cli.fields import fields_of
from tidegate.cli.opening import workspace
from tidegate.indicators.kinds import Action, Severity


def read(cli: Cli, *options: str) -> dict[str, object]:
    args = parse(["--home", str(cli.home), "edit", "x", *options])
    with workspace(args) as ws:
        return fields_of(ws, args).given()


def test_only_what_was_given_is_set(cli: Cli) -> None:
    assert read(cli) == {}
    assert read(cli, "--expires", "never") == {"expires": None}
    assert read(cli, "--title", "", "--note", "n") == {"title": "", "note": "n"}
    assert read(cli, "--all-devices") == {"groups": ()}


def test_words_are_read_as_people_write_them(cli: Cli) -> None:
    given = read(
        cli, "--action", "block", "--severity", "med", "--category", "command and control",
        "--group", " b ", "--group", "a", "--group", "b",
    )  # fmt: skip
    assert given == {
        "action": Action.ALERT_AND_BLOCK,
        "severity": Severity.MEDIUM,
        "category": "CommandAndControl",
        "groups": ("a", "b"),
    }
    assert read(cli, "--action", "Block") == {"action": Action.BLOCK}


def test_a_term_counts_from_now(cli: Cli) -> None:
    args = parse(["--home", str(cli.home), "edit", "x", "--expires", "30d"])
    with workspace(args) as ws:
        now = ws.clock().replace(microsecond=0)
        ws.clock = lambda: now
        assert fields_of(ws, args).given() == {"expires": now + timedelta(days=30)}


@pytest.mark.parametrize(
    ("options", "named", "fix"),
    [
        (["--action", "explode"], "--action: unknown action 'explode'", "Alert and block"),
        (["--severity", "urgent"], "--severity: unknown severity 'urgent'", "High"),
        (["--expires", "soon"], "--expires: 'soon'", "30d"),
        (["--expires", "2001-01-01"], "in the past", "30d"),
        (["--expires", "0d"], "--expires", "never"),
        (["--category", "Gossip"], "--category: unknown category 'Gossip'", "Malware"),
        (["--group", "a", "--all-devices"], "--all-devices", "one of them"),
        (["--override", "warnlist", "--reason", "x"], "called 'warnlist'", "warninglist"),
        (["--override", "own", "--reason", "x"], "the guard own", "one of public_resolver"),
        (["--override", "warninglist"], "needs a reason", "--reason TEXT"),
        (["--reason", "x"], "--reason is the reason", "--override GUARD"),
    ],
)
def test_a_bad_field_is_named_with_its_fix(
    cli: Cli, options: list[str], named: str, fix: str
) -> None:
    for verb in ("add", "edit"):
        if verb == "edit":
            cli("add", "h1.example.com")
        before = cli.rows()
        ran = cli(verb, "h1.example.com", *options)
        assert ran.code == 2
        assert named in ran.err
        assert fix in ran.err
        assert len(ran.err.splitlines()) == 2
        assert cli.rows() == before


def test_a_group_must_be_one_of_those_configured(cli: Cli) -> None:
    cli.configure(DOCUMENTATION + '[[group]]\nname = "servers"\n')
    ran = cli("add", "h1.example.com", "--group", "sevrers")
    assert ran.code == 2
    assert "--group: unknown device group 'sevrers'" in ran.err
    assert "servers" in ran.err
    assert cli("add", "h1.example.com", "--group", "servers").code == 0
