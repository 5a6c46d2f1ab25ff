"""A person's word against a guard: only for guards that give way, only where they speak."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies.builders import row
from tidegate.errors import HeldBack, UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Origin
from tidegate.mapping.guard import FIXED_GUARDS, OVERRIDABLE, Guards, GuardSettings, Verdict
from tidegate.mapping.warninglist import Form, Warninglist
from tidegate.mapping.warninglist_match import Warninglists
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.overriding import asked, check, overriding, remedy
from tidegate.service.workspace import Workspace

WHY = "seen in an incident"
LIST = Warninglist(
    "ranges", "Ranges", Form.CIDR, ("8.8.8.8", "192.0.2.0/24"), frozenset(IndicatorType)
)
GUARDS = Guards(GuardSettings(own_addresses=("192.0.2.9",)), Warninglists([LIST]))


def address(value: str, **fields: object) -> Indicator:
    chosen = {"action": Action.ALERT_AND_BLOCK, **fields}
    return row(1, type=IndicatorType.IP_ADDRESS, value=value, **chosen)


@pytest.mark.parametrize("guard", FIXED_GUARDS)
def test_what_protects_the_tenant_is_never_overridden(guard: str) -> None:
    with pytest.raises(UsageError, match=f"nobody overrides the guard {guard}") as refused:
        asked([OVERRIDABLE[0], guard], WHY)
    assert all(name in refused.value.hint for name in OVERRIDABLE)


@pytest.mark.parametrize(
    ("guard", "near"),
    [("warnlist", "did you mean warninglist?"), ("Public-Resolver", "public_resolver?"), ("x", "")],
)
def test_an_unknown_guard_is_refused_with_the_nearest(guard: str, near: str) -> None:
    with pytest.raises(UsageError, match="no guard is called") as refused:
        asked([guard], WHY)
    assert near in refused.value.hint
    assert "one of public_resolver" in refused.value.hint


@pytest.mark.parametrize("reason", ["", " ", "\t\n"])
def test_an_override_needs_a_reason(reason: str) -> None:
    with pytest.raises(UsageError, match="needs a reason"):
        asked(["warninglist"], reason)


def test_a_reason_needs_an_override() -> None:
    with pytest.raises(UsageError, match="--override"):
        asked([], WHY)
    assert asked([], "") == {}


def test_what_is_asked_for_is_a_reason_for_each_guard() -> None:
    found = asked(["warninglist", "documentation", "warninglist"], f" {WHY} ")
    assert found == {"warninglist": WHY, "documentation": WHY}
    check(found)


@given(st.text(max_size=8), st.text(max_size=8))
def test_any_text_is_taken_or_refused_as_usage(guard: str, reason: str) -> None:
    try:
        found = asked([guard], reason)
    except UsageError:
        return
    assert set(found) <= set(OVERRIDABLE)
    assert all(text.strip() for text in found.values())


def test_only_the_guards_that_speak_are_kept() -> None:
    every = dict.fromkeys(OVERRIDABLE, WHY)
    made, notes = overriding(GUARDS, address("8.8.8.8"), every)
    assert made.overrides == {"public_resolver": WHY, "warninglist": WHY}
    assert "homoglyph has nothing against it: not overridden" in notes
    assert "documentation has nothing against it: not overridden" in notes
    assert not GUARDS.check(made.type, made.value, made.action, made.overrides).stops(made.action)


@pytest.mark.parametrize(
    "one",
    [
        address("203.0.114.7"),
        address("8.8.8.8", action=Action.ALLOW),
        # Another guard refuses it, whatever this one says.
        address("192.0.2.9"),
        address("127.0.0.1"),
    ],
    ids=lambda one: f"{one.value} {one.action}",
)
def test_nothing_is_kept_where_no_such_guard_speaks(one: Indicator) -> None:
    made, notes = overriding(GUARDS, one, {"public_resolver": WHY})
    assert made is one
    assert notes == ("public_resolver has nothing against it: not overridden",)


def test_a_downgrade_is_overridden_for_blocks_only() -> None:
    guards = Guards(GuardSettings(public_resolver=Verdict.DOWNGRADE))
    wanted = {"public_resolver": WHY}
    made, _ = overriding(guards, address("8.8.8.8"), wanted)
    assert made.overrides == wanted
    alert, notes = overriding(guards, address("8.8.8.8", action=Action.ALERT_ONLY), wanted)
    assert (alert.overrides, len(notes)) == ({}, 1)


def test_a_later_override_joins_the_earlier_and_renews_its_reason() -> None:
    held = address("8.8.8.8", overrides={"public_resolver": "old"})
    made, _ = overriding(GUARDS, held, {"warninglist": WHY})
    assert made.overrides == {"public_resolver": "old", "warninglist": WHY}
    made, _ = overriding(GUARDS, made, {"public_resolver": "new"})
    assert made.overrides == {"public_resolver": "new", "warninglist": WHY}


def test_a_row_of_a_feed_that_may_not_name_it_any_more_is_pointed_out() -> None:
    wanted = {"public_resolver": WHY, "warninglist": WHY}
    theirs = address("8.8.8.8", origin=Origin.FEED)
    _, notes = overriding(GUARDS, theirs, wanted)
    assert sum("the next sync removes it" in note for note in notes) == 2
    _, notes = overriding(GUARDS, dataclasses.replace(theirs, pinned=True), wanted)
    assert not any("the next sync removes it" in note for note in notes)


@pytest.mark.parametrize(
    ("one", "options"),
    [
        (
            address("8.8.8.8"),
            "--override public_resolver --override warninglist --reason TEXT",
        ),
        (address("8.8.8.8", overrides={"warninglist": WHY}), "--override public_resolver"),
        (address("192.0.2.1"), "--override warninglist --override documentation --reason TEXT"),
        (address("192.0.2.9"), ""),
        (address("127.0.0.1"), ""),
    ],
)
def test_a_refusal_names_every_option_that_it_takes_or_none(one: Indicator, options: str) -> None:
    found = remedy(GUARDS, one)
    assert found.startswith(options)
    assert bool(found) is bool(options)
    if found:
        names = found.removesuffix(" --reason TEXT").removeprefix("--override ")
        made, _ = overriding(GUARDS, one, dict.fromkeys(names.split(" --override "), WHY))
        finding = GUARDS.check(made.type, made.value, made.action, made.overrides)
        assert not finding.stops(made.action)


# -- at the doors where people name rows ------------------------------------------------------


def test_add_and_edit_take_it_and_the_journal_holds_it(ws: Workspace) -> None:
    block = Fields(action=Action.ALERT_AND_BLOCK, overrides={"public_resolver": WHY})
    refused = edit.plan_add(ws, ["8.8.8.8"], Fields())
    (line,) = refused.lines
    assert (line.verdict, line.hint) == (
        "refused",
        "add --override public_resolver --reason TEXT",
    )
    preview = edit.plan_add(ws, ["8.8.8.8", "203.0.113.7"], block)
    assert [item.verdict for item in preview.lines] == ["add", "add"]
    assert preview.lines[1].warnings[0] == "public_resolver has nothing against it: not overridden"
    apply(ws, preview.plan)
    held = {item.value: item.overrides for item in look.rows(ws)}
    assert held == {"8.8.8.8": {"public_resolver": WHY}, "203.0.113.7": {}}
    (entry,) = ws.store.entries()
    assert {c.row.value: c.row.overrides for c in entry.changes} == held


def test_a_paste_takes_it_for_the_rows_that_need_it(ws: Workspace) -> None:
    fields = Fields(overrides={"public_resolver": WHY})
    preview = edit.plan_paste(ws, "8.8.8.8 and 1.1.1.1, not login.microsoft.com", fields)
    assert [line.verdict for line in preview.lines] == ["add", "add", "refused"]
    assert preview.lines[2].hint == ""


def test_an_edit_may_say_nothing_else_and_leaves_what_it_finds(ws: Workspace) -> None:
    allow = Fields(action=Action.ALLOW)
    apply(ws, edit.plan_add(ws, ["8.8.8.8"], allow).plan)
    (held,) = look.rows(ws)
    word = {"public_resolver": WHY}
    (line,) = edit.plan_edit(ws, [held], Fields(overrides=word)).lines
    assert (line.verdict, line.warnings) == (
        "unchanged",
        ("public_resolver has nothing against it: not overridden",),
    )
    block = Fields(action=Action.BLOCK)
    assert edit.plan_edit(ws, [held], block).refused
    preview = edit.plan_edit(ws, [held], dataclasses.replace(block, overrides=word))
    assert preview.lines[0].detail == "action, overrides"
    apply(ws, preview.plan)
    (held,) = look.rows(ws)
    (line,) = edit.plan_edit(ws, [held], Fields(overrides={"public_resolver": "another"})).lines
    assert (line.verdict, line.detail) == ("update", "overrides")
    apply(ws, edit.plan_edit(ws, [held], allow).plan)
    (held,) = look.rows(ws)
    assert held.overrides == word


@pytest.mark.parametrize("overrides", [{"own": WHY}, {"warninglist": " "}, {"nobody": WHY}])
def test_no_caller_gets_past_the_checks(ws: Workspace, overrides: dict[str, str]) -> None:
    fields = Fields(overrides=overrides)
    with pytest.raises(UsageError, match="--override"):
        edit.plan_add(ws, ["8.8.8.8"], fields)
    with pytest.raises(UsageError, match="--override"):
        edit.plan_paste(ws, "8.8.8.8", fields)
    with pytest.raises(UsageError, match="--override"):
        edit.plan_edit(ws, [], fields)


def test_a_row_that_says_it_overrides_what_nobody_can_is_refused(ws: Workspace) -> None:
    preview = edit.plan_add(ws, ["h1.example.com"], Fields())
    change = preview.plan.changes[0]
    forged = dataclasses.replace(
        change.row, value="login.microsoft.com", overrides=dict.fromkeys(FIXED_GUARDS, WHY)
    )
    plan = dataclasses.replace(preview.plan, changes=(dataclasses.replace(change, after=forged),))
    with pytest.raises(HeldBack, match="guard protected refuses"):
        apply(ws, plan)


def test_taking_the_word_back_asks_the_guards_again(ws: Workspace) -> None:
    fields = Fields(action=Action.BLOCK, overrides={"public_resolver": WHY})
    preview = edit.plan_add(ws, ["8.8.8.8"], fields)
    apply(ws, preview.plan)
    (stored,) = ws.store.state().rows.values()
    bare = dataclasses.replace(stored, overrides={})
    change = dataclasses.replace(preview.plan.changes[0], before=stored, after=bare)
    plan = dataclasses.replace(
        preview.plan, changes=(change,), serial=1, lineage=ws.store.state().lineage
    )
    with pytest.raises(HeldBack, match="guard public_resolver refuses"):
        apply(ws, plan)
