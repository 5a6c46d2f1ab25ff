from __future__ import annotations

from textual.pilot import Pilot

from tidegate.tui.app import TidegateApp
from tidegate.tui.fields import FIELDS
from tidegate.tui.screens.form import FormScreen
from tidegate.tui.widgets.editors import SafeInput
from tidegate.tui.widgets.fields_form import FieldsForm
from tui.stage import FakeGate, make_row, play, screen_text


def test_it_holds_every_field_and_reads_only_what_changed() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        app.push_screen(FormScreen(app.gate, make_row(1)))
        await pilot.pause()
        form = app.screen.query_one(FieldsForm)
        assert set(form.texts()) == {field.name for field in FIELDS}
        assert form.reading().values == {}
        form.query_one("#field-title", SafeInput).value = " "
        await pilot.pause()
        assert "✗ a title is needed" in screen_text(app)
        assert list(form.reading().errors) == ["title"]

    play(FakeGate([make_row(1)]), scene)
