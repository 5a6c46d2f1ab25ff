"""`doctor` on the command line: a table and what to do next, or one JSON object; exit codes."""

from __future__ import annotations

from driving.homes import Cli


def damaged(cli: Cli) -> None:
    for number in range(3):
        cli("add", f"h{number}.example.com")
    journal = cli.home / "tenants" / "default" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"h1.example", b"h7.example", 1))


def test_doctor_on_a_home_in_order(cli: Cli) -> None:
    cli("add", "h1.example.com", "h2.example.com")
    cli("doctor", "--fix")
    ran = cli("doctor")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0].split() == ["AREA", "WHAT", "THERE", "IS"]
    assert any(line.split()[:2] == ["journal", "ok"] and "chain whole" in line for line in lines)
    assert "no fault" in lines
    assert lines[-1].startswith("anchor: 1:")


def test_doctor_in_json_is_one_object(cli: Cli) -> None:
    cli("add", "h1.example.com")
    record = cli("doctor", "--json").json
    assert set(record) == {"ok", "findings", "anchor", "last_good", "fixed", "checked"}
    assert record["ok"] is True
    assert record["anchor"]["serial"] == 1
    assert record["checked"]["list"]["indicators"] == 1


def test_doctor_names_fault_snapshot_and_command(cli: Cli) -> None:
    damaged(cli)
    ran = cli("doctor")
    assert ran.code == 4
    assert "journal.jsonl, the record at byte" in ran.out
    last = cli("doctor", "--json").json["last_good"]
    assert f"tidegate restore {last}" in ran.out
    assert f"last good snapshot: {last}" in ran.out
    assert "anchor:" not in ran.out


def test_doctor_runs_where_the_config_is_broken(cli: Cli) -> None:
    cli("add", "h1.example.com")
    cli.configure("limit = \n")
    ran = cli("doctor")
    assert ran.code == 2
    assert "config.toml" in ran.out
    assert "1 indicator of" in ran.out


def test_doctor_anchor_holds_until_the_journal_is_cut(cli: Cli) -> None:
    cli("add", "h1.example.com")
    cli("add", "h2.example.com")
    anchor = cli("doctor").out.splitlines()[-1].removeprefix("anchor: ")
    cli("add", "h3.example.com")
    assert cli("doctor", "--anchor", anchor).code == 0
    journal = cli.home / "tenants" / "default" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])
    ran = cli("doctor", "--anchor", anchor)
    assert ran.code == 4
    assert "it was cut short" in ran.out
    assert cli("doctor", "--anchor", "soon").code == 2


def test_doctor_fix_says_what_it_did_and_is_refused_when_read_only(cli: Cli) -> None:
    cli("add", "h1.example.com")
    journal = cli.home / "tenants" / "default" / "journal.jsonl"
    with journal.open("ab") as stream:
        stream.write(b"{")
    ran = cli("doctor", "--fix", "--read-only")
    assert ran.code == 2
    assert journal.read_bytes().endswith(b"{")
    ran = cli("doctor", "--fix")
    assert ran.code == 0
    assert any(
        line.startswith("mended") and "1 byte of an unfinished change" in line
        for line in ran.out.splitlines()
    )
    again = cli("doctor", "--fix")
    assert "nothing that --fix mends" in again.err


def test_doctor_shows_nothing_raw(cli: Cli) -> None:
    feed = cli.home / "feeds" / "bad\x1b]52;c;x\x07\u202e"
    feed.mkdir(parents=True)
    for argv in (["doctor"], ["doctor", "--json"]):
        ran = cli(*argv)
        assert not {"\x1b", "\x07", "\u202e"} & set(ran.out + ran.err)
    assert ran.code == 2


def test_doctor_of_another_tenant_says_how_to_restore_that_one(cli: Cli) -> None:
    cli("add", "h1.example.com", "--tenant", "other")
    (cli.home / "tenants" / "other" / "journal.jsonl").write_bytes(b"")
    ran = cli("doctor", "--tenant", "other")
    assert ran.code == 4
    assert "tidegate --tenant other restore" in ran.out
    assert cli("doctor").code == 0  # the default tenant is another list
