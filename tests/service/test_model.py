"""Random work on a home, held against a model after every step: list, history, undo and redo.

Two workspaces share the home, so each always finds what the other wrote. For a sync and an import
the model takes the plan's changes as given and checks what must hold of them; everything else it
foretells in full. `TIDEGATE_SOAK=1` runs the long campaign.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from driving.homes import DOCUMENTATION, FeedFolder, Watch, bundle, indicator, write_feed
from strategies.list_model import ListModel, Pair, Refused, Row, Step, identity, plain, plain_note
from strategies.list_model_undo import Standing, redos, undo_of_one, undos
from tidegate.config import Home
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.indicators.plan import SyncPlan
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.doctor.examine import examine
from tidegate.service.history import history
from tidegate.service.importing import plan_import
from tidegate.service.redo import plan_redos
from tidegate.service.reversal import Reversal, carry_out
from tidegate.service.snapshots import listing, plan_restore
from tidegate.service.suppressing import plan_release, plan_suppress
from tidegate.service.sync import SyncReport, sync
from tidegate.service.trail import Span
from tidegate.service.undo import plan_undo_of, plan_undos
from tidegate.service.workspace import Workspace
from tidegate.store import journal, tenant_store

SOAK = bool(os.environ.get("TIDEGATE_SOAK"))

LIMIT = 9
FEEDS = {"alpha": (70, "30d"), "beta": (40, "never")}
CONFIG = f"limit = {LIMIT}\n{DOCUMENTATION}[brake]\ncount = 100\npercent = 60\n"

numbers = st.integers(0, 7)
who = st.integers(0, 1)
picks = st.lists(st.integers(0, 20), min_size=1, max_size=3)
groups = st.sampled_from([(), ("lab",), ("lab", "office")])
days = st.none() | st.sampled_from([0.5, 3, 40])
given_fields = st.fixed_dictionaries(
    {},
    optional={
        "severity": st.sampled_from(Severity),
        "action": st.sampled_from([Action.ALERT_ONLY, Action.WARN, Action.ALLOW]),
        "title": st.sampled_from(["ours", "mine"]),
        "note": st.sampled_from(["", "seen"]),
        "groups": groups,
        "expires": days,
    },
).filter(bool)
objects = st.lists(
    st.tuples(numbers, st.sampled_from(["Sample", "Renamed"]), st.sampled_from([20, 60, 90])),
    max_size=7,
    unique_by=lambda item: item[0],
)


def domain(number: int) -> str:
    return f"h{number}.example.com"


def pairs(plan: SyncPlan) -> list[Pair]:
    """The rows of a plan, before and after."""
    return [
        (None if c.before is None else plain(c.before), None if c.after is None else plain(c.after))
        for c in plan.changes
    ]


def note_pairs(plan: SyncPlan) -> list[Pair]:
    """The same for its suppressions."""
    return [
        (
            None if c.before is None else plain_note(c.before),
            None if c.after is None else plain_note(c.after),
        )
        for c in plan.suppressions
    ]


def agree(product: Any, model: Any) -> None:  # noqa: ANN401 - rows, notes and pairs of them
    """Insist that both are the same, and name what is not."""
    if isinstance(product, dict):
        product, model = list(product.items()), list(model.items())
    only = [item for item in product if item not in model]
    missing = [item for item in model if item not in product]
    assert (only, missing) == ([], []), f"only the product has {only}, only the model {missing}"
    assert len(product) == len(model)


class ListMachine(RuleBasedStateMachine):
    """What people, cron and time do to a list."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="tidegate-model-"))
        self.home = Home(self.folder / "home")
        self.home.ensure()
        self.home.config_file.touch(mode=0o600)
        self.home.config_file.write_text(CONFIG, "utf-8")
        self.feeds: dict[str, FeedFolder] = {}
        for ident, (trust, expires) in FEEDS.items():
            default = f'action = "Alert and block"\nseverity = "High"\nexpires = "{expires}"\n'
            write_feed(self.home.feeds_dir / ident, trust=trust, default=default)
            self.feeds[ident] = FeedFolder(self.home.feeds_dir / ident)
        self.watch = Watch()
        self.model = ListModel(LIMIT, self.watch.now)
        self.spaces = [self._open("ana"), self._open("ben")]

    def _open(self, actor: str) -> Workspace:
        ws = Workspace.open(self.home, clock=self.watch)
        ws.actor = actor
        return ws

    def teardown(self) -> None:
        """Whatever happened, the home is as an examination wants it."""
        try:
            report = examine(self.home, clock=self.watch, environ={})
            assert not report.faults, report.faults
            for snapshot in listing(self.spaces[0]):
                state = self.spaces[0].store.snapshots.load(snapshot.id)
                rows, notes = self.model.past[snapshot.serial]
                assert {row.id: plain(row) for row in state.rows.values()} == rows
                assert len(state.suppressions) == len(notes)
        finally:
            for ws in self.spaces:
                ws.close()
            shutil.rmtree(self.folder)

    # What holds after every step.

    @invariant()
    def the_list_is_the_models(self) -> None:
        for ws in self.spaces:
            state = ws.store.state()
            assert state.serial == self.model.serial, ws.actor
            agree({ident: plain(row) for ident, row in state.rows.items()}, self.model.rows)
            notes = [plain_note(note) for note in state.suppressions.values()]
            agree(notes, list(self.model.notes.values()))
        shown = [plain(row) | {"rank": None} for row in look.rows(self.spaces[0])]
        agree(shown, self.model.active())
        assert len(shown) <= LIMIT
        assert len({identity(row) for row in shown}) == len(shown)
        theirs = [row for row in shown if row["origin"] == "feed"]
        known_as = [(row["value"], row["owned"].get("groups", row["groups"])) for row in theirs]
        assert len(set(known_as)) == len(known_as), "a feed knows two rows by one name"

    @invariant()
    def the_history_is_the_models(self) -> None:
        told = [step.entry for step in reversed(history(self.spaces[1]))]
        assert [entry.serial for entry in told] == list(range(1, self.model.serial + 1))
        standing = Standing.of(self.model)
        for shown in history(self.spaces[0]):
            assert shown.undone_by == standing.undone_by[shown.entry.serial], shown.entry
        for entry, step in zip(told, self.model.history, strict=True):
            self._same(
                step,
                SyncPlan(
                    "", 0, entry.door, "", entry.changes, entry.suppressions, undoes=entry.undoes
                ),
            )

    @invariant()
    def the_next_undo_and_redo_are_the_models(self) -> None:
        ws = self.spaces[0]
        self._foretold(lambda: undos(self.model, 1, ws.actor), lambda: plan_undos(ws))
        self._foretold(lambda: redos(self.model, 1), lambda: plan_redos(ws))

    def _foretold(
        self, told: Callable[[], list[Step]], make: Callable[[], Sequence[Reversal]]
    ) -> tuple[list[Step], Sequence[Reversal]]:
        """What the model foretells and what the product plans: the same, or both refuse."""
        try:
            steps: list[Step] | Refused = told()
        except Refused as refused:
            steps = refused
        if isinstance(steps, Refused):
            with pytest.raises(steps.kind):
                make()
            return [], ()
        found = make()
        assert len(steps) == len(found)
        for step, reversal in zip(steps, found, strict=True):
            self._same(step, reversal.plan)
        return steps, found

    @staticmethod
    def _same(step: Step, plan: SyncPlan) -> None:
        assert (plan.door, plan.undoes) == (step.door, step.undoes)
        agree(pairs(plan), step.rows)
        agree(note_pairs(plan), step.notes)

    def _do(
        self,
        ws: Workspace,
        told: Callable[[], Step],
        make: Callable[[], SyncPlan],
        since: int | None = None,
        *,
        rebase: bool = True,
    ) -> None:
        """Do a step on both sides; where the model refuses, the product does, and vice versa."""
        try:
            step = told()
            self.model.take(step, since=since, rebase=rebase)
        except Refused as refused:
            with pytest.raises(refused.kind):
                apply(ws, make(), rebase=rebase)
            return
        plan = make()
        self._same(step, plan)
        apply(ws, plan, rebase=rebase)

    # People.

    def _rows(self, chosen: Sequence[int]) -> list[Row]:
        active = self.model.active()
        found = {row["id"]: row for row in (active[n % len(active)] for n in chosen)}
        return list(found.values())

    def _held(self, ws: Workspace, rows: Sequence[Row]) -> list[Indicator]:
        state = ws.store.state()
        return [state.rows[row["id"]] for row in rows]

    def _given(self, fields: dict[str, Any]) -> dict[str, Any]:
        given = dict(fields)
        if isinstance(given.get("expires"), (int, float)):
            given["expires"] = self.watch.now + timedelta(days=given["expires"])
        return given

    def _new(self, plan: SyncPlan, values: Sequence[str], given: dict[str, Any]) -> list[Row]:
        """New rows as a person adds them; the ids are the plan's."""
        ids = {
            (c.after.value, c.after.groups): c.after.id
            for c in plan.changes
            if c.after is not None and c.before is None
        }
        now = self.watch.now
        return [
            plain(
                Indicator(
                    id=ids.get((value, given.get("groups", ())), ""),
                    type=IndicatorType.DOMAIN_NAME,
                    value=value,
                    created=now,
                    updated=now,
                    origin=Origin.MANUAL,
                    **{
                        "action": Action.ALERT_ONLY,
                        "severity": Severity.MEDIUM,
                        "title": "Added by hand",
                        "expires": now + timedelta(days=90),
                        **given,
                    },
                )
            )
            for value in dict.fromkeys(values)
        ]

    @rule(by=who, chosen=st.lists(numbers, min_size=1, max_size=3), fields=given_fields)
    def add(self, by: int, chosen: list[int], fields: dict[str, Any]) -> None:
        ws, given = self.spaces[by], self._given(fields)
        values = [domain(n) for n in chosen]
        plan = edit.plan_add(ws, values, edit.Fields(**given)).plan
        told = self.model.add(self._new(plan, values, given), given, "add")
        self._do(ws, lambda: told, lambda: plan)

    @rule(by=who, chosen=st.lists(numbers, min_size=1, max_size=3))
    def paste(self, by: int, chosen: list[int]) -> None:
        ws, values = self.spaces[by], [domain(n) for n in chosen]
        text = "\n".join(f"seen {value.replace('.', '[.]')} today" for value in values)
        plan = edit.plan_paste(ws, text, edit.Fields()).plan
        told = self.model.add(self._new(plan, values, {}), {}, "paste")
        self._do(ws, lambda: told, lambda: plan)

    @precondition(lambda self: self.model.active())
    @rule(by=who, chosen=picks, fields=given_fields)
    def edit(self, by: int, chosen: list[int], fields: dict[str, Any]) -> None:
        ws, rows, given = self.spaces[by], self._rows(chosen), self._given(fields)
        held = self._held(ws, rows)
        self._do(
            ws,
            lambda: self.model.edit(rows, given),
            lambda: edit.plan_edit(ws, held, edit.Fields(**given)).plan,
        )

    @precondition(lambda self: self.model.active())
    @rule(by=who, chosen=picks)
    def remove(self, by: int, chosen: list[int]) -> None:
        ws, rows = self.spaces[by], self._rows(chosen)
        held = self._held(ws, rows)
        self._do(
            ws,
            lambda: self.model.remove(rows, "not ours", ws.actor),
            lambda: edit.plan_remove(ws, held, "not ours").plan,
        )

    @precondition(lambda self: self.model.active())
    @rule(by=who, chosen=picks, pinned=st.booleans())
    def pin(self, by: int, chosen: list[int], pinned: bool) -> None:  # noqa: FBT001 - drawn
        ws, rows = self.spaces[by], self._rows(chosen)
        held = self._held(ws, rows)
        self._do(
            ws,
            lambda: self.model.pin(rows, pinned=pinned),
            lambda: edit.plan_pin(ws, held, pinned=pinned).plan,
        )

    @rule(by=who, number=numbers, scope=groups, term=days)
    def suppress(self, by: int, number: int, scope: tuple[str, ...], term: float | None) -> None:
        ws = self.spaces[by]
        until = None if term is None else self.watch.now + timedelta(days=term)
        note = {
            "type": IndicatorType.DOMAIN_NAME,
            "value": domain(number),
            "groups": scope or None,
            "reason": "noise",
            "actor": ws.actor,
            "created": self.watch.now,
            "until": until,
        }
        self._do(
            ws,
            lambda: self.model.suppress(note),
            lambda: plan_suppress(ws, domain(number), scope, "noise", until),
        )

    @rule(by=who, number=numbers)
    def release(self, by: int, number: int) -> None:
        ws = self.spaces[by]
        self._do(
            ws,
            lambda: self.model.release(domain(number)),
            lambda: plan_release(ws, [domain(number)]),
        )

    @precondition(lambda self: self.model.active())
    @rule(chosen=picks, number=numbers, fields=given_fields, rebase=st.booleans())
    def race(
        self,
        chosen: list[int],
        number: int,
        fields: dict[str, Any],
        rebase: bool,  # noqa: FBT001 - drawn
    ) -> None:
        """Somebody adds a value while somebody else thinks about an edit."""
        slow, quick = self.spaces
        rows, given, base = self._rows(chosen), self._given(fields), self.model.serial
        late = edit.plan_edit(slow, self._held(slow, rows), edit.Fields(**given)).plan
        told = self.model.edit(rows, given)
        plan = edit.plan_add(quick, [domain(number)], edit.Fields(note="first")).plan
        news = self._new(plan, [domain(number)], {"note": "first"})
        first = self.model.add(news, {"note": "first"}, "add")
        self._do(quick, lambda: first, lambda: plan)
        self._do(slow, lambda: told, lambda: late, base, rebase=rebase)

    # Back and forth.

    @rule(by=who, count=st.integers(1, 3))
    def undo(self, by: int, count: int) -> None:
        ws = self.spaces[by]
        self._carry_out(
            ws,
            *self._foretold(
                lambda: undos(self.model, count, ws.actor), lambda: plan_undos(ws, count)
            ),
        )

    @rule(by=who, count=st.integers(1, 3))
    def redo(self, by: int, count: int) -> None:
        ws = self.spaces[by]
        told = self._foretold(lambda: redos(self.model, count), lambda: plan_redos(ws, count))
        self._carry_out(ws, *told)

    @precondition(lambda self: self.model.serial)
    @rule(by=who, pick=st.integers(0, 40))
    def undo_one_in_the_middle(self, by: int, pick: int) -> None:
        ws, serial = self.spaces[by], 1 + pick % self.model.serial
        told = self._foretold(
            lambda: [undo_of_one(self.model, serial, ws.actor)],
            lambda: plan_undo_of(ws, Span(serial, serial)),
        )
        self._carry_out(ws, *told)

    def _carry_out(self, ws: Workspace, steps: list[Step], found: Sequence[Reversal]) -> None:
        if steps:
            for step in steps:
                self.model.take(step)
            carry_out(ws, found)

    @rule(by=who, pick=st.integers(0, 20))
    def restore(self, by: int, pick: int) -> None:
        ws = self.spaces[by]
        snapshots = listing(ws)
        if not snapshots:
            return
        chosen = snapshots[pick % len(snapshots)]
        found = plan_restore(ws, chosen.id)
        gone = [r for r in self.model.past[chosen.serial][0].values() if not self.model.lives(r)]
        assert len(found.left_out) == len(gone)
        self._do(ws, lambda: self.model.restore(chosen.serial), lambda: found.plan)
        rows, notes = self.model.past[chosen.serial]
        assert {r["id"]: r for r in self.model.active()} == {
            ident: row for ident, row in rows.items() if self.model.lives(row)
        }
        assert self.model.notes == notes

    # Feeds, files and others.

    def _publish(self, feed: str, said: list[tuple[int, str, int]]) -> None:
        self.feeds[feed].publish(
            [indicator(n, name=f"{name} {n}", confidence=sure) for n, name, sure in said],
            self.watch.now,
        )

    @rule(by=who, feed=st.sampled_from(sorted(FEEDS)), said=objects)
    def sync(self, by: int, feed: str, said: list[tuple[int, str, int]]) -> None:
        ws = self.spaces[by]
        self._publish(feed, said)
        planned = sync(ws, dry_run=True)
        done = self._synced(ws)
        assert done.plan == planned.plan, "a dry run equals the apply"
        again = self._synced(ws)
        # With rows held and rows come the brake's threshold is another.
        assert again.plan.empty or done.plan.held, "a second sync has nothing to do"

    @rule(by=who, first=objects, second=objects)
    def both_feeds_speak(
        self, by: int, first: list[tuple[int, str, int]], second: list[tuple[int, str, int]]
    ) -> None:
        self._publish("alpha", first)
        self._publish("beta", second)
        self._synced(self.spaces[by])

    @rule(by=who, said=objects)
    def nobody_applies_what_a_feed_says(self, by: int, said: list[tuple[int, str, int]]) -> None:
        self._publish("beta", said)
        sync(self.spaces[by], dry_run=True)

    def _synced(self, ws: Workspace) -> SyncReport:
        """Sync, and let the model take what it did once it is seen to be allowed."""
        done = sync(ws)
        for before, after in pairs(done.plan):
            self._may_sync(before, after)
        self.model.take(Step("sync", pairs(done.plan), note_pairs(done.plan)))
        return done

    def _may_sync(self, before: Row | None, after: Row | None) -> None:
        """What a feed may do: nothing to people's rows, fields and pins, nothing suppressed."""
        row = before or after or {}
        assert row["origin"] == "feed"
        if after is None:
            assert not row["pinned"]
        elif before is None:
            assert after["action"] is not Action.ALLOW
            for note in self.model.notes.values():
                over = note["until"] is not None and note["until"] <= self.watch.now
                meant = note["value"] == after["value"] and note["groups"] in (
                    None,
                    after["groups"],
                )
                assert over or not meant, "a suppressed row came back"
        else:
            assert before["owned"].keys() == after["owned"].keys()
            kept = ("id", "value", "created", "note", "pinned", "origin", *before["owned"])
            assert [before[name] for name in kept] == [after[name] for name in kept]

    @rule(by=who, said=objects, foreign=st.booleans(), whole=st.booleans())
    def import_file(
        self,
        by: int,
        said: list[tuple[int, str, int]],
        foreign: bool,  # noqa: FBT001 - drawn
        whole: bool,  # noqa: FBT001 - drawn
    ) -> None:
        ws = self.spaces[by]
        path = self.folder / "taken-in.json"
        path.write_bytes(bundle([indicator(n, name=f"{name} {n}") for n, name, _ in said]))
        origin = Origin.FOREIGN if foreign else Origin.MANUAL
        plan = plan_import(ws, path, origin, replace=whole and foreign).plan
        named = {domain(n) for n, _, _ in said}
        for before, after in pairs(plan):
            if after is None:
                assert before is not None
                displaced = before["origin"] == "feed" and not (before["pinned"] or before["owned"])
                replaced = before["origin"] == "foreign" and whole and before["value"] not in named
                assert foreign
                assert displaced or replaced
            else:
                assert after["origin"] == origin
                assert after["value"] in named
                if before is not None:
                    kept = ("id", "value", "groups", "created", "note", "pinned", "origin")
                    assert [before[n] for n in kept] == [after[n] for n in kept]
        self._do(ws, lambda: Step("import", pairs(plan)), lambda: plan)

    @rule(hours=st.sampled_from([0.001, 1, 20, 24 * 4, 24 * 31, 24 * 50]))
    def time_goes_by(self, hours: float) -> None:
        self.watch.turn(hours=hours)
        self.model.now = self.watch.now

    # The files.

    @rule(by=who)
    def a_process_ends_and_another_begins(self, by: int) -> None:
        self.spaces[by].close()
        self.spaces[by] = self._open(self.spaces[by].actor)

    @property
    def _folder(self) -> Path:
        return self.home.tenant_dir("default")

    @precondition(lambda self: self.model.serial)
    @rule(part=st.floats(0.01, 0.99))
    def a_crash_tears_an_append(self, part: float) -> None:
        path = self._folder / "journal.jsonl"
        files = sorted(self._folder.glob("journal-*.jsonl"))
        data = (path if path.exists() and path.stat().st_size else files[-1]).read_bytes()
        if not data.endswith(b"\n"):
            return  # torn already
        line = data.splitlines(keepends=True)[-1]
        path.touch(mode=0o600)
        with path.open("ab") as stream:
            stream.write(line[: max(1, int(len(line) * part))])

    @rule()
    def the_checkpoint_is_lost(self) -> None:
        (self._folder / "tenant.json").unlink(missing_ok=True)

    @initialize(said=objects)
    def begin(self, said: list[tuple[int, str, int]]) -> None:
        self._publish("alpha", said)
        self._synced(self.spaces[0])


@pytest.mark.skipif(sys.platform == "win32", reason="durability is not claimed there")
@pytest.mark.timeout(3600 if SOAK else 120)
def test_random_work_agrees_with_a_plain_model(monkeypatch: pytest.MonkeyPatch) -> None:
    # Small, so that checkpoints, snapshots and rotations come in the middle of everything.
    monkeypatch.setattr(tenant_store, "CHECKPOINT_EVERY", 5)
    monkeypatch.setattr(tenant_store, "BULK", 3)
    monkeypatch.setattr(journal, "ROTATE_AT", 6_000)
    run_state_machine_as_test(
        ListMachine,
        settings=settings(
            max_examples=1_000 if SOAK else 15,
            stateful_step_count=60 if SOAK else 25,
            derandomize=not SOAK,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
