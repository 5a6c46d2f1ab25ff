"""`held`: what the brake withheld is shown, and only exactly that is let through."""

from __future__ import annotations

from collections.abc import Callable

from driving.homes import Cli, FeedFolder, indicator

Subscribe = Callable[..., FeedFolder]


def names(numbers: range) -> list[dict[str, object]]:
    return [indicator(number) for number in numbers]


def emptied(cli: Cli, subscribe: Subscribe) -> str:
    """A list of 30 rows whose feed has dropped 20; returns the held plan's id."""
    feed = subscribe("acme", names(range(30)))
    cli.sync()
    feed.publish(names(range(20, 30)))
    held = cli.sync(code=3)["held_id"]
    assert isinstance(held, str)
    return held


def test_what_is_held_is_listed_with_its_reason(cli: Cli, subscribe: Subscribe) -> None:
    ident = emptied(cli, subscribe)
    listed = cli("held", "list", "--json").lines
    assert {row["plan"] for row in listed} == {ident}
    assert {row["value"] for row in listed} == {f"h{n}.example.com" for n in range(20)}
    assert {row["reason"] for row in listed} == {"acme no longer lists it"}
    shown = cli("held", "list").out
    assert f"plan {ident}: 20 of 30 feed rows would go" in shown


def test_approval_applies_it_once_and_can_be_undone(cli: Cli, subscribe: Subscribe) -> None:
    ident = emptied(cli, subscribe)
    assert cli("held", "approve", ident).code == 0
    assert cli.values() == {f"h{n}.example.com" for n in range(20, 30)}
    again = cli("held", "approve", ident)
    assert again.code == 2
    assert "nothing is held" in again.err
    assert cli.sync()["plan"]["held"] == 0
    assert cli("undo").code == 0
    assert len(cli.rows()) == 30


def test_an_approval_is_for_that_plan_only(cli: Cli, subscribe: Subscribe) -> None:
    ident = emptied(cli, subscribe)
    wrong = cli("held", "approve", "000000000000")
    assert wrong.code == 2
    assert ident in wrong.err
    assert len(cli.rows()) == 30


def test_a_row_that_a_person_changed_since_is_left_alone(cli: Cli, subscribe: Subscribe) -> None:
    ident = emptied(cli, subscribe)
    assert cli("edit", "h3.example.com", "--title", "ours").code == 0
    assert cli("held", "approve", ident).code == 0
    assert cli.values() == {"h3.example.com", *(f"h{n}.example.com" for n in range(20, 30))}


def test_what_an_approval_leaves_out_is_said(cli: Cli, subscribe: Subscribe) -> None:
    allow = 'action = "Allow"\nseverity = "Low"\nexpires = "30d"\n'
    subscribe("keen", names(range(3)), head="permit_allow = true", default=allow)
    ident = cli.sync(code=3)["held_id"]
    cli("suppress", "add", "h1.example.com")
    cli("add", "h2.example.com", "--action", "allow")
    ran = cli("held", "approve", ident, "--json")
    assert ran.code == 0
    assert {name: ran.json[name] for name in ("create", "moved_on", "suppressed", "applied")} == {
        "create": 1,
        "moved_on": 1,
        "suppressed": 1,
        "applied": True,
    }
    assert "left out 1 whose rows have changed since\n" in ran.err
    assert "left out 1 that a suppression keeps out\n" in ran.err
    assert cli.values() == {"h0.example.com", "h2.example.com"}


def test_an_approval_that_leaves_all_out_changes_nothing(cli: Cli, subscribe: Subscribe) -> None:
    allow = 'action = "Allow"\nseverity = "Low"\nexpires = "30d"\n'
    subscribe("keen", names(range(1)), head="permit_allow = true", default=allow)
    ident = cli.sync(code=3)["held_id"]
    cli("suppress", "add", "h0.example.com")
    ran = cli("held", "approve", ident)
    assert (ran.code, "undo" in ran.err) == (0, False)
    assert "left out 1 that a suppression keeps out" in ran.err
    assert cli.rows() == []


def test_read_only_approves_nothing(cli: Cli, subscribe: Subscribe) -> None:
    ident = emptied(cli, subscribe)
    assert cli("--read-only", "held", "approve", ident).code == 2
    assert len(cli.rows()) == 30


def test_nothing_held_is_said_so(cli: Cli) -> None:
    ran = cli("held", "list")
    assert (ran.code, ran.out) == (0, "")
    assert "nothing is held" in ran.err
