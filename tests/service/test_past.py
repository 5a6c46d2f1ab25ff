"""What was done to a value, as `why` tells it; tests of whole stories are in test_why.py."""

from __future__ import annotations

from tidegate.service import edit
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.look import rows
from tidegate.service.past import newest_of, taken_off, tell_past
from tidegate.service.story import Story
from tidegate.service.workspace import Workspace


def test_only_a_last_change_that_removed_it_took_it_off(ws: Workspace) -> None:
    value = "h1.example.com"
    assert newest_of(ws, value) == []
    assert taken_off(value, []) is None
    apply(ws, edit.plan_add(ws, [value], Fields()).plan)
    assert taken_off(value, newest_of(ws, value)) is None
    apply(ws, edit.plan_remove(ws, rows(ws)).plan)
    newest = newest_of(ws, value)
    taken = taken_off(value, newest)
    assert taken is not None
    assert (taken.serial, taken.door) == (2, "remove")
    story = Story()
    tell_past(story, value, newest)
    assert [step.text.partition(",")[0] for step in story.steps] == ["change 1", "change 2"]
