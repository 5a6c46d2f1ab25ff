"""Rows as a text: it reads back as it was written, and a fault names its line and field."""

from __future__ import annotations

import pytest

from driving.homes import DOCUMENTATION, Watch
from tidegate.config import Home
from tidegate.errors import UsageError
from tidegate.indicators.kinds import Severity
from tidegate.service import look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields, plan_add
from tidegate.service.row_document import document, plan_document
from tidegate.service.workspace import Workspace

HOSTILE = 'say "hi"\\ \x1b[2J\x7f\u202e\nsecond line é'


@pytest.fixture(name="listed")
def _listed(home: Home, watch: Watch) -> Workspace:
    home.config_file.write_text(DOCUMENTATION + '[[group]]\nname = "Servers"\n', "utf-8")
    ws = Workspace.open(home, clock=watch)
    fields = Fields(description=HOSTILE, note="n")
    apply(ws, plan_add(ws, ["192.0.2.1", "192.0.2.2"], fields).plan)
    return ws


def test_an_untouched_text_changes_nothing_and_holds_nothing_unprintable(
    listed: Workspace,
) -> None:
    rows = look.rows(listed)
    text = document(rows)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert plan_document(listed, rows, text) is None
    assert plan_document(listed, rows, "") is None


def test_what_was_changed_is_one_step(listed: Workspace) -> None:
    rows = look.rows(listed)
    text = document(rows).replace('severity = "Medium"', 'severity = "high"')
    preview = plan_document(listed, rows, text.replace("groups = []", 'groups = ["Servers"]', 1))
    assert preview is not None
    before = listed.store.state().serial
    apply(listed, preview.plan)
    assert listed.store.state().serial == before + 1
    after = look.rows(listed)
    assert {row.severity for row in after} == {Severity.HIGH}
    assert sorted(row.groups for row in after) == [(), ("Servers",)]
    assert {row.description for row in after} == {HOSTILE}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('severity = "Medium"', 'severity = "grave"', r"line \d+, severity: unknown severity"),
        ('note = "n"', 'notes = "n"', r"line \d+, notes: is no field – did you mean \"note\""),
        ("groups = []", 'groups = ["Serv"]', r"line \d+, groups: .* did you mean 'Servers'"),
        ("groups = []", "groups = 3", r"line \d+, groups: must be a list"),
        ('note = "n"', "note = 3", r"line \d+, note: must stand in quotation marks"),
        ('value = "192.0.2.1"', 'value = "192.0.2.9"', r"line \d+, value: cannot be changed"),
        ('id = "', 'id = "x', r"line \d+, id: is none of the rows"),
        ('note = "n"', 'note = "n', r"no TOML: .*line \d+"),
    ],
)
def test_a_fault_names_its_line_and_field(listed: Workspace, old: str, new: str, said: str) -> None:
    rows = look.rows(listed)
    text = document(rows)
    with pytest.raises(UsageError, match=said) as caught:
        plan_document(listed, rows, text.replace(old, new, 1))
    line = int(caught.value.message.split("line ")[1].split(",")[0].rstrip(")"))
    wanted = text[: text.index(old)].count("\n") + 1
    assert line == wanted


def test_too_many_rows_are_no_text(listed: Workspace) -> None:
    with pytest.raises(UsageError, match="no text to edit"):
        document(look.rows(listed) * 300)
