"""Covered rows, in the product: they wait while another row does their work, and come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from driving.homes import DOCUMENTATION, FeedFolder, Watch, as_json, assert_adds_up, indicator
from tidegate.config import Home
from tidegate.indicators.kinds import Action
from tidegate.indicators.plan import Op
from tidegate.ledger.evaluation import waiting_for
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.planning import evaluate
from tidegate.service.sync import SyncReport, sync
from tidegate.service.workspace import Workspace, active_feeds

Subscribe = Callable[..., FeedFolder]
FOREVER = 'action = "Alert and block"\nseverity = "High"\nexpires = "never"\n'


def named(number: int, name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any property
    return indicator(number, f"[domain-name:value = '{name}']", **more)


def values(ws: Workspace) -> set[str]:
    return {row.value for row in look.rows(ws)}


def synced(ws: Workspace) -> SyncReport:
    report = sync(ws)
    assert_adds_up(as_json(report))
    return report


def test_a_name_below_a_listed_one_waits_and_comes_back(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    objects = [named(1, "bad.example.com"), named(2, "a.bad.example.com"), named(3, "other.org")]
    feed = subscribe("acme", objects, default=FOREVER)
    report = synced(ws)
    assert values(ws) == {"bad.example.com", "other.org"}
    assert (report.plan.counts.covered, report.plan.counts.saved) == (1, 1)
    (waits,) = waiting_for(ws.ledger, ws.tenant, {"a.bad.example.com"})
    assert waits.reason == "covered by DomainName bad.example.com"
    feed.publish([named(1, "bad.example.com", revoked=True), *objects[1:]], watch.now)
    synced(ws)
    assert values(ws) == {"a.bad.example.com", "other.org"}


def test_what_was_on_the_list_leaves_without_the_brake_when_it_is_covered(
    home: Home, ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    children = [named(n, f"h{n}.bad.example.com") for n in range(30)]
    feed = subscribe("acme", children, default=FOREVER)
    synced(ws)
    feed.publish([*children, named(99, "bad.example.com")], watch.now)
    report = synced(ws)
    assert report.plan.held == ()
    assert {c.reason for c in report.plan.changes if c.op is Op.REMOVE} == {
        "covered by DomainName bad.example.com"
    }
    assert values(ws) == {"bad.example.com"}
    assert synced(ws).plan.empty


def test_a_persons_row_covers_and_is_not_covered(ws: Workspace, subscribe: Subscribe) -> None:
    fields = Fields(action=Action.ALERT_AND_BLOCK, expires=None)
    apply(ws, edit.plan_add(ws, ["bad.example.com", "x.a.bad.example.com"], fields).plan)
    quiet = FOREVER.replace("High", "Informational")
    subscribe("acme", [named(1, "a.bad.example.com")], default=quiet)
    synced(ws)
    assert values(ws) == {"bad.example.com", "x.a.bad.example.com"}
    apply(ws, edit.plan_remove(ws, [r for r in look.rows(ws) if r.value == "bad.example.com"]).plan)
    synced(ws)
    assert values(ws) == {"a.bad.example.com", "x.a.bad.example.com"}


def test_an_exception_between_keeps_a_row_on_the_list(ws: Workspace, subscribe: Subscribe) -> None:
    watched = (
        '[[rule]]\nname = "watch"\nwhen = { value = ["mid.bad.example.com"] }\n'
        'then = { action = "Alert only" }\n'
    )
    names = ("bad.example.com", "mid.bad.example.com", "low.mid.bad.example.com")
    objects = [named(n, name) for n, name in enumerate(names)]
    subscribe("acme", objects, rules=watched, default=FOREVER)
    synced(ws)
    assert values(ws) == set(names)


def test_a_hash_of_a_file_whose_strongest_is_listed_waits(
    ws: Workspace, subscribe: Subscribe
) -> None:
    sha, md5 = "1" * 64, "2" * 32
    both = f"[file:hashes.'SHA-256' = '{sha}' AND file:hashes.MD5 = '{md5}']"
    subscribe("acme", [indicator(1, both), indicator(2, f"[file:hashes.MD5 = '{md5}']")])
    synced(ws)
    assert values(ws) == {sha}


def test_a_row_that_takes_over_lives_as_long_as_what_it_covers(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    wide = subscribe("acme", [named(1, "bad.example.com")])
    synced(ws)
    watch.turn(days=3)
    subscribe("bolt", [named(2, "a.bad.example.com")])
    synced(ws)
    (child,) = (row for row in look.rows(ws) if row.value == "a.bad.example.com")
    watch.turn(days=1)
    wide.publish([named(1, "bad.example.com")], watch.now)
    synced(ws)
    (parent,) = look.rows(ws)
    assert parent.value == "bad.example.com"
    assert parent.expires is not None
    assert child.expires is not None
    assert parent.expires > child.expires
    watch.turn(days=1)
    wide.publish([named(1, "bad.example.com")], watch.now)
    assert synced(ws).plan.empty


def test_a_row_that_ages_out_covers_nothing_that_outlives_it(
    ws: Workspace, subscribe: Subscribe
) -> None:
    policy = subscribe("bolt", [named(1, "bad.example.com")], default=FOREVER).folder / "feed.toml"
    subscribe("acme", [named(2, "a.bad.example.com")], default=FOREVER)
    synced(ws)
    assert values(ws) == {"bad.example.com"}
    policy.write_text("enabled = false\n" + policy.read_text("utf-8"), "utf-8")
    synced(ws)
    assert values(ws) == {"bad.example.com", "a.bad.example.com"}
    assert evaluate(ws, active_feeds(ws)).plan.empty


def test_covered_rows_make_room_on_a_full_list(
    home: Home, subscribe: Subscribe, watch: Watch
) -> None:
    home.config_file.write_text("limit = 3\n" + DOCUMENTATION, "utf-8")
    ws = Workspace.open(home, clock=watch)
    low = [named(n, f"h{n}.example.net", confidence=10) for n in range(3)]
    high = [named(9 + n, f"a{n}.bad.example.com", confidence=99) for n in range(5)]
    subscribe("acme", [*low, *high, named(30, "bad.example.com", confidence=1)], default=FOREVER)
    synced(ws)
    assert values(ws) == {"bad.example.com", "h0.example.net", "h1.example.net"}
    again = evaluate(ws, active_feeds(ws))
    assert again.plan.empty
    ws.close()
