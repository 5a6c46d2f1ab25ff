"""`sync`, `plan`, `apply`: what lands, what waits, what is held, and what goes wrong."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from driving.homes import DOCUMENTATION, Cli, FeedFolder, assert_adds_up, in_home, indicator
from servers.loopback_taxii import COLLECTION, Answer, LoopbackTaxii, Seen, indicators
from tidegate.cli import diagnostics
from tidegate.cli.commands import syncing

Subscribe = Callable[..., FeedFolder]
SAMPLES = ("sample-c2", "sample-malware", "sample-noisy")
FEED_FIELDS = {
    *("id", "fetched", "objects", "indicators", "others", "mapped", "rejected", "ended"),
    *("atoms", "candidates", "rejected_atoms", "error", "note", "repairs"),
}
PLAN_FIELDS = {"create", "update", "remove", "keep", "waiting", "merged", "suppressed", "held"}


def names(count: int) -> list[dict[str, object]]:
    return [indicator(number) for number in range(count)]


def test_the_shipped_samples_add_up_and_a_second_sync_plans_nothing(cli: Cli) -> None:
    for ident in SAMPLES:
        assert cli("feeds", "enable", ident).code == 0
    report = cli.sync()
    assert {feed["id"] for feed in report["feeds"]} == set(SAMPLES)
    assert all(set(feed) == FEED_FIELDS and not feed["error"] for feed in report["feeds"])
    assert set(report["plan"]) >= PLAN_FIELDS
    assert report["applied"] is True
    assert report["plan"]["create"] == len(cli.rows()) > 50
    again = cli.sync()
    assert again["plan"]["keep"] == report["plan"]["create"]
    assert not any(again["plan"][op] for op in ("create", "update", "remove", "held"))
    assert again["serial"] is None


def test_samples_never_reach_a_list_that_does_not_let_documentation_values_in(
    cli: Cli,
) -> None:
    cli.configure("")
    for ident in SAMPLES:
        cli("feeds", "enable", ident)
    report = cli.sync()
    hosts = {row["value"] for row in cli.rows("type:ip,domain,url")}
    assert hosts == set()
    refused = cli("rejections", "--json", "--code", "guard_documentation").lines
    assert len(refused) > 40
    # Hashes and thumbprints are nobody's documentation: nothing tells them from real ones.
    assert report["plan"]["create"] == len(cli.rows("type:file,cert"))
    cli.configure(DOCUMENTATION)
    assert cli.sync()["plan"]["create"] > 40
    assert cli.rows("type:ip")


def test_without_a_terminal_and_without_yes_a_sync_plans_and_applies_nothing(
    cli: Cli, subscribe: Subscribe
) -> None:
    subscribe("acme", names(3))
    ran = cli("sync")
    assert ran.code == 3
    assert "h1.example.com" in ran.out
    assert "planned, nothing applied" in ran.err
    assert "--yes" in ran.err
    assert cli.rows() == []
    ran = cli("sync", "--json")
    assert ran.code == 3
    assert ran.json["applied"] is False
    assert ran.json["plan"]["create"] == 3
    assert cli("history", "--json").lines == []


def test_a_dry_run_needs_no_confirmation(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme", names(3))
    ran = cli("sync", "--dry-run", "--yes", "--json")
    assert (ran.code, ran.json["applied"], ran.json["plan"]["create"]) == (0, False, 3)
    assert cli.rows() == []
    assert "h2.example.com" in cli("sync", "--dry-run").out


def test_a_sync_of_named_feeds_leaves_the_others_as_they_were(
    cli: Cli, subscribe: Subscribe
) -> None:
    first = subscribe("first", [indicator(1)])
    second = subscribe("second", [indicator(2)])
    cli.sync()
    first.publish([indicator(1), indicator(3)])
    second.publish([indicator(2), indicator(4)])
    cli.sync("first")
    assert cli.values() == {f"h{n}.example.com" for n in (1, 2, 3)}


def test_a_persons_edit_survives_syncs_and_why_tells_what_the_feed_wants(
    cli: Cli, subscribe: Subscribe
) -> None:
    feed = subscribe("acme", names(3))
    cli.sync()
    assert cli("edit", "h1.example.com", "--severity", "Low", "--title", "Ours").code == 0
    feed.publish([indicator(n, name=f"Renamed {n}") for n in range(3)])
    assert cli.sync()["plan"]["update"] == 3  # the edited row notes the feed's new title
    assert cli.sync()["plan"]["update"] == 0
    row = cli.rows("h1.example.com")[0]
    assert (row["severity"], row["title"], row["origin"]) == ("Low", "Ours", "feed")
    assert cli.rows("h2.example.com")[0]["title"] == "Renamed 2"
    story = cli("why", "h1.example.com").out
    assert "severity was set by a person; the feed wants High" in story
    assert "title was set by a person; the feed wants Renamed 1" in story


def test_a_removed_row_stays_away_until_its_suppression_is_lifted(
    cli: Cli, subscribe: Subscribe
) -> None:
    subscribe("acme", names(3))
    cli.sync()
    assert cli("remove", "h1.example.com", "--reason", "our scanner").code == 0
    for _ in range(3):
        assert cli.sync()["plan"]["suppressed"] == 1
        assert "h1.example.com" not in cli.values()
    story = cli("why", "h1.example.com").out
    assert "NOT IN THE TENANT: suppressed" in story
    assert "our scanner" in story
    assert cli("suppress", "remove", "h1.example.com").code == 0
    assert cli.sync()["plan"]["create"] == 1
    assert "h1.example.com" in cli.values()


def test_undo_of_a_sync_removes_its_rows_and_keeps_them_away(
    cli: Cli, subscribe: Subscribe
) -> None:
    subscribe("acme", names(3))
    cli.sync()
    assert cli("undo").code == 0
    assert cli.rows() == []
    assert len(cli("suppress", "list", "--json").lines) == 3
    assert cli.sync()["plan"]["suppressed"] == 3
    assert cli.rows() == []


def test_undo_of_a_removal_brings_the_row_back_and_lifts_the_suppression(
    cli: Cli, subscribe: Subscribe
) -> None:
    subscribe("acme", names(3))
    cli.sync()
    before = cli.rows()
    cli("remove", "h1.example.com")
    assert cli("undo").code == 0
    assert cli.rows() == before
    assert cli("suppress", "list", "--json").lines == []
    assert cli.sync()["plan"]["keep"] == 3


def test_what_finds_no_slot_waits_in_order(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(n, confidence=n) for n in range(20, 40)])
    cli.sync()
    cli.configure("limit = 12\n" + DOCUMENTATION + "[brake]\npercent = 100\n")
    report = cli.sync()
    assert report["plan"]["waiting"] == 8
    assert report["plan"]["remove"] == 8
    quota = cli("quota", "--json").json
    assert (quota["limit"], quota["used"], quota["free"], quota["waiting"]) == (12, 12, 0, 8)
    assert quota["cutoff"] is not None
    assert cli.values() == {f"h{n}.example.com" for n in range(28, 40)}
    assert "waits at place 1" in cli("why", "h27.example.com").out
    assert "waits at place 8" in cli("why", "h20.example.com").out
    assert "NOT IN THE TENANT: waits for a slot" in cli("why", "h20.example.com").out
    # A slot that frees is taken by the first who waits.
    cli("remove", "h39.example.com")
    cli.sync()
    assert "h27.example.com" in cli.values()
    assert cli("quota", "--json").json["waiting"] == 7


def test_an_emptied_feed_is_held_by_the_brake(cli: Cli, subscribe: Subscribe) -> None:
    feed = subscribe("acme", names(60))
    cli.sync()
    before = cli.rows()
    feed.publish([])
    report = cli.sync(code=3)
    assert (report["plan"]["held"], report["plan"]["remove"]) == (60, 0)
    assert cli.rows() == before
    ran = cli("sync", "--yes")
    assert ran.code == 3
    assert "the brake holds 60 changes: 60 of 60 feed rows would go" in ran.err
    feed.publish(names(60))
    assert cli.sync()["plan"]["held"] == 0


def test_the_brake_lets_a_single_withdrawal_and_everything_new_pass(
    cli: Cli, subscribe: Subscribe
) -> None:
    feed = subscribe("acme", names(20))
    cli.sync()
    feed.publish([indicator(n) for n in range(1, 21)])
    assert cli.sync()["plan"]["remove"] == 1
    feed.publish([indicator(n) for n in range(10, 30)])
    report = cli.sync(code=3)
    assert (report["plan"]["create"], report["plan"]["held"]) == (9, 9)
    assert cli.values() == {f"h{n}.example.com" for n in range(1, 30)}


def test_revoked_and_expired_objects_leave_with_the_reason(cli: Cli, subscribe: Subscribe) -> None:
    feed = subscribe("acme", names(30))
    cli.sync()
    feed.publish(
        [
            indicator(0, revoked=True, modified="2026-02-01T00:00:00Z"),
            indicator(1, valid_until="2026-01-02T00:00:00Z", modified="2026-02-01T00:00:00Z"),
            *names(30)[2:],
        ]
    )
    report = cli.sync()
    assert report["feeds"][0]["ended"] == 2
    assert report["plan"]["remove"] == 2
    assert "revoked" in cli("why", "h0.example.com").out
    assert "NOT IN THE TENANT: ended" in cli("why", "h0.example.com").out
    assert "expired" in cli("why", "h1.example.com").out


BAD_OBJECTS: list[object] = [
    {"type": "indicator"},
    {"type": "indicator", "id": "indicator--x", "pattern": 7, "pattern_type": "stix"},
    indicator(101, "[domain-name:value = "),
    indicator(102, pattern_type="yara"),
    indicator(103, modified="yesterday", created="never"),
    indicator(104, "[ipv4-addr:value = '999.1.1.1']"),
    indicator(105, confidence="high", labels="not a list", indicator_types={"a": 1}),
    indicator(106, valid_until="2026-99-99T00:00:00Z"),
    indicator(107, name=["a"], description={"b": 2}),
    indicator(108, "[domain-name:value = 'a\\u0000.example.com']"),
    {"id": "indicator--0", "type": None},
    *("text", 7, None, ["list"], {}),
]


def test_one_bad_object_never_sinks_the_rest(cli: Cli, subscribe: Subscribe) -> None:
    cli.configure(DOCUMENTATION + "[brake]\npercent = 100\n")
    feed = subscribe("acme", [indicator(1), *BAD_OBJECTS, indicator(2)])
    report = cli.sync()
    assert {"h1.example.com", "h2.example.com"} <= cli.values()
    counts = report["feeds"][0]
    assert counts["fetched"] == len(BAD_OBJECTS) + 2
    assert counts["rejected"] >= 5
    for bad in BAD_OBJECTS:
        feed.publish([indicator(1), bad, indicator(2)])
        cli.sync()
        assert {"h1.example.com", "h2.example.com"} <= cli.values()


def break_missing(feed: FeedFolder) -> str:
    (feed.folder / "feed.bundle.json").unlink()
    return "feed.bundle.json is not there"


def break_malformed(feed: FeedFolder) -> str:
    (feed.folder / "feed.bundle.json").write_text('{"type": "bundle",\n"objects": [')
    return "line 2 column"


def break_html(feed: FeedFolder) -> str:
    (feed.folder / "feed.bundle.json").write_text("<html>Service unavailable</html>")
    return "not JSON"


def break_empty(feed: FeedFolder) -> str:
    (feed.folder / "feed.bundle.json").write_text("")
    return "is empty"


def break_key(feed: FeedFolder) -> str:
    path = feed.folder / "feed.toml"
    path.write_text(path.read_text().replace("trust =", "trsut ="))
    return "trust"


@pytest.mark.parametrize(
    "harm", [break_missing, break_malformed, break_html, break_empty, break_key]
)
def test_a_broken_feed_is_named_and_the_others_land(
    cli: Cli, subscribe: Subscribe, harm: Callable[[FeedFolder], str]
) -> None:
    broken = subscribe("broken", names(5))
    subscribe("whole", [indicator(90)])
    cli.sync()
    subscribe("whole", [indicator(90), indicator(91)])
    told = harm(broken)
    ran = cli("sync", "--yes", "--json")
    assert ran.code == 7
    assert_adds_up(ran.json)
    lines = [line for line in ran.err.splitlines() if "feed broken failed" in line]
    assert len(lines) == 1
    assert told in lines[0]
    assert cli.values() == {f"h{n}.example.com" for n in (*range(5), 90, 91)}
    assert told in {f["id"]: f for f in ran.json["feeds"]}["broken"]["error"]


def test_a_broken_definition_alone_is_a_configuration_fault(cli: Cli, subscribe: Subscribe) -> None:
    feed = subscribe("broken", names(2))
    cli.sync()
    before = cli.rows()
    break_key(feed)
    for argv in (["sync", "--yes"], ["sync", "broken", "--yes"]):
        ran = cli(*argv)
        assert ran.code == 2
        assert "trsut" in ran.err
        assert "trust" in ran.err
        assert "feed.toml" in ran.err
    assert cli.rows() == before


FOR_EVER = 'action = "Alert only"\nseverity = "Low"\nexpires = "never"\n'


def taxii_source(url: str, secret: str = "") -> str:
    auth = f'auth = {{ kind = "basic", username = "u", password = "{secret}" }}\n' if secret else ""
    return f'kind = "taxii21"\nurl = "{url}"\ncollection = "{COLLECTION}"\n{auth}'


def test_an_unreachable_server_is_one_line_and_exit_7(cli: Cli, subscribe: Subscribe) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    subscribe("gone", source=taxii_source(f"http://127.0.0.1:{port}/api1/"))
    subscribe("whole", [indicator(1)])
    ran = cli("sync", "--yes")
    assert ran.code == 7
    assert [line for line in ran.err.splitlines() if "feed gone failed" in line]
    assert str(port) in ran.err
    assert cli.values() == {"h1.example.com"}
    assert "gone" in cli("feeds", "list").out


def test_a_collection_arrives_whole_and_then_only_what_is_new(
    cli: Cli, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    server = loopback_taxii(indicators(250), max_page=100)
    subscribe("acme", source=taxii_source(server.url), default=FOR_EVER)
    report = cli.sync()
    assert report["feeds"][0]["fetched"] == report["plan"]["create"] == 250
    report = cli.sync()
    assert report["feeds"][0]["objects"] == 250
    assert report["plan"]["keep"] == 250
    assert cli("feeds", "rewind", "acme").code == 0
    report = cli.sync()
    assert (report["feeds"][0]["fetched"], report["plan"]["keep"]) == (250, 250)
    # Added a millisecond apart from 2026-01-01 on.
    assert cli("feeds", "rewind", "acme", "--to", "2026-01-01T00:00:00Z").code == 0
    assert cli.sync()["feeds"][0]["fetched"] == 249


PASSWORD = "Correct-Horse-77-Battery"


@pytest.mark.parametrize("fault", ["denied", "redirected", "echoed"])
def test_a_password_stays_where_it_is(
    cli: Cli,
    subscribe: Subscribe,
    loopback_taxii: Callable[..., LoopbackTaxii],
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    def answer(_: LoopbackTaxii, seen: Seen) -> Answer:
        if fault == "denied":
            return Answer(b'{"title":"no"}', status=401)
        if fault == "redirected":
            return Answer(b"", status=302, headers={"Location": "http://192.0.2.1/elsewhere"})
        return Answer(orjson.dumps({"title": seen.headers.get("authorization")}), status=500)

    server = loopback_taxii(indicators(3), malice=answer, everywhere=True)
    monkeypatch.setenv("TIDEGATE_TEST_PASSWORD", PASSWORD)
    subscribe("acme", source=taxii_source(server.url, "env:TIDEGATE_TEST_PASSWORD"))
    cli("add", "h1.example.com")
    told = ""
    for argv in (
        ["sync", "--yes", "--verbose"],
        ["sync", "--yes", "--json"],
        ["feeds", "check", "acme"],
        ["feeds", "show", "acme", "--json"],
        ["feeds", "list"],
    ):
        ran = cli(*argv)
        assert ran.code == (7 if "list" not in argv and "show" not in argv else 0), ran
        told += ran.out + ran.err
    assert server.seen
    kept = b"".join(path.read_bytes() for path in cli.home.rglob("*") if path.is_file())
    for form in (PASSWORD.encode(), b"dTpDb3JyZWN0"):  # plain, and as Basic sends it
        assert form not in kept
        assert form.decode() not in told
    assert cli.values() == {"h1.example.com"}


def test_a_missing_secret_is_named_and_not_asked_of_the_server(
    cli: Cli, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    server = loopback_taxii(indicators(3))
    subscribe("acme", source=taxii_source(server.url, "env:TIDEGATE_TEST_ABSENT"))
    ran = cli("sync", "--yes")
    assert ran.code == 7
    assert "TIDEGATE_TEST_ABSENT" in ran.err
    assert server.seen == []


def test_text_of_a_feed_never_steers_the_terminal(cli: Cli, subscribe: Subscribe) -> None:
    evil = "\x1b[2J\x1b]0;owned\x07 \u202egnp.exe [red]x[/red] \u200b"
    title = "\\u001b[31mred \\u202e [b]bold[/b]"
    hostile = indicator(1, name=evil, description=evil)
    subscribe("acme", [hostile, indicator(2, f"[{evil}")], title=title)
    told = []
    for argv in (
        ["feeds", "list"],
        ["feeds", "show", "acme"],
        ["sync", "--dry-run"],
        ["sync", "--yes"],
        ["list"],
        ["show", "h1.example.com"],
        ["why", "h1.example.com"],
        ["rejections"],
        ["history"],
        ["why", evil],
        ["list", evil],
        ["show", evil],
        ["feeds", "show", evil],
    ):
        ran = cli(*argv)
        told.append(ran.out + ran.err)
    for text in told:
        assert not set(text) & {"\x1b", "\x07", "\u202e", "\u200b", "\r", "\x9b"}
    assert "[b]bold[/b]" in told[0]  # markup is text like any other
    # JSON is for scripts: it holds the feed's own text, escaped.
    ran = cli("list", "--json")
    assert "\x1b" not in ran.out
    assert ran.lines[0]["description"] == evil


def test_a_plan_is_made_now_and_applied_later(
    cli: Cli, subscribe: Subscribe, tmp_path: Path
) -> None:
    subscribe("acme", names(3))
    cli("sync")
    out = str(tmp_path / "monday.plan.json")
    ran = cli("plan", "--out", out, "--json")
    assert ran.code == 0
    assert ran.json["plan"]["create"] == len(ran.json["changes"]) == 3
    assert cli("apply", out).code == 3
    assert cli.rows() == []
    assert cli("apply", out, "--yes").code == 0
    assert len(cli.rows()) == 3
    ran = cli("apply", out, "--yes")
    assert ran.code == 6
    assert "plan again" in ran.err


def test_a_plan_file_that_was_touched_is_refused(
    cli: Cli, subscribe: Subscribe, tmp_path: Path
) -> None:
    subscribe("acme", names(1))
    cli("sync")
    out = tmp_path / "plan.json"
    cli("plan", "--out", str(out))
    out.write_text(out.read_text().replace("h0.example.com", "h9.example.com"))
    ran = cli("apply", str(out), "--yes")
    assert ran.code == 2
    assert "changed after it was planned" in ran.err
    assert cli("apply", str(tmp_path / "none.json"), "--yes").code == 2
    assert cli("apply", str(tmp_path), "--yes").code == 2
    assert cli.rows() == []


def test_apply_without_a_file_plans_from_the_ledger(cli: Cli, subscribe: Subscribe) -> None:
    feed = subscribe("acme", names(3))
    cli("sync")
    (feed.folder / "feed.bundle.json").unlink()
    ran = cli("apply", "--yes", "--json")
    assert (ran.code, ran.json["applied"], ran.json["plan"]["create"]) == (0, True, 3)
    assert len(cli.rows()) == 3


def test_a_policy_change_needs_no_download(cli: Cli, subscribe: Subscribe) -> None:
    feed = subscribe("acme", names(3))
    cli.sync()
    (feed.folder / "feed.bundle.json").unlink()
    path = feed.folder / "feed.toml"
    path.write_text(path.read_text().replace('severity = "High"', 'severity = "Low"'))
    assert cli("apply", "--yes").code == 0
    assert {row["severity"] for row in cli.rows()} == {"Low"}


def test_no_feed_and_unknown_feed_say_what_to_do(cli: Cli, subscribe: Subscribe) -> None:
    ran = cli("sync", "--yes")
    assert ran.code == 2
    assert "feeds enable" in ran.err
    subscribe("acme-c2", names(1))
    ran = cli("sync", "acme-c3", "--yes")
    assert ran.code == 2
    assert 'did you mean "acme-c2"' in ran.err
    cli("feeds", "disable", "acme-c2")
    ran = cli("sync", "acme-c2", "--yes")
    assert ran.code == 2
    assert "tidegate feeds enable acme-c2" in ran.err


@pytest.mark.parametrize(
    ("dialect", "action", "lands"),
    [
        ("today", "Alert only", False),
        ("today", "Alert and block", True),
        ("today", "Warn", False),
        ("seed", "Alert only", True),
        ("seed", "Alert and block", True),
        ("seed", "Warn", False),
    ],
)
def test_a_policy_meets_the_table_of_types_and_actions(
    cli: Cli,
    subscribe: Subscribe,
    dialect: str,
    action: str,
    lands: bool,  # noqa: FBT001 - a table
) -> None:
    cli.configure(f'dialect = "{dialect}"\n{DOCUMENTATION}')
    thumbprint = "1" * 40
    subscribe(
        "acme",
        [indicator(1, f"[x509-certificate:hashes.'SHA-1' = '{thumbprint}']")],
        default=f'action = "{action}"\nseverity = "High"\nexpires = "30d"\n',
    )
    report = cli.sync()
    assert report["plan"]["create"] == int(lands)
    codes = [line["code"] for line in cli("rejections", "--json").lines]
    assert codes == ([] if lands else ["action_not_supported"])


def test_a_value_of_a_person_counts_as_merged(cli: Cli, subscribe: Subscribe) -> None:
    cli("add", "h1.example.com", "--action", "warn")
    subscribe("acme", names(3))
    report = cli.sync()
    assert (report["plan"]["merged"], report["plan"]["create"]) == (1, 2)
    row = cli.rows("h1.example.com")[0]
    assert (row["origin"], row["action"], row["feeds"]) == ("manual", "Warn", [])


def test_read_only_changes_nothing(cli: Cli, subscribe: Subscribe, tmp_path: Path) -> None:
    subscribe("acme", names(3))
    cli("sync")
    out = str(tmp_path / "p.json")
    assert cli("--read-only", "plan", "--out", out).code == 0
    for argv in (["sync", "--yes"], ["apply", "--yes"], ["apply", out, "--yes"]):
        ran = cli(*argv, "--read-only")
        assert ran.code == 2
        assert "read-only: nothing was changed" in ran.err
    assert cli.rows() == []


def test_apply_names_what_the_brake_withholds(cli: Cli, subscribe: Subscribe) -> None:
    feed = subscribe("acme", [indicator(n) for n in range(30)])
    cli.sync()
    feed.publish([indicator(n) for n in range(20, 30)])
    cli("sync", "--dry-run")
    assert "nothing is held" in cli("held", "list").err
    ran = cli("apply", "--yes", "--json")
    assert ran.code == 3
    ident = ran.json["held_id"]
    assert f"tidegate held approve {ident}" in ran.err
    assert {row["plan"] for row in cli("held", "list", "--json").lines} == {ident}
    assert cli("held", "approve", ident).code == 0
    assert len(cli.rows()) == 10
    assert cli("apply", "--yes", "--json").json["held_id"] is None


def test_a_plan_that_waits_for_a_yes_says_so_in_two_lines(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme", names(3))
    for argv in (["sync"], ["apply"]):
        ran = cli(*argv)
        assert ran.code == 3
        assert "tidegate: planned, nothing applied\n  → add --yes" in ran.err


def test_a_long_plan_begins_with_its_reasons(cli: Cli, subscribe: Subscribe) -> None:
    subscribe(
        "acme",
        [indicator(n, confidence=n) for n in range(30)],
        rules='[[rule]]\nname = "r"\nwhen = { confidence = "<90" }\n'
        'then = { action = "Warn", severity = "Low", expires = "30d" }\n',
    )
    out = cli("sync", "--dry-run").out
    assert "+      30  acme: rule 'r'\n" in out
    assert "… and 10 more" in out


@pytest.mark.parametrize(("rules", "rest"), [(9, ""), (10, "6  for 2 other reasons")])
def test_a_reason_is_named_where_its_line_would_only_count_it(
    cli: Cli, subscribe: Subscribe, rules: int, rest: str
) -> None:
    subscribe(
        "acme",
        [indicator(n, confidence=n % rules) for n in range(3 * rules)],
        rules="".join(
            f'[[rule]]\nname = "r{n}"\nwhen = {{ confidence = "={n}" }}\n'
            'then = { action = "Warn" }\n'
            for n in range(rules)
        ),
    )
    out = cli("sync", "--dry-run").out
    assert rest in out
    assert ("other reasons" in out) == bool(rest)
    assert ("rule 'r0'\n" in out) == (not rest)


@pytest.mark.parametrize("name", [".", "folder", "none/p.json"])
def test_a_plan_needs_a_place_to_be_written(
    cli: Cli, subscribe: Subscribe, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe("acme", names(1))
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    ran = cli("plan", "--out", name)
    assert ran.code == 2
    assert "--out: " in ran.err
    assert ran.out == ""


def test_a_plan_that_cannot_be_written_is_a_clear_error(
    cli: Cli, subscribe: Subscribe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    subscribe("acme", names(1))
    monkeypatch.setattr(syncing, "save_plan", full)
    ran = cli("plan", "--out", str(tmp_path / "p.json"))
    assert ran.code == 2
    assert "p.json: No space left" in ran.err


def test_a_policy_is_tried_before_it_is_saved(
    cli: Cli, subscribe: Subscribe, tmp_path: Path
) -> None:
    feed = subscribe("acme", [indicator(n, confidence=n) for n in range(4)])
    cli.sync()
    policy = tmp_path / "changed.toml"
    low = '[[rule]]\nname = "low"\nwhen = { confidence = "<1" }\nthen = { action = "skip" }\n'
    high = '[[rule]]\nname = "high"\nwhen = { confidence = ">=2" }\nthen = { action = "alert" }\n'
    saved = (in_home(cli.home, feed.id).folder / "feed.toml").read_text()
    policy.write_text(saved.replace("[default]", f"{low}\n{high}\n[default]"))
    before = cli("list", "--json").out
    ran = cli("plan", "--policy", str(policy), "--json")
    assert ran.code == 0
    assert ran.err.count("\n") == 1
    assert "warning: more confidence gets less" in ran.err
    assert {"plan", "lineage", "serial", "changes", "policy"} == set(ran.json)
    assert (ran.json["plan"]["remove"], ran.json["plan"]["update"]) == (1, 2)
    assert ran.json["policy"]["differs"] == {"create": 0, "update": 2, "remove": 1}
    assert ran.json["policy"]["today"]["keep"] == 4
    assert ran.json["policy"]["by_rule"] == [
        {"op": "update", "rule": "high", "rows": 2},
        {"op": "remove", "rule": "default", "rows": 1},
    ]
    out = cli("plan", "--policy", str(policy)).out
    assert "beside today's policy of acme: create 0  update 2  remove 1\n" in out
    assert "~       2  high\n" in out
    policy.write_text(saved)
    assert "no row differs" in cli("plan", "--policy", str(policy)).out
    policy.write_text(saved.replace("feed.bundle", "other.bundle"))
    assert "names another source" in cli("plan", "--policy", str(policy)).err
    assert cli("list", "--json").out == before
    assert cli.sync()["plan"]["keep"] == 4


def test_a_policy_that_cannot_be_tried_says_why(
    cli: Cli, subscribe: Subscribe, tmp_path: Path
) -> None:
    subscribe("acme", names(1))
    saved = in_home(cli.home, "acme").folder / "feed.toml"
    broken = tmp_path / "broken.toml"
    broken.write_text(saved.read_text().replace("trust", "trsut"))
    for argv, told in (
        (("--policy", str(broken)), "did you mean `trust`"),
        (("--policy", str(tmp_path / "none.toml")), "none.toml: no such file"),
        (("--policy", str(saved), "--out", str(tmp_path / "p.json")), "it writes no plan"),
    ):
        ran = cli("plan", *argv)
        assert (ran.code, ran.out) == (2, "")
        assert told in ran.err
    assert not (tmp_path / "p.json").exists()


def planned(cli: Cli, subscribe: Subscribe, out: Path) -> str:
    """A plan file for three rows, made when the list was at change 1."""
    cli("add", "first.example.com")
    subscribe("acme", names(3))
    cli("sync")
    assert cli("plan", "--out", str(out)).code == 0
    return str(out)


def test_a_stale_plan_file_tells_what_changed_since(
    cli: Cli, subscribe: Subscribe, tmp_path: Path
) -> None:
    out = planned(cli, subscribe, tmp_path / "p.json")
    for number in range(4):
        cli("add", f"late{number}.example.com")
    before = cli.rows()
    ran = cli("apply", out, "--yes")
    assert ran.code == 6
    assert "the list is at change 5, the plan was made at 1" in ran.err
    for number in (3, 2, 1):
        assert f": add late{number}.example.com" in ran.err
    assert "and 1 before" in ran.err
    assert "add --rebase" in ran.err
    assert cli.rows() == before


def test_a_stale_plan_file_is_rebased_on_what_it_does_not_touch(
    cli: Cli, subscribe: Subscribe, tmp_path: Path
) -> None:
    out = planned(cli, subscribe, tmp_path / "p.json")
    cli("add", "late.example.com")
    ran = cli("apply", out, "--rebase", "--yes", "--json")
    assert (ran.code, ran.json["applied"], ran.json["serial"]) == (0, True, 3)
    assert cli.values() == {
        *("first.example.com", "late.example.com"),
        *(f"h{n}.example.com" for n in range(3)),
    }
    assert cli("undo").code == 0
    assert cli.values() == {"first.example.com", "late.example.com"}


@pytest.mark.parametrize(
    "meanwhile", [["add", "h1.example.com"], ["suppress", "add", "h1.example.com"]], ids=" ".join
)
def test_a_stale_plan_file_is_not_rebased_over_what_it_touches(
    cli: Cli, subscribe: Subscribe, tmp_path: Path, meanwhile: list[str]
) -> None:
    out = planned(cli, subscribe, tmp_path / "p.json")
    assert cli(*meanwhile).code == 0
    before = cli.rows()
    ran = cli("apply", out, "--rebase", "--yes")
    assert ran.code == 6
    assert "it touches h1.example.com: plan again and look" in ran.err
    assert "--rebase" not in ran.err
    assert cli.rows() == before


def test_a_plan_file_of_another_list_is_stale_whatever_is_asked(
    cli: Cli, subscribe: Subscribe, tmp_path: Path
) -> None:
    out = planned(cli, subscribe, tmp_path / "p.json")
    other = Cli(tmp_path / "other")
    other("add", "theirs.example.com")
    for argv in (["apply", out, "--yes"], ["apply", out, "--yes", "--rebase"]):
        ran = other(*argv)
        assert ran.code == 6
        assert "made for another list" in ran.err
    assert other.values() == {"theirs.example.com"}


def forge(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a plan file as somebody would who computes the checksum anew."""
    record = orjson.loads(path.read_bytes())
    del record["sha256"]
    change(record)
    sha256 = hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).hexdigest()
    path.write_bytes(orjson.dumps(record | {"sha256": sha256}))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda plan: plan["changes"][0]["after"].update(id=5), "changes[0].after.id"),
        (lambda plan: plan["changes"][2]["after"].update(score="x"), "changes[2].after.score"),
        (lambda plan: plan["changes"][1]["after"].update(origin="foreign"), "[1].after.origin"),
        (lambda plan: plan.update(undoes=[1]), "undoes"),
        (lambda plan: plan.update(serial="0"), "serial"),
        (lambda plan: plan.update(door="recovery"), "door"),
    ],
    ids=["id", "score", "origin", "undoes", "serial", "door"],
)
def test_a_forged_plan_file_is_refused_by_the_name_of_its_field(
    cli: Cli,
    subscribe: Subscribe,
    tmp_path: Path,
    change: Callable[[dict[str, Any]], object],
    field: str,
) -> None:
    out = planned(cli, subscribe, tmp_path / "p.json")
    forge(Path(out), change)
    for argv in (["apply", out, "--yes"], ["apply", out, "--yes", "--rebase", "--json"]):
        ran = cli(*argv)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(f"tidegate: {out} is no plan of Tidegate: ")
        assert f"{field} must be" in ran.err.splitlines()[0]
    assert cli.values() == {"first.example.com"}
    assert len(cli("history", "--json").lines) == 1


@pytest.mark.parametrize("origin", ["feed", "manual"])
def test_a_row_that_a_plan_file_allows_takes_a_person_whatever_was_said_before(
    cli: Cli,
    subscribe: Subscribe,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    origin: str,
) -> None:
    out = planned(cli, subscribe, tmp_path / "p.json")
    forge(Path(out), lambda p: p["changes"][0]["after"].update(action="Allow", origin=origin))
    for argv in (["apply", out], ["apply", out, "--yes"], ["apply", out, "--yes", "--json"]):
        ran = cli(*argv)
        assert ran.code == 3
        assert "1 would become Allow, which --yes does not answer\n  → use a terminal" in ran.err
        assert ran.json["applied"] is False if "--json" in argv else "h1.example.com" in ran.out
    assert cli.values() == {"first.example.com"}
    asked: list[str] = []
    answers = iter((False, True))

    def ask(question: str) -> bool:
        asked.append(question)
        return next(answers)

    monkeypatch.setattr(diagnostics, "interactive", lambda: True)
    monkeypatch.setattr(diagnostics, "ask", ask)
    ran = cli("apply", out, "--yes")
    assert (ran.code, "not confirmed" in ran.err) == (3, True)
    assert cli("apply", out, "--yes").code == 0
    assert asked == ["Apply this plan, 1 of them Allow?"] * 2
    assert len(cli.rows("action:allow")) == 1


def test_what_a_file_withholds_is_kept_once_it_was_applied(
    cli: Cli, subscribe: Subscribe, tmp_path: Path
) -> None:
    feed = subscribe("acme", names(30))
    cli.sync()
    feed.publish([indicator(n) for n in range(20, 32)])
    cli("sync", "--dry-run")
    out = str(tmp_path / "p.json")
    assert cli("plan", "--out", out).code == 3
    assert cli("apply", out).code == 3
    assert "nothing is held" in cli("held", "list").err
    ran = cli("apply", out, "--yes", "--json")
    assert (ran.code, ran.json["applied"]) == (3, True)
    assert cli("held", "approve", ran.json["held_id"]).code == 0
    assert len(cli.rows()) == 12


@pytest.mark.parametrize("left", [20, 32], ids=["nothing goes", "some of it goes"])
def test_a_stale_file_does_not_displace_what_was_withheld_since(
    cli: Cli, subscribe: Subscribe, tmp_path: Path, left: int
) -> None:
    feed = subscribe("acme", names(30))
    cli.sync()
    feed.publish([indicator(n) for n in range(10, left)])
    cli("sync", "--dry-run")
    out = str(tmp_path / "old.plan")
    cli("plan", "--out", out)
    cli("add", "late.example.com")
    feed.publish([indicator(n) for n in range(15, left)])
    held = cli.sync(code=3)["held_id"]
    ran = cli("apply", out, "--yes")
    assert (ran.code, "add --rebase" in ran.err or "it touches" in ran.err) == (6, True)
    assert {row["plan"] for row in cli("held", "list", "--json").lines} == {held}
    assert cli("held", "approve", held).code == 0


@pytest.mark.parametrize(
    ("rows", "left", "goes"),
    [
        (30, 27, True),
        (30, 26, False),
        (2_100, 1_900, True),
        (2_100, 1_899, False),
        (30, 0, False),
        (2, 1, True),
    ],
    ids=["10 %", "over 10 %", "200 rows", "over 200 rows", "an emptied feed", "one of two"],
)
def test_mass_delete_stops_with_exit_3_and_is_no_matter_of_a_yes(
    cli: Cli,
    subscribe: Subscribe,
    rows: int,
    left: int,
    goes: bool,  # noqa: FBT001 - a table
) -> None:
    feed = subscribe("acme", names(rows))
    cli.sync()
    feed.publish(names(left))
    report = cli.sync(code=0 if goes else 3)
    assert report["plan"]["remove" if goes else "held"] == rows - left
    assert len(cli.rows()) == (left if goes else rows)
    if not goes:
        assert cli.sync(code=3)["held_id"] == report["held_id"]
        assert len(cli.rows()) == rows
        assert cli("held", "approve", report["held_id"]).code == 0
        assert len(cli.rows()) == left


FIELDS = {
    "action": ("warn", "Warn"),
    "severity": ("Low", "Low"),
    "title": ("Ours", "Ours"),
    "description": ("Said by us", "Said by us"),
    "group": ("lab", ["lab"]),
    "expires": ("never", None),
    "category": ("Malware", "Malware"),
}
"""What a person sets, and what the list then holds."""


@pytest.mark.parametrize("field", FIELDS)
def test_ownership_of_a_field_outlasts_whatever_the_feed_says(
    cli: Cli, subscribe: Subscribe, field: str
) -> None:
    feed = subscribe("acme", names(2))
    cli.sync()
    given, kept = FIELDS[field]
    assert cli("edit", "h1.example.com", f"--{field}", given).code == 0
    path = feed.folder / "feed.toml"
    changed = path.read_text().replace('"Alert and block"', '"Alert only"')
    changed = changed.replace('"High"', '"Medium"').replace('"30d"', '"60d"')
    path.write_text(changed + 'category = "Exploit"\n')
    feed.publish([indicator(n, name="Theirs", description="Said by them") for n in range(2)])
    cli.sync()
    cli.sync()
    rows = {row["value"]: row for row in cli.rows()}
    name = "groups" if field == "group" else field
    assert rows["h1.example.com"][name] == kept
    theirs = rows["h0.example.com"]
    assert (theirs["title"], theirs["action"], theirs["category"]) == (
        "Theirs",
        "Alert only",
        "Exploit",
    )


def test_ownership_of_allow_is_a_persons_alone(cli: Cli, subscribe: Subscribe) -> None:
    allow = 'action = "Allow"\nseverity = "Informational"\nexpires = "30d"\n'
    made = subscribe("keen", names(1), head="permit_allow = true", default=allow)
    report = cli.sync(code=3)
    assert (report["plan"]["create"], report["plan"]["held"]) == (0, 1)
    assert cli.rows() == []
    path = made.folder / "feed.toml"
    path.write_text(path.read_text().replace("permit_allow = true", ""))
    ran = cli("sync", "--yes")
    assert ran.code == 2
    assert "permit_allow" in ran.err
    assert cli.rows() == []
