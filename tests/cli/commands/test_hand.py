"""Changes by hand: values, pasted mails, edits, removals, pins and undo, each as one plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from driving.homes import DOCUMENTATION, Cli, FeedFolder, bundle, indicator
from running import Tidegate

Subscribe = Callable[..., FeedFolder]
THUMBPRINT = "a" * 40
MAIL = """\
Hi team,

please look at these, seen yesterday around 10.30 (ticket 4.2.1, report.pdf):

  hxxps://evil[.]example[.]com/gate.php
  evil[.]example.com and EVIL.example.com.
  203[.]0[.]113[.]7
  203.0.113.7 again
  198.51.100.0/24
  microsoft[.]com
  44d88612fea8a8f36de82e1278abb02f

Regards, soc@example.org
"""


def test_values_are_refanged_typed_and_added(cli: Cli) -> None:
    ran = cli(
        "add", "hxxp://bad[.]example[.]com/x", "203[.]0[.]113[.]7", "B" * 64,
        "--action", "block", "--severity", "high", "--expires", "30d", "--note", "ours",
    )  # fmt: skip
    assert ran.code == 0
    assert ran.out == ""
    assert ran.err.startswith("3 added – `tidegate undo` takes it back")
    rows = {row["value"]: row for row in cli.rows()}
    assert {v: r["type"] for v, r in rows.items()} == {
        "http://bad.example.com/x": "Url",
        "203.0.113.7": "IpAddress",
        "b" * 64: "FileSha256",
    }
    assert {r["origin"] for r in rows.values()} == {"manual"}
    assert {r["action"] for r in rows.values()} == {"Alert and block"}


def test_adding_says_in_json_what_became_of_each(cli: Cli) -> None:
    ran = cli("add", "H1.example.com.", "h1.example.com", "--json")
    assert ran.json["plan"] == {"create": 1, "update": 0, "remove": 0}
    assert [line["verdict"] for line in ran.json["lines"]] == ["add", "duplicate"]
    assert ran.json["lines"][0]["warnings"]  # a documentation name, let in
    assert (ran.json["applied"], ran.json["serial"]) == (True, 1)
    assert ran.json["ids"] == [row["id"] for row in cli.rows()]
    again = cli("add", "h1.example.com", "--json").json
    assert (again["applied"], again["lines"][0]["verdict"]) == (False, "unchanged")


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (["198.51.100.0/24"], "198.51.100.0/24"),
        (["not a value"], "not a value"),
        (["h1.example.com", "*.example.com"], "*.example.com"),
        (["microsoft.com"], "microsoft.com"),
        (["10.0.0.1"], "RFC 1918"),
        (["co.uk"], "co.uk"),
        (["d41d8cd98f00b204e9800998ecf8427e"], "empty file"),
        (["h1.example.com", "--type", "ip"], "h1.example.com"),
        (["h1.example.com", "--type", "hostname"], "unknown type 'hostname'"),
        ([THUMBPRINT, "--type", "cert"], "CertificateThumbprint"),
        ([], "no VALUE"),
        (["h1.example.com", "--stdin"], "--stdin"),
        (["\x1b[31m\u202e.example.com"], "␛"),
    ],
)
def test_a_bad_value_changes_nothing_and_is_named(cli: Cli, argv: list[str], named: str) -> None:
    cli("add", "kept.example.com")
    ran = cli("add", *argv)
    assert ran.code == 2
    assert ran.out == ""
    assert named in ran.err
    assert ran.err.startswith("tidegate: ")
    assert cli.values() == {"kept.example.com"}


def test_a_pasted_mail_becomes_one_plan_with_refusals_by_line(cli: Cli) -> None:
    ran = cli("add", "--stdin", "--action", "block", "--json", stdin=MAIL)
    assert ran.code == 0
    told = {(line["line"], line["value"], line["verdict"]) for line in ran.json["lines"]}
    assert (5, "https://evil.example.com/gate.php", "add") in told
    assert (6, "evil.example.com", "duplicate") in told
    assert (7, "203.0.113.7", "add") in told
    assert (8, "203.0.113.7", "duplicate") in told
    refused = {line["line"]: line for line in ran.json["lines"] if line["verdict"] == "refused"}
    assert set(refused) == {9, 10}
    assert "protected" in refused[10]["detail"]
    assert cli.values() == {
        "https://evil.example.com/gate.php",
        "evil.example.com",
        "203.0.113.7",
        "44d88612fea8a8f36de82e1278abb02f",
    }
    assert len(cli("history", "--json").lines) == 1
    assert cli("undo").code == 0
    assert cli.rows() == []


def test_a_paste_for_people_lists_every_line(cli: Cli) -> None:
    ran = cli("add", "--stdin", "--dry-run", stdin=MAIL)
    assert ran.code == 0
    assert "4 to add" in ran.err
    assert "2 refused" in ran.err
    assert [line.split()[:2] for line in ran.out.splitlines()[-3:-1]] == [
        ["9", "refused"],
        ["10", "refused"],
    ]
    assert cli.rows() == []


@pytest.mark.parametrize("text", ["", "nothing to see here, really\n", "\udcff\udcfe\n"])
def test_a_paste_without_values_is_said(cli: Cli, text: str) -> None:
    ran = cli("add", "--stdin", stdin=text)
    assert ran.code == 2
    assert "no indicator found" in ran.err


def test_a_paste_of_refusals_only_exits_2(cli: Cli) -> None:
    ran = cli("add", "--stdin", stdin="microsoft[.]com\n10[.]0[.]0[.]1\n")
    assert ran.code == 2
    assert ran.out.count("refused") == 2
    assert cli.rows() == []


def test_edit_by_id_prefix_value_and_filter(cli: Cli) -> None:
    cli("add", *(f"h{n}.example.com" for n in range(4)))
    ident = cli.rows("h0.example.com")[0]["id"]
    assert cli("edit", ident, "--title", "one").code == 0
    assert cli("edit", ident[:8], "h1[.]example[.]com", "--severity", "Low").code == 0
    assert cli("edit", "--filter", "-sev:low", "--action", "warn", "--yes").code == 0
    rows = {row["value"]: row for row in cli.rows()}
    assert rows["h0.example.com"]["title"] == "one"
    assert [rows[f"h{n}.example.com"]["severity"] for n in range(2)] == ["Low", "Low"]
    assert [rows[f"h{n}.example.com"]["action"] for n in range(4)] == [
        "Alert only",
        "Alert only",
        "Warn",
        "Warn",
    ]
    ran = cli("edit", ident, "--title", "one")
    assert (ran.code, ran.err) == (0, "nothing to change\n")


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (["edit", "none.example.com", "--title", "x"], "none.example.com"),
        (["edit", "h1.example.com"], "nothing to change"),
        (["edit", "--title", "x"], "--filter"),
        (["edit", "h1.example.com", "--filter", "type:ip", "--title", "x"], "--filter"),
        (["edit", "--filter", "sevv:low", "--title", "x"], "sev"),
        (["remove"], "--filter"),
        (["remove", "none.example.com"], "none.example.com"),
        (["pin", "none.example.com"], "none.example.com"),
    ],
)
def test_a_change_that_names_nothing_is_refused(cli: Cli, argv: list[str], named: str) -> None:
    cli("add", "h1.example.com")
    before = cli.rows()
    ran = cli(*argv)
    assert ran.code == 2
    assert named in ran.err
    assert "→" in ran.err
    assert cli.rows() == before


def test_an_ambiguous_item_lists_the_ids(cli: Cli) -> None:
    cli("add", "h1.example.com")
    cli("add", "h1.example.com", "--group", "servers")
    ids = {row["id"] for row in cli.rows()}
    assert len(ids) == 2
    for argv in (["show"], ["remove"], ["pin"], ["edit", "--title", "x"]):
        ran = cli(argv[0], "h1.example.com", *argv[1:])
        assert ran.code == 2
        assert all(ident in ran.err for ident in ids)
    assert cli("remove", ids.pop()).code == 0
    assert len(cli.rows()) == 1


def test_the_table_of_types_and_actions_stands_at_add_and_edit(cli: Cli) -> None:
    ran = cli("add", THUMBPRINT, "--type", "cert", "--action", "alert")
    assert ran.code == 2
    assert "Alert only" in ran.err
    assert cli("add", THUMBPRINT, "--type", "cert", "--action", "block").code == 0
    for options in (["cert-row"], ["--filter", "type:cert"]):
        item = [THUMBPRINT] if options == ["cert-row"] else options
        for action in ("alert", "warn", "blockonly"):
            ran = cli("edit", *item, "--action", action)
            assert ran.code == 2
            assert "Defender takes no" in ran.err + ran.out
    assert cli.rows()[0]["action"] == "Alert and block"
    cli.configure('dialect = "seed"\n' + DOCUMENTATION)
    assert cli("edit", THUMBPRINT, "--action", "alert").code == 0
    ran = cli("add", "h1.example.com", "--action", "warn")
    assert ran.code == 2
    assert "Warn" in ran.err


def foreign(cli: Cli, folder: Path, *values: str) -> None:
    path = folder / "foreign.json"
    path.write_bytes(
        bundle([indicator(n, f"[domain-name:value = '{v}']") for n, v in enumerate(values)])
    )
    assert cli("import", str(path), "--origin", "foreign").code == 0


def test_rows_of_others_are_never_changed_and_named_items_are_all_or_nothing(
    cli: Cli, tmp_path: Path
) -> None:
    foreign(cli, tmp_path, "theirs.example.com")
    cli("add", "ours.example.com")
    before = cli.rows()
    for argv in (
        ["edit", "ours.example.com", "theirs.example.com", "--title", "x"],
        ["pin", "ours.example.com", "theirs.example.com"],
        ["edit", "theirs.example.com", "--title", "x"],
        ["add", "theirs.example.com", "--severity", "High"],
    ):
        ran = cli(*argv)
        assert ran.code == 2
        assert "theirs.example.com: made by others" in ran.err
        assert cli.rows() == before
    # The record of them may go, so that it can be taken anew.
    assert cli("remove", "theirs.example.com").code == 0
    assert cli.values() == {"ours.example.com"}


def test_pin_and_unpin(cli: Cli) -> None:
    cli("add", "h1.example.com")
    assert cli("pin", "h1.example.com").code == 0
    assert cli.rows("is:pinned")
    assert cli("quota", "--json").json["pinned"] == 1
    ran = cli("pin", "h1.example.com")
    assert (ran.code, ran.err) == (0, "nothing to change\n")
    assert cli("unpin", "h1.example.com").code == 0
    assert not cli.rows("is:pinned")


def test_a_row_named_twice_is_one_row(cli: Cli) -> None:
    cli("add", "h1.example.com")
    ident = cli.rows()[0]["id"]
    for verb in ("pin", "unpin"):
        ran = cli(verb, "h1.example.com", "h1[.]example[.]com", ident, "--json")
        assert ran.json["plan"] == {"create": 0, "update": 1, "remove": 0}
    assert [step["updated"] for step in cli("history", "--json").lines] == [1, 1, 0]


def test_removing_a_feeds_row_says_that_it_stays_away(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1), indicator(2)])
    cli.sync()
    ran = cli("remove", "h1.example.com", "--json")
    assert ran.json["lines"][0]["detail"] == "feeds may not bring it back"
    cli("add", "mine.example.com")
    ran = cli("remove", "mine.example.com", "--json")
    assert ran.json["lines"][0]["detail"] == ""
    assert len(cli("suppress", "list", "--json").lines) == 1


def test_dry_runs_change_nothing(cli: Cli) -> None:
    cli("add", "h1.example.com")
    before = cli.rows()
    for argv in (
        ["add", "h2.example.com"],
        ["edit", "h1.example.com", "--title", "x"],
        ["remove", "h1.example.com"],
    ):
        for extra in ([], ["--read-only"]):
            ran = cli(*argv, "--dry-run", "--json", *extra)
            assert (ran.code, ran.json["applied"]) == (0, False)
            assert sum(ran.json["plan"].values()) == 1
    assert cli.rows() == before


def test_a_full_list_is_said_by_hand(cli: Cli) -> None:
    cli.configure("limit = 2\n" + DOCUMENTATION)
    cli("add", "h1.example.com", "h2.example.com")
    ran = cli("add", "h3.example.com")
    assert ran.code == 2
    assert "3 of 2 indicators" in ran.err
    assert len(cli.rows()) == 2
    assert cli("edit", "h1.example.com", "--title", "still editable").code == 0


def test_the_journal_says_who_did_what(cli: Cli) -> None:
    cli("add", "h1.example.com", "--note", "from the mail")
    entry = orjson.loads((cli.home / "tenants/default/journal.jsonl").read_bytes())
    assert (entry["serial"], entry["door"]) == (1, "add")
    assert entry["actor"]


@pytest.mark.parametrize(
    ("argv", "sign"),
    [
        (["remove", "--filter", "type:domain"], "2 to remove"),
        (["edit", "--filter", "type:domain", "--severity", "High"], "2 to change"),
    ],
    ids=["remove", "edit"],
)
def test_rows_that_a_filter_chose_need_a_yes(cli: Cli, argv: list[str], sign: str) -> None:
    cli("add", "h1.example.com", "h2.example.com")
    before = cli.rows()
    ran = cli(*argv)
    assert ran.code == 3
    assert "h1.example.com" in ran.out
    assert sign in ran.err
    assert "  → add --yes" in ran.err
    ran = cli(*argv, "--json")
    assert (ran.code, ran.json["applied"], len(ran.json["lines"])) == (3, False, 2)
    assert cli.rows() == before
    assert cli(*argv, "--yes").code == 0
    assert cli.rows() != before


def test_a_paste_is_applied_but_allow_needs_a_yes(cli: Cli) -> None:
    assert cli("add", "--stdin", stdin="h1.example.com").code == 0
    ran = cli("add", "--stdin", "--action", "allow", stdin="h2.example.com h3.example.com")
    assert ran.code == 3
    assert "2 of them Allow" in ran.err
    assert cli.values() == {"h1.example.com"}
    assert cli("add", "--stdin", "--action", "allow", "--yes", stdin="h2.example.com").code == 0
    # Rows that are Allow already are nobody's decision any more.
    more = cli("add", "--stdin", "--action", "allow", "--note", "x", stdin="h2.example.com")
    assert more.code == 0
    assert cli("add", "h4.example.com", "--action", "allow").code == 0


BYTES = b"\xff.example.com".decode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (["why", BYTES], "VALUE"),
        (["add", "h1.example.com", BYTES], "VALUE"),
        (["check", BYTES], "VALUE"),
        (["show", BYTES], "ITEM"),
        (["list", BYTES], "FILTER"),
        (["rejections", "--feed", BYTES], "--feed"),
        (["add", "h1.example.com", "--title", BYTES], "--title"),
        (["add", "h1.example.com", f"--note={BYTES}"], "--note"),
        (["add", "h1.example.com", "--group", BYTES], "--group"),
        (["edit", "--filter", BYTES, "--title", "x"], "--filter"),
        (["feeds", "show", BYTES], "ID"),
        (["list", "--tenant", BYTES], "--tenant"),
        (["export", "--out", "x", "--identity", BYTES], "--identity"),
    ],
)
def test_bytes_that_are_no_text_are_refused(cli: Cli, argv: list[str], named: str) -> None:
    ran = cli(*argv)
    assert ran.code == 2
    assert ran.err.startswith(f"tidegate: {named}: ")
    assert "is not UTF-8 text" in ran.err
    assert cli.rows() == []


def test_hands_at_the_same_time_all_land(cli: Cli) -> None:
    cli("add", "h0.example.com")
    runner = Tidegate(cli.home)
    running = [runner.start("add", f"h{n}.example.com") for n in range(1, 6)] + [
        runner.start("suppress", "add", "h9.example.org")
    ]
    for process in running:
        _, told = process.communicate(timeout=60)
        assert process.returncode == 0, told
    assert cli.values() == {f"h{n}.example.com" for n in range(6)}
    assert len(cli("suppress", "list", "--json").lines) == 1
