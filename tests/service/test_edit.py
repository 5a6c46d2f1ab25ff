"""Changes by hand as previews."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driving.homes import DOCUMENTATION, START, FeedFolder, Watch, indicator
from tidegate.config import Home
from tidegate.errors import InvalidValue, UsageError
from tidegate.indicators.kinds import Action, Dialect, IndicatorType, Severity, supported
from tidegate.indicators.limits import TITLE_LENGTH
from tidegate.indicators.plan import Op
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.preview import Preview
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]
VALUES = {
    IndicatorType.FILE_SHA256: "1" * 64,
    IndicatorType.FILE_SHA1: "2" * 40,
    IndicatorType.FILE_MD5: "3" * 32,
    IndicatorType.IP_ADDRESS: "203.0.113.7",
    IndicatorType.DOMAIN_NAME: "h1.example.com",
    IndicatorType.URL: "http://h1.example.com/",
    IndicatorType.CERTIFICATE: "4" * 40,
}


def verdicts(preview: Preview) -> list[str]:
    return [line.verdict for line in preview.lines]


def added(ws: Workspace, *values: str, fields: Fields | None = None) -> None:
    preview = edit.plan_add(ws, values, fields or Fields())
    assert not preview.refused
    apply(ws, preview.plan)


def test_fields_say_only_what_was_set() -> None:
    assert Fields().given() == {}
    assert Fields(expires=None, title="").given() == {"expires": None, "title": ""}
    assert Fields(groups=(" b", "a", "b")).given() == {"groups": ("a", "b")}


def test_an_expiry_is_cut_to_what_an_export_can_say() -> None:
    moment = START + timedelta(microseconds=1999)
    assert Fields(expires=moment).given() == {"expires": START + timedelta(milliseconds=1)}


def test_a_bare_add_alerts_and_does_not_live_for_ever(ws: Workspace) -> None:
    preview = edit.plan_add(ws, ["h1[.]example[.]com"], Fields())
    row = preview.plan.changes[0].row
    assert (row.action, row.severity) == (Action.ALERT_ONLY, Severity.MEDIUM)
    assert row.expires == START + edit.DEFAULT_TERM
    assert verdicts(preview) == ["add"]
    assert look.rows(ws) == ()  # a preview changes nothing


def test_a_value_on_the_list_becomes_an_update(ws: Workspace) -> None:
    added(ws, "h1.example.com")
    preview = edit.plan_add(ws, ["H1.EXAMPLE.COM"], Fields(severity=Severity.HIGH))
    assert verdicts(preview) == ["update"]
    assert preview.lines[0].detail == "severity"
    preview = edit.plan_add(ws, ["h1.example.com"], Fields())
    assert (verdicts(preview), preview.plan.empty) == (["unchanged"], True)


def test_an_expired_row_can_be_added_again(ws: Workspace, watch: Watch) -> None:
    added(ws, "h1.example.com")
    watch.turn(days=100)
    added(ws, "h1.example.com")
    assert len(look.rows(ws)) == 1


def test_every_line_is_answered(ws: Workspace) -> None:
    preview = edit.plan_add(
        ws, ["h1.example.com", "what?", "h1.example.com", "microsoft.com"], Fields()
    )
    assert verdicts(preview) == ["add", "refused", "duplicate", "refused"]
    assert [line.text for line in preview.refused] == ["what?", "microsoft.com"]
    assert all(line.detail for line in preview.refused)


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("kind", IndicatorType)
def test_the_table_of_types_and_actions_stands_at_add_and_edit(
    home: Home, watch: Watch, dialect: Dialect, kind: IndicatorType
) -> None:
    home.config_file.write_text(f'dialect = "{dialect}"\n{DOCUMENTATION}')
    ws = Workspace.open(home, clock=watch)
    for action in Action:
        preview = edit.plan_add(ws, [VALUES[kind]], Fields(action=action), kind)
        # Allow is what special-purpose values refuse, and none of these is one.
        assert bool(preview.refused) is not supported(dialect, kind, action), action
    apply(ws, edit.plan_add(ws, [VALUES[kind]], Fields(action=Action.ALERT_AND_BLOCK), kind).plan)
    for action in Action:
        preview = edit.plan_edit(ws, look.rows(ws), Fields(action=action))
        assert bool(preview.refused) is not supported(dialect, kind, action), action


def test_a_field_set_on_a_feeds_row_is_owned(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    apply(ws, edit.plan_edit(ws, look.rows(ws), Fields(severity=Severity.LOW, note="n")).plan)
    row = look.rows(ws)[0]
    assert dict(row.owned) == {"severity": Severity.HIGH}
    assert row.note == "n"  # feeds have no notes to give: nothing to own
    apply(ws, edit.plan_edit(ws, [row], Fields(severity=Severity.MEDIUM)).plan)
    assert dict(look.rows(ws)[0].owned) == {"severity": Severity.HIGH}


def test_a_row_moved_to_another_scope_stays_there(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    apply(ws, edit.plan_edit(ws, look.rows(ws), Fields(groups=("servers",))).plan)
    assert sync(ws).plan.empty
    assert [row.groups for row in look.rows(ws)] == [("servers",)]


def test_two_rows_never_get_the_same_identity(ws: Workspace) -> None:
    added(ws, "h1.example.com")
    added(ws, "h1.example.com", fields=Fields(groups=("a",)))
    preview = edit.plan_edit(ws, look.rows(ws), Fields(groups=("b",)))
    assert sorted(verdicts(preview)) == ["refused", "update"]
    apply(ws, preview.plan)
    assert len({row.key for row in look.rows(ws)}) == 2


def test_an_edit_needs_a_field_and_an_expiry_a_future(ws: Workspace) -> None:
    added(ws, "h1.example.com")
    with pytest.raises(UsageError, match="nothing to change"):
        edit.plan_edit(ws, look.rows(ws), Fields())
    preview = edit.plan_edit(ws, look.rows(ws), Fields(expires=START))
    assert "past" in preview.refused[0].detail
    preview = edit.plan_add(ws, ["h2.example.com"], Fields(expires=START))
    assert "past" in preview.refused[0].detail


def test_long_texts_are_cut_to_what_defender_takes(ws: Workspace) -> None:
    added(ws, "h1.example.com", fields=Fields(title="t" * 5000))
    assert len(look.rows(ws)[0].title) == TITLE_LENGTH


def test_removing_a_feeds_row_leaves_one_suppression(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1), indicator(2)])
    sync(ws)
    added(ws, "mine.example.com")
    preview = edit.plan_remove(ws, look.rows(ws), "enough")
    assert (preview.plan.count(Op.REMOVE), len(preview.plan.suppressions)) == (3, 2)
    apply(ws, preview.plan)
    notes = list(ws.store.state().suppressions.values())
    assert {(n.value, n.reason) for n in notes} == {
        ("h1.example.com", "enough"),
        ("h2.example.com", "enough"),
    }
    assert sync(ws).plan.counts.suppressed == 2


def test_pins_are_set_and_lifted_once(ws: Workspace) -> None:
    added(ws, "h1.example.com")
    preview = edit.plan_pin(ws, look.rows(ws), pinned=True)
    assert verdicts(preview) == ["update"]
    apply(ws, preview.plan)
    assert verdicts(edit.plan_pin(ws, look.rows(ws), pinned=True)) == ["unchanged"]
    assert verdicts(edit.plan_pin(ws, look.rows(ws), pinned=False)) == ["update"]


def test_read_value_takes_the_type_that_is_named(ws: Workspace) -> None:
    assert edit.read_value("4" * 40) == (IndicatorType.FILE_SHA1, "4" * 40)
    assert edit.read_value("4" * 40, IndicatorType.CERTIFICATE)[0] is IndicatorType.CERTIFICATE
    with pytest.raises(InvalidValue):
        edit.read_value("h1.example.com", IndicatorType.IP_ADDRESS)


@settings(max_examples=40)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=30),
            st.integers(0, 255).map(lambda n: f"203[.]0[.]113[.]{n}"),
            st.integers(0, 50).map(lambda n: f"hxxp://h{n}[.]example[.]com/"),
        ),
        max_size=12,
    )
)
def test_a_paste_is_answered_whatever_it_holds(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str]
) -> None:
    home = Home(tmp_path_factory.getbasetemp() / "paste")
    home.ensure()
    home.config_file.write_text(DOCUMENTATION)
    ws = Workspace.open(home)
    text = "\n".join(parts)
    preview = edit.plan_paste(ws, text, Fields(action=Action.ALERT_AND_BLOCK))
    assert verdicts(preview).count("add") == len(preview.plan.changes)
    lines = text.count("\n") + 1
    assert all(line.line is not None and line.line >= 1 for line in preview.lines)
    if "\r" not in text and text.isprintable():
        assert all((line.line or 0) <= lines for line in preview.lines)
    assert len({change.row.key for change in preview.plan.changes}) == len(preview.plan.changes)
