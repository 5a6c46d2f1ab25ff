"""Judging: each object once for each basis, and the same as if all were judged anew."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driving.homes import DOCUMENTATION, START, FeedFolder, Watch, indicator, write_feed
from tidegate.clock import stamp
from tidegate.config import Home
from tidegate.ledger.evaluation import ended_in, proposals, rejections
from tidegate.ledger.judging import save_evaluation
from tidegate.mapping.translate import translate
from tidegate.service import evaluating
from tidegate.service.evaluating import evaluate_feeds
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace, active_feeds

Subscribe = Callable[..., FeedFolder]
Judged = list[str]


@pytest.fixture(name="judged")
def _judged(monkeypatch: pytest.MonkeyPatch) -> Judged:
    """The ids of objects in the order in which they are judged."""
    seen: Judged = []
    real = translate

    def noting(told: Any, *rest: Any) -> Any:  # noqa: ANN401 - passed on
        seen.append(told.id)
        return real(told, *rest)

    monkeypatch.setattr(evaluating, "translate", noting)
    return seen


def come(ws: Workspace, *items: dict[str, Any], whole: bool = False) -> None:
    """Let a feed say these."""
    run = ws.ledger.start_run("acme", ws.clock())
    ws.ledger.add_page(
        "acme", run, items, junk=0, cursor=None if whole else "c", whole=whole, now=ws.clock()
    )
    ws.ledger.finish_run("acme", run, whole=whole, published=None, now=ws.clock())


NEVER = 'action = "Alert and block"\nexpires = "never"\n'


def judge(ws: Workspace) -> None:
    evaluate_feeds(ws, active_feeds(ws))


def results(ws: Workspace) -> tuple[object, ...]:
    """All that an evaluation leaves, whoever asks."""
    state = ws.ledger.feed("acme")
    return (
        sorted(proposals(ws.ledger, ["acme"])),
        sorted(rejections(ws.ledger), key=repr),
        sorted(ended_in(ws.ledger, indicator(n)["id"]) for n in range(9)),
        (state.indicators, state.mapped, state.rejected, state.ended, state.candidates),
    )


def test_what_stands_is_not_judged_again(
    ws: Workspace, subscribe: Subscribe, judged: Judged
) -> None:
    subscribe("acme", default=NEVER)
    come(ws, indicator(1), indicator(2))
    judge(ws)
    assert len(judged) == 2
    judge(ws)
    assert len(judged) == 2
    come(ws, indicator(2), indicator(3))
    judge(ws)
    assert judged[2:] == [indicator(3)["id"]]
    come(ws, indicator(2, name="new", modified="2026-03-01T00:00:00Z"))
    judge(ws)
    assert judged[3:] == [indicator(2)["id"]]
    assert {p.value for p in proposals(ws.ledger, ["acme"])} == {
        f"h{n}.example.com" for n in (1, 2, 3)
    }


def test_what_has_gone_is_gone(ws: Workspace, subscribe: Subscribe, judged: Judged) -> None:
    subscribe("acme", default=NEVER)
    come(ws, indicator(1), indicator(2), whole=True)
    judge(ws)
    come(ws, indicator(2), whole=True)
    judge(ws)
    assert len(judged) == 2
    assert [p.value for p in proposals(ws.ledger, ["acme"])] == ["h2.example.com"]
    assert ws.ledger.feed("acme").indicators == 1


def test_an_end_and_a_beginning_come_at_their_time(
    ws: Workspace, subscribe: Subscribe, watch: Watch, judged: Judged
) -> None:
    subscribe("acme", default=NEVER)
    soon, late = (stamp(START + timedelta(days=d)) for d in (1, 2))
    come(ws, indicator(1, valid_until=soon), indicator(2, valid_from=late), indicator(3))
    judge(ws)
    assert ws.ledger.feed("acme").mapped == 2
    del judged[:]
    watch.turn(days=1)
    judge(ws)
    assert judged == [indicator(1)["id"]]
    assert ended_in(ws.ledger, indicator(1)["id"])
    watch.turn(days=1)
    judge(ws)
    assert judged[1:] == [indicator(2)["id"]]
    assert {p.value for p in proposals(ws.ledger, ["acme"])} == {"h2.example.com", "h3.example.com"}


def test_an_age_that_a_rule_asks_for_is_noticed(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    rule = '[[rule]]\nname = "old"\nwhen = { age = ">=2d" }\nthen = { action = "skip" }\n'
    subscribe("acme", rules=rule, default=NEVER)
    come(ws, indicator(1, modified=stamp(START), created=stamp(START)))
    judge(ws)
    assert len(list(proposals(ws.ledger, ["acme"]))) == 1
    watch.turn(days=2, seconds=1)
    judge(ws)
    assert [r.code for r in rejections(ws.ledger)] == ["policy_skip"]


def test_evidence_from_the_future_moves_with_every_pull(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    subscribe("acme", default=NEVER)
    come(ws, indicator(1, modified=stamp(START + timedelta(days=30))))
    judge(ws)
    watch.turn(days=3)
    come(ws, indicator(2))
    judge(ws)
    assert {p.value: p.vouched for p in proposals(ws.ledger, ["acme"])}[
        "h1.example.com"
    ] == watch.now.timestamp()


def test_a_publication_from_the_future_is_dated_by_each_pull_and_judged_once(
    ws: Workspace, subscribe: Subscribe, watch: Watch, judged: Judged
) -> None:
    subscribe("acme", default=NEVER)
    date = START + timedelta(days=2)
    for days in (0, 1, 2, 0):
        watch.turn(days=days)
        asked = watch.now
        run = ws.ledger.start_run("acme", watch.now)
        ws.ledger.add_page("acme", run, [indicator(1)], junk=0, cursor=None, whole=True, now=asked)
        ws.ledger.finish_run("acme", run, whole=True, published=date, now=asked)
        for _ in range(3):
            watch.turn(minutes=1)
            judge(ws)
        assert [p.vouched for p in proposals(ws.ledger, ["acme"])] == [min(asked, date).timestamp()]
    assert len(judged) == 3


@pytest.mark.parametrize("changed", ["policy", "guards", "dialect", "context", "publication"])
def test_another_basis_lets_all_be_judged_again(
    home: Home, subscribe: Subscribe, watch: Watch, judged: Judged, changed: str
) -> None:
    feed = subscribe("acme", [indicator(1), indicator(2)], default=NEVER)
    ws = Workspace.open(home, clock=watch)
    sync(ws)
    assert len(judged) == 2
    judge(ws)
    assert len(judged) == 2
    if changed == "policy":
        policy = feed.folder / "feed.toml"
        policy.write_text(policy.read_text("utf-8").replace("trust = 70", "trust = 71"), "utf-8")
    elif changed == "context":
        link: dict[str, Any] = {
            "type": "relationship",
            "id": "relationship--1",
            "relationship_type": "indicates",
            "source_ref": indicator(1)["id"],
            "target_ref": "malware--1",
        }
        ws.ledger.add_page("acme", 1, [link], junk=0, cursor=None, whole=True, now=watch.now)
    elif changed == "publication":
        watch.turn(days=1)
        feed.publish([indicator(1), indicator(2)], watch.now)
        sync(ws)
    else:
        own = '[own]\ndomains = ["other.example.org"]\n'
        text = own + DOCUMENTATION if changed == "guards" else 'dialect = "seed"\n' + DOCUMENTATION
        home.config_file.write_text(text, "utf-8")
    ws.close()
    again = Workspace.open(home, clock=watch)
    judge(again)
    again.close()
    assert len(judged) == 4


def test_what_changes_while_others_are_judged_is_judged_next(
    ws: Workspace, subscribe: Subscribe, judged: Judged, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe("acme", default=NEVER)
    real = save_evaluation
    later = [indicator(1, modified="2026-03-01T00:00:00Z", name="new"), indicator(2)]

    def slow(ledger: Any, feed: str, found: Any, *rest: Any, **named: Any) -> bool:  # noqa: ANN401 - passed on
        found = list(found)
        if later:
            come(ws, *later)
            later.clear()
        return real(ledger, feed, found, *rest, **named)

    monkeypatch.setattr(evaluating, "save_evaluation", slow)
    come(ws, indicator(1))
    judge(ws)
    judge(ws)
    assert {p.value for p in proposals(ws.ledger, ["acme"])} == {"h1.example.com", "h2.example.com"}
    assert judged.count(indicator(1)["id"]) == 2
    judge(ws)
    assert len(judged) == 3


@pytest.mark.parametrize("others", ["a newer version", "other rules"])
def test_an_evaluation_that_another_process_overtook_is_made_anew(
    home: Home,
    subscribe: Subscribe,
    watch: Watch,
    monkeypatch: pytest.MonkeyPatch,
    others: str,
) -> None:
    policy = subscribe("acme", default=NEVER).folder / "feed.toml"
    text = policy.read_text("utf-8")
    ws, rival = (Workspace.open(home, clock=watch) for _ in range(2))
    come(ws, indicator(1), indicator(3))
    judge(ws)
    named = "[domain-name:value = '{}.example.com']"
    come(ws, indicator(1, modified="2026-02-01T00:00:00Z", pattern=named.format("old")))
    real, turns = save_evaluation, iter([True])

    def slow(ledger: Any, feed: str, found: Any, *rest: Any, **more: Any) -> bool:  # noqa: ANN401 - passed on
        found = list(found)
        if next(turns, False):
            if others == "other rules":
                policy.write_text(text.replace("trust = 70", "trust = 20"), "utf-8")
            come(rival, indicator(1, modified="2026-03-01T00:00:00Z", pattern=named.format("new")))
            judge(rival)
        return real(ledger, feed, found, *rest, **more)

    monkeypatch.setattr(evaluating, "save_evaluation", slow)
    mine = active_feeds(ws)
    evaluate_feeds(ws, mine)
    assert {(p.value, p.trust) for p in proposals(ws.ledger, ["acme"])} == {
        ("h3.example.com", 70),
        ("new.example.com", 70),
    }
    policy.write_text(text, "utf-8")
    evaluate_feeds(rival, mine)
    assert {p.trust for p in proposals(rival.ledger, ["acme"])} == {70}
    ws.close()
    rival.close()


def test_what_ended_by_a_wrong_clock_is_not_over(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    subscribe("acme", default=NEVER)
    come(ws, indicator(1, valid_until=stamp(START + timedelta(days=30))))
    for days, alive in ((0, 1), (3_650, 0), (-3_650, 1), (31, 0)):
        watch.turn(days=days)
        judge(ws)
        assert len(list(proposals(ws.ledger, ["acme"]))) == alive


@pytest.mark.parametrize("ident", ["x--1", None])
def test_context_is_told_by_its_type_and_not_by_its_id(
    ws: Workspace, subscribe: Subscribe, ident: str | None
) -> None:
    subscribe("acme", default=NEVER)
    come(ws, indicator(1), whole=True)
    judge(ws)
    seen: dict[str, Any] = {"type": "sighting", "count": 5, "sighting_of_ref": indicator(1)["id"]}
    if ident is not None:
        seen["id"] = ident
    for items, sightings in (([indicator(1), seen], 5), ([indicator(1)], 0)):
        come(ws, *items, whole=True)
        judge(ws)
        assert [p.sightings for p in proposals(ws.ledger, ["acme"])] == [sightings]


def test_a_list_that_is_switched_off_or_changes_while_a_session_goes_on_is_noticed(
    home: Home, subscribe: Subscribe, watch: Watch
) -> None:
    config = f'{DOCUMENTATION}warninglists = "lists"\n'
    home.config_file.write_text(config, "utf-8")
    busy = home.root / "lists" / "busy.json"
    busy.parent.mkdir()

    def listing(*names: str) -> None:
        said = {"name": "Busy", "type": "hostname", "version": 1, "list": names}
        busy.write_bytes(orjson.dumps(said))

    def alive(session: Workspace) -> int:
        judge(session)
        return len(list(proposals(session.ledger, ["acme"])))

    subscribe("acme", default=NEVER)
    pattern = "[domain-name:value = 'busy-shop.net']"
    listing("else.example.com")
    long = Workspace.open(home, clock=watch)
    come(long, indicator(1, pattern))
    assert alive(long) == 1
    listing("busy-shop.net")
    assert alive(long) == 1  # it has read the lists, and goes by them
    again = Workspace.open(home, clock=watch)
    assert alive(again) == 0
    again.close()
    home.config_file.write_text(f'{config}[guards.lists]\nbusy = "off"\n', "utf-8")
    again = Workspace.open(home, clock=watch)
    assert alive(again) == 1
    again.close()
    long.close()


def test_a_ledger_that_may_not_be_written_to_is_evaluated_aside(
    home: Home, ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    subscribe("acme", default=NEVER)
    come(ws, indicator(1))
    ws.close()
    before = {path: path.read_bytes() for path in home.root.glob("ledger*")}
    looking = Workspace.open(home, clock=watch, read_only=True)
    judge(looking)
    assert [p.value for p in proposals(looking.ledger, ["acme"])] == ["h1.example.com"]
    assert looking.ledger.feed("acme").mapped == 1
    judge(looking)
    looking.close()
    assert {path: path.read_bytes() for path in home.root.glob("ledger*")} == before


steps = st.lists(
    st.tuples(
        st.sampled_from(["come", "publish", "turn", "judge", "policy"]),
        st.lists(
            st.tuples(
                st.integers(0, 4),
                st.integers(1, 3),
                st.sampled_from(["plain", "revoked", "cidr", "ends", "begins", "file"]),
            ),
            max_size=4,
        ),
    ),
    max_size=8,
)


def _object(number: int, version: int, kind: str) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        "plain": {},
        "revoked": {"revoked": True},
        "cidr": {"pattern": "[ipv4-addr:value = '198.51.100.0/24']"},
        "ends": {"valid_until": stamp(START + timedelta(days=version))},
        "begins": {"valid_from": stamp(START + timedelta(days=version))},
        "file": {
            "pattern": f"[file:hashes.MD5 = '{'ab' * 16}' OR file:hashes.'SHA-256' = "
            f"'{number:064x}']"
        },
    }
    return {**indicator(number, modified=f"2026-03-0{version}T00:00:00Z"), **kinds[kind]}


@settings(max_examples=25)
@given(steps)
def test_judging_step_by_step_is_judging_all_at_once(
    tmp_path_factory: pytest.TempPathFactory,
    script: list[tuple[str, list[tuple[int, int, str]]]],
) -> None:
    root: Path = tmp_path_factory.mktemp("home")
    home, watch = Home(root), Watch()
    home.ensure()
    home.config_file.write_text(DOCUMENTATION, "utf-8")
    policy = write_feed(home.feeds_dir / "acme", [], default=NEVER).folder / "feed.toml"
    ws = Workspace.open(home, clock=watch)
    for what, objects in script:
        if what == "judge":
            judge(ws)
        elif what == "turn":
            watch.turn(hours=13)
        elif what == "policy":
            trust = "trust = 71" if "trust = 70" in policy.read_text("utf-8") else "trust = 70"
            text = re.sub("trust = [0-9]+", trust, policy.read_text("utf-8"))
            policy.write_text(text, "utf-8")
            ws.close()
            ws = Workspace.open(home, clock=watch)
        else:
            come(ws, *(_object(*each) for each in objects), whole=what == "publish")
    judge(ws)
    found = results(ws)
    ws.ledger.link.execute("DELETE FROM evaluated")
    judge(ws)
    assert results(ws) == found
    ws.close()
