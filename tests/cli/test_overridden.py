"""A guard that gives way to a person does so for their row, at the doors where they name it."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import pytest

from driving.homes import Cli, bundle, indicator, write_feed
from tidegate.mapping.guard import FIXED_GUARDS, OVERRIDABLE

CONFIG = (
    '[guards]\ndocumentation = "warn"\nwarninglists = "lists"\n'
    '[own]\ndomains = ["vpn.corp.example.net"]\naddresses = ["203.0.113.0/28"]\n'
)
RESOLVER = "8.8.8.8"
BUSY = "busy-shop.net"
PATTERNS = (f"[ipv4-addr:value = '{RESOLVER}']", f"[domain-name:value = '{BUSY}']")
WORD = ("--override", "public_resolver", "--reason", "seen in an incident")
KEPT = {"public_resolver": "seen in an incident"}

NOBODYS = {
    "own": ("vpn.corp.example.net", "203.0.113.3", "corp.example.net"),
    "protected": ("microsoft.com", "hxxps://login[.]microsoft[.]com/x"),
    "special_purpose": ("10.0.0.1", "::ffff:10.0.0.1", "printer.local"),
    "public_suffix": ("co.uk", "github.io"),
    "empty_file": ("d41d8cd98f00b204e9800998ecf8427e",),
}


@pytest.fixture(name="cli")
def _cli(tmp_path: Path) -> Cli:
    lists = tmp_path / "home" / "lists"
    lists.mkdir(parents=True)
    listing = {"name": "Busy", "type": "hostname", "version": 1, "list": [BUSY]}
    (lists / "busy.json").write_text(json.dumps(listing))
    return Cli(tmp_path / "home", CONFIG)


def overrides(cli: Cli, value: str = RESOLVER) -> object:
    (found,) = (row for row in cli.rows() if row["value"] == value)
    return found["overrides"]


@pytest.mark.parametrize(("guard", "value"), [(g, v) for g, vs in NOBODYS.items() for v in vs])
def test_what_protects_the_tenant_stays_refused_with_any_flag(
    cli: Cli, guard: str, value: str
) -> None:
    ran = cli("add", value, "--action", "block", "--override", guard, "--reason", "I must", "--yes")
    assert ran.code == 2
    assert f"nobody overrides the guard {guard}" in ran.err
    assert all(name in ran.err for name in OVERRIDABLE)
    every = [word for name in OVERRIDABLE for word in ("--override", name)]
    for more in ([], ["--yes"]):
        ran = cli("add", value, "--action", "block", *every, "--reason", "I must", *more)
        assert ran.code == 2
        assert f"guard {guard} refuses" in ran.err
        assert "--override" not in ran.err, "no way out is offered where there is none"
    ran = cli("add", "--stdin", "--action", "block", *every, "--reason", "I must", "--yes",
              stdin=f"seen: {value}\n")  # fmt: skip
    assert ran.code == 2
    assert cli.rows() == []


@pytest.mark.parametrize("pair", permutations((FIXED_GUARDS[0], *OVERRIDABLE[:2]), 2))
def test_one_guard_that_cannot_be_overridden_refuses_the_whole_command(
    cli: Cli, pair: tuple[str, str]
) -> None:
    ran = cli("add", RESOLVER, "--override", pair[0], "--override", pair[1], "--reason", "x")
    assert ran.code == (2 if FIXED_GUARDS[0] in pair else 0)
    assert len(cli.rows()) == (0 if FIXED_GUARDS[0] in pair else 1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "--override public_resolver --reason TEXT"),
        (("--yes",), "--override public_resolver --reason TEXT"),
        (("--override", "public_resolver"), "needs a reason"),
        (("--override", "public_resolver", "--reason", " \t"), "needs a reason"),
        (("--override", "public_resolver", "--yes"), "needs a reason"),
        (("--override", "public-resolvers", "--reason", "x"), "did you mean public_resolver?"),
        (("--override", "warninglist", "--reason", "x"), "--override public_resolver"),
        (("--reason", "x"), "add --override GUARD"),
    ],
)
def test_without_a_word_it_is_refused_and_the_way_is_named(
    cli: Cli, options: tuple[str, ...], said: str
) -> None:
    ran = cli("add", RESOLVER, *options)
    assert ran.code == 2
    assert said in ran.err
    assert cli("add", RESOLVER, "--action", "allow").code == 0
    ran = cli("edit", RESOLVER, "--action", "block", *options)
    assert ran.code == 2
    assert said in ran.err
    assert [row["action"] for row in cli.rows()] == ["Allow"]


def test_a_refusal_names_the_value_once_before_its_reason(cli: Cli) -> None:
    told = cli("add", RESOLVER).err
    assert told.startswith(f"tidegate: guard public_resolver refuses {RESOLVER}: ")


def test_add_edit_and_a_pasted_text_take_it(cli: Cli) -> None:
    ran = cli("add", RESOLVER, "203.0.114.7", "--action", "block", *WORD)
    assert ran.code == 0, ran.err
    assert f"{RESOLVER}: overrides the guard public_resolver" in ran.err
    stages = [step["text"] for step in cli("why", RESOLVER, "--json").json["steps"]][:2]
    assert stages[0].startswith("public_resolver: "), "what the guard says comes first"
    assert stages[1].startswith("public_resolver was overridden by "), "and then who set it aside"
    assert "203.0.114.7: public_resolver has nothing against it: not overridden" in ran.err
    assert (overrides(cli), overrides(cli, "203.0.114.7")) == (KEPT, {})
    assert cli("add", BUSY, "--action", "allow").code == 0
    ran = cli("edit", BUSY, "--action", "block", "--override", "warninglist", "--reason", "theirs")
    assert (ran.code, overrides(cli, BUSY)) == (0, {"warninglist": "theirs"})
    ran = cli("add", "--stdin", "--yes", *WORD, stdin=f"1.1.1.1 and {BUSY} and microsoft.com")
    assert ran.code == 0
    assert overrides(cli, "1.1.1.1") == KEPT
    assert "microsoft.com" not in cli.values()


def test_a_pasted_text_without_it_names_the_way_on_each_line(cli: Cli) -> None:
    ran = cli("add", "--stdin", "--yes", stdin=f"{RESOLVER}\n{BUSY}\nmicrosoft.com\n")
    assert ran.code == 2
    assert "(add --override public_resolver --reason TEXT)" in ran.out
    assert "(add --override warninglist --reason TEXT)" in ran.out
    ran = cli("add", "--stdin", "--json", stdin=f"{RESOLVER}\nmicrosoft.com\n")
    assert [line["hint"] for line in ran.json["lines"]] == [
        "add --override public_resolver --reason TEXT",
        "",
    ]


def test_read_only_and_dry_run_change_nothing(cli: Cli) -> None:
    assert cli("--read-only", "add", RESOLVER, *WORD).code == 2
    assert cli("add", RESOLVER, *WORD, "--dry-run").code == 0
    assert cli.rows() == []


def test_undo_redo_restore_and_later_edits_keep_it(cli: Cli) -> None:
    assert cli("add", RESOLVER, "--action", "block", *WORD).code == 0
    snapshot = cli("snapshots", "--json").lines[-1]["id"]
    assert cli("edit", RESOLVER, "--action", "allow").code == 0
    assert overrides(cli) == KEPT
    assert cli("edit", RESOLVER, "--action", "block").code == 0
    for words in (("undo",), ("undo",), ("undo",), ("redo",), ("redo",), ("redo",)):
        ran = cli(*words)
        assert ran.code == 0, ran.err
    assert overrides(cli) == KEPT
    assert cli("remove", RESOLVER).code == 0
    assert cli("undo").code == 0
    assert overrides(cli) == KEPT
    assert cli("remove", RESOLVER).code == 0
    ran = cli("restore", snapshot, "--yes")
    assert (ran.code, overrides(cli)) == (0, KEPT), ran.err
    cli("doctor", "--fix")
    assert cli("doctor").code == 0


@pytest.mark.parametrize("verb", ["add", "edit"])
def test_the_help_names_every_guard_that_gives_way(cli: Cli, verb: str) -> None:
    told = cli(verb, "--help").out
    assert all(guard in told for guard in OVERRIDABLE)
    assert not any(guard in told for guard in FIXED_GUARDS[1:])


def test_removing_the_row_removes_the_word(cli: Cli) -> None:
    assert cli("add", RESOLVER, *WORD).code == 0
    assert cli("remove", RESOLVER).code == 0
    assert cli("add", RESOLVER).code == 2
    assert cli.rows() == []


def test_sync_and_import_refuse_as_before_and_take_nothing_away(cli: Cli, tmp_path: Path) -> None:
    objects = [indicator(number, pattern) for number, pattern in enumerate(PATTERNS)]
    cli.subscribe(write_feed(tmp_path / "acme", objects).folder)
    assert cli.sync()["feeds"][0]["rejected"] == len(PATTERNS)
    file = tmp_path / "foreign.json"
    file.write_bytes(bundle(objects))
    ran = cli("import", str(file), "--yes")
    assert ran.code == 2
    assert cli.rows() == []
    assert cli("add", RESOLVER, "--action", "block", *WORD).code == 0
    assert cli.sync()["feeds"][0]["rejected"] == len(PATTERNS)
    cli("import", str(file), "--yes")
    assert cli.values() == {RESOLVER}, "a word for one row is none for another"
    assert overrides(cli) == KEPT


def test_an_old_plan_is_refused(cli: Cli, tmp_path: Path) -> None:
    cli.configure(CONFIG.replace("[guards]", '[guards]\npublic_resolver = "warn"'))
    cli.subscribe(write_feed(tmp_path / "acme", [indicator(0, PATTERNS[0])]).folder)
    assert cli("sync", "--dry-run").code == 0
    plan = tmp_path / "plan.json"
    assert cli("plan", "--out", str(plan)).code == 0
    cli.configure(CONFIG)
    ran = cli("apply", str(plan), "--yes")
    assert ran.code == 3, ran.err
    assert "guard public_resolver refuses" in ran.err
    assert cli.rows() == []


def test_a_feeds_row_keeps_a_persons_word_through_its_updates(cli: Cli, tmp_path: Path) -> None:
    cli.configure(CONFIG.replace("[guards]", '[guards]\npublic_resolver = "downgrade"'))
    feed = write_feed(tmp_path / "acme", [indicator(0, PATTERNS[0])])
    cli.subscribe(feed.folder)
    cli.sync()
    assert cli("edit", RESOLVER, "--action", "block").code == 2
    assert cli("edit", RESOLVER, "--action", "block", *WORD).code == 0
    feed.publish([indicator(0, PATTERNS[0], name="Renamed", confidence=90)])
    cli.subscribe(feed.folder)
    cli.sync()
    (row,) = cli.rows()
    assert (row["title"], row["action"]) == ("Renamed", "Alert and block")
    assert row["overrides"] == KEPT


def test_a_feed_that_may_not_name_it_any_more_takes_its_row_away_unless_pinned(
    cli: Cli, tmp_path: Path
) -> None:
    cli.configure(CONFIG.replace("[guards]", '[guards]\npublic_resolver = "warn"'))
    cli.subscribe(write_feed(tmp_path / "acme", [indicator(0, PATTERNS[0])]).folder)
    cli.sync()
    cli.configure(CONFIG)
    ran = cli("edit", RESOLVER, "--severity", "Low", *WORD)
    assert ran.code == 0
    assert "pin it, or the next sync removes it" in ran.err
    assert cli("pin", RESOLVER).code == 0
    cli.sync()
    assert overrides(cli) == KEPT
    assert cli("unpin", RESOLVER).code == 0
    cli.sync()
    assert cli.rows() == []


def test_it_is_told_wherever_the_row_is(cli: Cli) -> None:
    assert cli("add", RESOLVER, "--action", "block", *WORD).code == 0
    told = "public_resolver: seen in an incident"
    assert told in cli("show", RESOLVER).out
    assert cli("show", RESOLVER, "--json").json["overrides"] == KEPT
    (line,) = [x for x in cli("why", RESOLVER).out.splitlines() if "was overridden by " in x]
    assert line.endswith(": seen in an incident")
    history = cli("history", "--change", "1").out
    (line,) = [x for x in history.splitlines() if "overrides" in x]
    assert "seen in an incident" in line
    step = cli("history", "--change", "1", "--json").json
    assert step["changes"][0]["after"]["overrides"] == KEPT
    cli("doctor", "--fix")
    assert cli("doctor").code == 0
