"""The brake by feed, as people meet it: emptied, shrunken and doubled feeds, and lowered limits."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from driving.homes import DOCUMENTATION, Cli, in_home, indicator, write_feed


def names(numbers: Iterable[int], **more: Any) -> list[dict[str, object]]:  # noqa: ANN401 - passed on
    return [indicator(number, **more) for number in numbers]


def values(numbers: Iterable[int]) -> set[str]:
    return {f"h{number}.example.com" for number in numbers}


@pytest.fixture(name="cli")
def _cli(tmp_path: Path) -> Cli:
    """A home with a big calm feed of 200 rows and two small ones of 12."""
    cli = Cli(tmp_path / "home")
    for ident, numbers in (("acme", range(12)), ("bolt", range(20, 32)), ("calm", range(100, 300))):
        cli.subscribe(write_feed(tmp_path / ident, names(numbers)).folder)
    cli.sync()
    assert len(cli.rows()) == 224
    return cli


def publish(cli: Cli, ident: str, numbers: Iterable[int], **more: Any) -> None:  # noqa: ANN401 - passed on
    in_home(cli.home, ident).publish(names(numbers, **more))


def test_mass_delete_by_an_emptied_feed_keeps_every_row_however_often_it_is_synced(
    cli: Cli,
) -> None:
    publish(cli, "acme", ())
    publish(cli, "calm", range(101, 301))
    first = cli.sync(code=3)
    assert (first["plan"]["held"], first["plan"]["remove"], first["plan"]["create"]) == (12, 1, 1)
    for _ in range(9):
        again = cli.sync(code=3)
        assert again["held_id"] == first["held_id"]
    assert cli.values() == values([*range(12), *range(20, 32), *range(101, 301)])
    shown = cli("held", "list").out
    assert "acme: proposes nothing any more, 12 before (12 of its rows stay" in shown
    (reason,) = {row["held_reason"] for row in cli("held", "list", "--json").lines}
    assert reason in shown
    publish(cli, "acme", range(12))
    assert cli.sync()["held_id"] is None


def test_a_feed_that_had_one_row_is_emptied_as_well_but_may_withdraw_it(
    tmp_path: Path, cli: Cli
) -> None:
    cli.subscribe(write_feed(tmp_path / "tiny", names([900])).folder)
    cli.sync()
    publish(cli, "tiny", ())
    assert cli.sync(code=3)["plan"]["held"] == 1
    publish(cli, "tiny", [900], revoked=True)
    report = cli.sync()
    assert (report["plan"]["remove"], report["plan"]["held"]) == (1, 0)


def test_a_shrunken_feed_is_held_and_one_that_lost_a_quarter_is_not(cli: Cli) -> None:
    publish(cli, "acme", range(3, 12))
    publish(cli, "bolt", range(24, 32))
    report = cli.sync(code=3)
    assert (report["plan"]["remove"], report["plan"]["held"]) == (3, 4)
    assert "bolt: proposes 8, 12 before, more than 25 % less" in cli("held", "list").out
    cli.configure(f"{DOCUMENTATION}[brake]\nshrink = 40\n")
    assert cli.sync()["plan"]["remove"] == 4


def test_mass_delete_by_all_feeds_at_once_changes_nothing(cli: Cli) -> None:
    for ident in ("acme", "bolt", "calm"):
        publish(cli, ident, ())
    for _ in range(2):
        report = cli.sync(code=3)
        assert (report["plan"]["held"], report["plan"]["remove"]) == (224, 0)
    shown = cli("held", "list").out
    for ident, count in (("acme", 12), ("bolt", 12), ("calm", 200)):
        assert f"{ident}: proposes nothing any more, {count} before" in shown


def test_one_feeds_part_after_the_other_is_approved_by_the_same_id(cli: Cli) -> None:
    publish(cli, "acme", ())
    publish(cli, "bolt", ())
    ident = cli.sync(code=3)["held_id"]
    nobody = cli("held", "approve", ident, "--feed", "calm")
    assert (nobody.code, "of these something is: acme, bolt" in nobody.err) == (2, True)
    ran = cli("held", "approve", ident, "--feed", "acme", "--json")
    assert (ran.code, ran.json["remove"], ran.json["left"]) == (0, 12, 12)
    shown = cli("held", "list").out
    assert f"plan {ident}: " in shown
    assert "bolt: proposes nothing" in shown
    assert "acme" not in shown
    assert cli.sync(code=3)["plan"]["held"] == 12
    rest = cli("held", "list", "--json").lines[0]["plan"]
    assert cli("held", "approve", rest, "--feed", "bolt").code == 0
    assert cli.values() == values(range(100, 300))
    assert cli("held", "list").out == ""
    assert cli.sync()["plan"]["held"] == 0
    # A feed that nothing was expected of any more is no flood when it comes back.
    publish(cli, "acme", range(12))
    assert cli.sync()["plan"]["create"] == 12


def test_what_is_left_of_a_plan_is_approved_by_the_id_that_was_shown(cli: Cli) -> None:
    publish(cli, "acme", ())
    publish(cli, "bolt", ())
    ident = cli.sync(code=3)["held_id"]
    assert cli("held", "approve", ident, "--feed", "acme").code == 0
    assert cli("held", "approve", ident).code == 0
    assert cli.values() == values(range(100, 300))


def test_an_outdated_id_approves_nothing(cli: Cli) -> None:
    publish(cli, "acme", ())
    old = cli.sync(code=3)["held_id"]
    publish(cli, "bolt", ())
    new = cli.sync(code=3)["held_id"]
    assert new != old
    ran = cli("held", "approve", old)
    assert (ran.code, new in ran.err) == (2, True)
    assert len(cli.rows()) == 224


# -- floods -----------------------------------------------------------------------------------


def test_a_flood_is_held_while_its_own_rows_and_other_feeds_go_on(cli: Cli) -> None:
    publish(cli, "acme", [*range(1, 12), *range(1_000, 1_300)], name="renamed")
    publish(cli, "bolt", range(20, 40))
    first = cli.sync(code=3)
    assert (first["plan"]["create"], first["plan"]["held"]) == (8, 300)
    assert first["plan"]["remove"] == 1
    assert {row["title"] for row in cli.rows("feed:acme")} == {"renamed"}
    assert cli.values("feed:acme") == values(range(1, 12))
    assert "acme: proposes 311, 12 before, and would add 300 rows" in cli("held", "list").out
    for _ in range(2):
        again = cli.sync(code=3)
        assert (again["held_id"], again["plan"]["create"]) == (first["held_id"], 0)
    assert "the brake holds the flood of its feed" in cli("why", "h1000.example.com").out
    assert cli("held", "approve", first["held_id"]).code == 0
    assert len(cli.rows("feed:acme")) == 311
    # From now on that is what it does.
    publish(cli, "acme", range(1_000, 1_300), name="renamed")
    assert cli.sync(code=0)["plan"]["remove"] == 11


def test_a_flood_that_ebbs_is_forgotten(cli: Cli) -> None:
    publish(cli, "acme", range(1_000))
    cli.sync(code=3)
    publish(cli, "acme", range(13))
    report = cli.sync()
    assert (report["plan"]["create"], report["held_id"]) == (1, None)


def test_the_first_sync_of_a_feed_is_no_flood(cli: Cli, tmp_path: Path) -> None:
    cli.subscribe(write_feed(tmp_path / "new", names(range(2_000, 2_500))).folder)
    assert cli.sync()["plan"]["create"] == 500


def test_what_the_operator_changed_is_no_flood(cli: Cli, tmp_path: Path) -> None:
    one = '[[rule]]\nname = "none"\nwhen = { confidence = "<50" }\nthen = { action = "skip" }\n'
    weak = [*names(range(2_000, 2_010)), *names(range(3_000, 3_400), confidence=20)]
    cli.subscribe(write_feed(tmp_path / "new", weak, rules=one).folder)
    assert cli.sync()["plan"]["create"] == 10
    cli.subscribe(write_feed(tmp_path / "new", weak).folder)
    assert cli.sync()["plan"]["create"] == 400


def test_quota_stuffing_displaces_nobody_and_starves_nobody(tmp_path: Path) -> None:
    cli = Cli(tmp_path / "home", f"limit = 60\n{DOCUMENTATION}")
    cli.subscribe(write_feed(tmp_path / "acme", names(range(10)), trust=72).folder)
    cli.subscribe(write_feed(tmp_path / "calm", names(range(100, 140), confidence=50)).folder)
    cli.sync()
    publish(cli, "acme", [*range(10), *range(1_000, 2_990)], confidence=100)
    publish(cli, "calm", range(100, 160), confidence=50)
    report = cli.sync(code=3)
    assert report["plan"]["remove"] == 0
    assert cli.values() == values([*range(10), *range(100, 150)])  # the room went to who was calm
    assert "acme: proposes 2,000, 10 before" in cli("held", "list").out
    stuffed = report["held_id"]
    assert cli.sync(code=3)["held_id"] == stuffed
    ran = cli("held", "approve", stuffed, "--json")
    assert ran.code == 0, ran.err
    assert len(cli.rows()) == 60
    assert len(cli.values("feed:acme")) > 10
    after = cli.sync()
    assert (after["plan"]["create"], after["plan"]["remove"], after["plan"]["held"]) == (0, 0, 0)


def test_a_stuffer_that_is_trusted_less_than_its_victim_gets_what_is_free(tmp_path: Path) -> None:
    cli = Cli(tmp_path / "home", f"limit = 60\n{DOCUMENTATION}")
    cli.subscribe(write_feed(tmp_path / "acme", names(range(10)), trust=60).folder)
    cli.subscribe(write_feed(tmp_path / "calm", names(range(100, 140), confidence=50)).folder)
    cli.sync()
    publish(cli, "acme", [*range(10), *range(1_000, 2_990)], confidence=100)
    publish(cli, "calm", range(100, 150), confidence=50)
    report = cli.sync()
    assert (report["plan"]["create"], report["plan"]["remove"]) == (10, 0)
    assert cli.values() == values([*range(10), *range(100, 150)])
    publish(cli, "calm", range(100, 145), confidence=50)
    cli.sync()
    assert cli.values("feed:calm") == values(range(100, 145))
    assert len(cli.values("feed:acme")) == 15
    after = cli.sync()
    assert (after["plan"]["create"], after["plan"]["remove"], after["plan"]["held"]) == (0, 0, 0)


def test_what_the_operator_refuses_goes_and_what_a_publisher_takes_away_is_held(cli: Cli) -> None:
    domains = ", ".join(f'"h{n}.example.com"' for n in range(12))
    cli.configure(f"{DOCUMENTATION}[own]\ndomains = [{domains}]\n")
    report = cli.sync()
    assert (report["plan"]["remove"], report["plan"]["held"]) == (12, 0)
    for objects in (range(12), ()):
        publish(cli, "bolt", objects)
        assert cli.sync(code=3)["plan"]["held"] == 12
    assert cli.values("feed:bolt") == values(range(20, 32))


def test_a_feed_of_which_nothing_was_let_through_is_emptied_all_the_same(
    tmp_path: Path, cli: Cli
) -> None:
    feed = write_feed(tmp_path / "tiny", names([900]))
    cli.subscribe(feed.folder)
    cli.sync()
    assert cli("pin", "h900.example.com").code == 0
    publish(cli, "tiny", ())
    cli.sync()
    assert cli("unpin", "h900.example.com").code == 0
    assert cli.sync(code=3)["plan"]["held"] == 1
    assert "tiny: proposes nothing any more, 1 before" in cli("held", "list").out


def test_a_flood_alone_is_approved_with_the_rows_that_make_room_for_it(tmp_path: Path) -> None:
    cli = Cli(tmp_path / "home", f"limit = 60\n{DOCUMENTATION}")
    for ident, numbers, trust in (("acme", range(10), 90), ("bolt", range(40, 45), 70)):
        cli.subscribe(write_feed(tmp_path / ident, names(numbers), trust=trust).folder)
    cli.subscribe(write_feed(tmp_path / "calm", names(range(100, 140)), trust=30).folder)
    cli.sync()
    publish(cli, "acme", [*range(10), *range(1_000, 1_040)])
    publish(cli, "bolt", ())
    ident = cli.sync(code=3)["held_id"]
    ran = cli("held", "approve", ident, "--feed", "acme", "--json")
    assert ran.code == 0, ran.err
    # The room that the emptied feed's rows keep is not there for the last five.
    assert (ran.json["create"], ran.json["remove"], ran.json["left"]) == (35, 30, 10)
    assert len(cli.rows()) == 60
    assert len(cli.rows("feed:bolt")) == 5
    assert cli("held", "approve", ident).code == 0
    assert (len(cli.rows("feed:acme")), len(cli.rows("feed:bolt"))) == (50, 0)


# -- a limit that was lowered -----------------------------------------------------------------


def test_a_lowered_limit_is_kept_by_rank_and_said(cli: Cli) -> None:
    assert cli("add", "mine.example.com").code == 0
    publish(cli, "calm", range(100, 300), confidence=90)
    cli.sync()
    cli.configure(f"limit = 100\n{DOCUMENTATION}")
    ran = cli("sync", "--yes", "--json")
    assert (ran.code, ran.json["plan"]["remove"], ran.json["plan"]["held"]) == (0, 125, 0)
    assert "the list holds 225 rows and its limit is 100: feeds' rows leave by rank" in ran.err
    assert len(cli.values()) == 100
    assert "mine.example.com" in cli.values()
    assert len(cli.values("feed:calm")) == 99
    assert "leave by rank" not in cli("sync", "--yes").err


def test_rows_of_people_above_the_limit_stay_and_it_is_said_what_to_do(cli: Cli) -> None:
    mine = [f"m{n}.example.com" for n in range(5)]
    assert cli("add", *mine).code == 0
    cli.configure(f"limit = 4\n{DOCUMENTATION}")
    ran = cli("sync", "--yes")
    assert ran.code == 0
    assert "take 5 of 4 slots" in ran.err
    assert "raise `limit` in config.toml" in ran.err
    assert cli.values() == set(mine)
    assert cli("list", "origin:manual,foreign").code == 0
