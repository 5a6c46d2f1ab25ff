"""What the screens look like: SVG snapshots at the two sizes everything must work at.

After a change of looks that is meant: `pytest tests/tui/test_snapshots.py --snapshot-update`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tidegate.indicators.sorting import Order
from tidegate.service.apply import apply
from tidegate.service.edit import Fields, plan_add
from tidegate.service.layouts import Layout
from tidegate.service.views import View
from tidegate.tui.app import TidegateApp
from tidegate.tui.desks.feeds import Dossier
from tidegate.tui.screens.form import FormScreen
from tidegate.tui.screens.paste import PasteScreen
from tidegate.tui.widgets.editors import SafeInput, SafeTextArea
from tidegate.tui.widgets.question import Question
from tui.stage import FakeGate, gate_of, heard, make_row, opened, reading_done

Compare = Callable[..., bool]
SIZES = [(80, 24), (160, 45)]
ROWS = [make_row(number) for number in range(60)]
KEYS = {"history": ("j", "space"), "review": ("n", "plus", "minus", "space")}
"""What is pressed in a mode before the picture is taken."""


def still(*keys: str) -> Callable[[Pilot[int]], Awaitable[None]]:
    """Press keys, stop every cursor from blinking and wait until the pane has its story."""

    async def act(pilot: Pilot[int]) -> None:
        await pilot.press(*keys)
        await pilot.pause(0.6)
        for field in pilot.app.screen.query(SafeInput):
            field.cursor_blink = False
        for area in pilot.app.screen.query(SafeTextArea):
            area.cursor_blink = False
        await pilot.pause()

    return act


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
def test_list(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = TidegateApp(FakeGate(ROWS))
    assert snap_compare(app, terminal_size=size, run_before=still("j", "space", "j", "j"))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
def test_form(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = TidegateApp(FakeGate(ROWS))

    async def act(pilot: Pilot[int]) -> None:
        await still("j", "e")(pilot)
        assert isinstance(app.screen, FormScreen)
        app.screen.query_one("#field-expires", SafeInput).value = "30d"
        app.screen.query_one("#field-title", SafeInput).value = ""
        await pilot.pause(0.4)

    assert snap_compare(app, terminal_size=size, run_before=act)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
def test_paste(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = TidegateApp(FakeGate(ROWS))

    async def act(pilot: Pilot[int]) -> None:
        await still("p")(pilot)
        assert isinstance(app.screen, PasteScreen)
        area = app.screen.query_one(SafeTextArea)
        area.load_text("one.example.com\nbad-thing\nhost1.example.com")
        await pilot.press("tab")
        await pilot.pause(0.6)

    assert snap_compare(app, terminal_size=size, run_before=act)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
def test_empty(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(TidegateApp(FakeGate()), terminal_size=size, run_before=still())


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
def test_bulk(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = TidegateApp(FakeGate(ROWS))
    assert snap_compare(app, terminal_size=size, run_before=still("asterisk", "b"))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
@pytest.mark.parametrize("keys", ["f", "C", "S"], ids=["facets", "columns", "views"])
def test_view(snap_compare: Compare, keys: str, size: tuple[int, int]) -> None:
    gate = FakeGate(ROWS)
    gate.looks.save(View("soon", "expires<7d", Order("expires")))
    gate.looks.save(View("ours", "is:manual -has:note", columns=("value", "note")))
    assert snap_compare(TidegateApp(gate), terminal_size=size, run_before=still(*keys, "j"))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
def test_filter(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = TidegateApp(FakeGate(ROWS))

    async def act(pilot: Pilot[int]) -> None:
        await still("slash")(pilot)
        app.screen.query_one("#filter", SafeInput).value = "type:ip severty:high"
        await still()(pilot)

    assert snap_compare(app, terminal_size=size, run_before=act)


@pytest.mark.parametrize("theme", ["light", "contrast", "colour-blind"])
def test_theme(snap_compare: Compare, theme: str) -> None:
    gate = FakeGate(ROWS)
    gate.looks.layout = Layout(theme=theme)
    assert snap_compare(TidegateApp(gate), terminal_size=(80, 24), run_before=still("j", "space"))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
@pytest.mark.parametrize("mode", ["review", "quota", "conflicts", "bench", "feeds", "history"])
def test_mode(
    snap_compare: Compare,
    made_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    size: tuple[int, int],
) -> None:
    gate = gate_of(heard(made_home, tmp_path) if mode == "review" else made_home)
    ours = tuple(view for view in gate.desks.feeds.overview() if view.state != "shipped")
    monkeypatch.setattr(gate.desks.feeds, "overview", lambda: ours)  # what is shipped may grow
    told = gate.desks.feeds.dossier

    def placed(ident: str) -> Dossier:
        dossier = told(ident)
        return replace(dossier, view=replace(dossier.view, folder=Path("/home/ana/feeds") / ident))

    monkeypatch.setattr(gate.desks.feeds, "dossier", placed)
    app = TidegateApp(gate)

    async def act(pilot: Pilot[int]) -> None:
        await app.switch_mode(mode)
        await reading_done(app, pilot)
        if mode == "bench":
            app.screen.query_one(Question).load_text(
                "h2[.]example[.]com\nh1.example.com\nno value\n198.51.100.9"
            )
            await pilot.press("enter")
        await still(*KEYS.get(mode, ()))(pilot)
        await reading_done(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=act)


@pytest.mark.parametrize(
    ("sheet", "size"),
    [*((sheet, size) for sheet in ("list", "shipment") for size in SIZES), ("empty", SIZES[0])],
    ids=["list-80x24", "list-160x45", "shipment-80x24", "shipment-160x45", "empty-80x24"],
)
def test_partners(snap_compare: Compare, worked: Path, sheet: str, size: tuple[int, int]) -> None:
    """The sheet over another mode, a delivery with something withheld, the lesson."""
    gate = gate_of(worked)
    gate.desks.partners.folder = lambda: "/home/ana/partners"  # type: ignore[method-assign]
    if sheet != "empty":
        folder = worked / "partners"
        folder.mkdir(exist_ok=True)
        (folder / "broken.toml").write_text("tlp = 3\n", "utf-8")
        (folder / "isac.toml").write_text(
            'id = "isac"\ntitle = "Sector ISAC"\ntlp_max = "green"\nidentity = "Example Corp"\n'
            '[delivery]\nkind = "taxii21"\nurl = "https://taxii.example.org/api1/"\n'
            'collection = "inbox"\n',
            "utf-8",
        )
        ws = opened(worked)
        apply(ws, plan_add(ws, ["h7.example.com"], Fields(), None).plan)
    app = TidegateApp(gate)

    async def act(pilot: Pilot[int]) -> None:
        await pilot.press("7")
        await reading_done(app, pilot)
        await pilot.press("P", "j")
        if sheet == "shipment":
            await pilot.press("enter")
        await reading_done(app, pilot)
        await still()(pilot)

    assert snap_compare(app, terminal_size=size, run_before=act)
