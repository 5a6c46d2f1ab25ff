"""Hostile text on every sink: nothing crashes, is interpreted, or steers a terminal."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from textual.pilot import Pilot

import tidegate.tui
from tidegate.errors import UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.text import spoofs
from tidegate.tui.app import TidegateApp
from tidegate.tui.safe import content, fit, masked, plain, readable_name
from tidegate.tui.widgets.editors import SafeInput, SafeTextArea
from tui.stage import FakeGate, make_row, play, screen_text, toasts

PAYLOADS = (
    "a[/red]b",
    "c:\\[red]\\x[/red]",
    "evil[dot]com",
    "http://[fe80::1]:80/p",
    "[@click=app.quit]x[/]",
    ":skull: [bold]",
    "[type=x, v={'a[0]'}] [/",
    "[ipv4-addr:value = '192.0.2.4']",
    "regex [A-Z]+ \\[x]",
    "\x1b]52;c;aGVsbG8=\x1b\\",
    "\x1b[2J\x1b[H\x1b]2;title\x07",
    "\x9b2J\x9d52;c;aGVsbG8=\x9c",
    "bell\x07 bs\x08 vt\x0b ff\x0c cr\r del\x7f nul\x00",
    "good.example\nevil.example\ttab\u2028line",
    "bidi \u202e moc.live\u202c \u2066x\u2069",
    "zero\u200bwidth\u200d\ufeff tag\U000e0041",
    "hangul \u3164 filler \u115f",
    "lone \ud800 surrogate",
    "zalgo " + "e" + "\u0301" * 40,
    "幅の広い文字列 😀 👨‍👩‍👧",
    "%s {0} {title} $text $(id) `id`",
    "x" * 5_000,
)


def nothing_unprintable(app: TidegateApp) -> None:
    """Every character on screen is printable, and every line is as wide as the terminal."""
    for line in screen_text(app).splitlines():
        assert line.isprintable(), ascii(line)


GROUPS = [" ".join(text[:40] for text in PAYLOADS[start::2]) for start in range(2)]
"""All payloads in two texts: starting the app 22 times over proves nothing more."""


def hostile_row(number: int, payload: str) -> Indicator:
    return make_row(
        number,
        value=payload,
        title=payload,
        description=payload,
        note=payload,
        groups=(payload,),
        feeds=(payload, payload),
        category=payload,
        recommended_actions=payload,
        tlp=payload,
        mitre=(payload,),
        aliases=(payload,),
    )


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
def test_the_list_and_its_details_show_every_payload_inert(size: tuple[int, int]) -> None:
    gate = FakeGate([hostile_row(number, text) for number, text in enumerate(PAYLOADS)])

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        for _ in PAYLOADS:
            nothing_unprintable(app)
            await pilot.press("j")
        await pilot.pause(0.4)
        nothing_unprintable(app)

    play(gate, scene, size)


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
@pytest.mark.parametrize("payload", GROUPS, ids=range(len(GROUPS)))
def test_every_sheet_shows_it_inert(payload: str, size: tuple[int, int]) -> None:
    gate = FakeGate([hostile_row(1, payload), make_row(2)])
    gate.tenant = payload

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        for keys, leave in (("w", "escape"), ("e", "escape"), ("M space b", "escape"), ("d", "n")):
            await pilot.press(*keys.split())
            await pilot.pause()
            assert len(app.screen_stack) == 2
            nothing_unprintable(app)
            await pilot.press(leave)
            await pilot.pause()
        gate.broken = UsageError(payload, payload)
        await pilot.press("M", "d")
        await pilot.pause()
        nothing_unprintable(app)
        assert toasts(app)
        assert all(toast.isprintable() for toast in toasts(app))
        assert app.is_running

    play(gate, scene, size)


def test_typed_and_pasted_text_is_shown_inert_and_kept_whole() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        for payload in PAYLOADS:
            app.screen.query_one("#filter", SafeInput).value = payload
            await pilot.pause()
            nothing_unprintable(app)
        app.screen.query_one("#filter", SafeInput).value = ""
        await pilot.press("a")
        await pilot.pause()
        for payload in PAYLOADS:
            for name in ("#value", "#field-title", "#field-expires"):
                field = app.screen.query_one(name, SafeInput)
                field.value = payload
                assert field.value == payload
            await pilot.pause()
            nothing_unprintable(app)
        await pilot.press("escape", "y")
        await pilot.pause()
        await pilot.press("p")
        await pilot.pause()
        area = app.screen.query_one("#paste-text", SafeTextArea)
        for payload in PAYLOADS:
            area.load_text(payload)
            await pilot.pause()
            nothing_unprintable(app)
        area.load_text("\n".join(PAYLOADS))
        await pilot.pause(0.4)
        nothing_unprintable(app)

    play(FakeGate([make_row(1)]), scene)


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_the_boundary_itself(payload: str) -> None:
    assert plain(payload).isprintable()
    assert content(payload, (payload, "bold")).plain.isprintable()
    assert content(payload).markup.count("@click") == payload.count("@click")
    for width in (0, 1, 7, 30):
        assert fit(payload, width).isprintable()
    assert len(masked(payload)) == len(payload)
    assert masked(payload).isprintable()


def test_markup_is_shown_literally() -> None:
    async def scene(app: TidegateApp, _pilot: Pilot[int]) -> None:
        assert "http://[fe80::1]:80/p" in screen_text(app)

    play(FakeGate([make_row(1, value="http://[fe80::1]:80/p")]), scene)


def test_a_click_on_hostile_text_runs_nothing() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        for line in range(1, 24, 4):
            await pilot.click(offset=(12, line))
        assert app.is_running
        assert app.return_code is None

    row = make_row(1, value="[@click=app.leave]x[/]", title="[@click=app.leave]x[/]")
    play(FakeGate([row]), scene)


def test_a_toast_never_reads_markup_even_when_asked() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        app.notify("[/red]\x1b[2J", title="[/x]\x1b", markup=True)
        await pilot.pause()
        assert toasts(app) == ["[/red]␛[2J"]
        nothing_unprintable(app)

    play(FakeGate(), scene)


def test_a_lone_surrogate_can_be_copied() -> None:
    async def scene(app: TidegateApp, _pilot: Pilot[int]) -> None:
        app.copy_to_clipboard("a\ud800b")
        assert app.clipboard == "a?b"

    play(FakeGate(), scene)


def test_names_in_a_labels_are_spelt_out() -> None:
    assert readable_name("xn--pple-43d.example.com") == "аpple.example.com"
    assert readable_name("example.com") == ""
    assert readable_name("xn--\x80.com") == ""
    assert spoofs("xn--pple-43d.example.com")
    assert not spoofs("example.com")


def test_a_hostile_read_only_tenant_name_fits_the_header() -> None:
    stage = FakeGate([], read_only=True)
    stage.tenant = "[red]\x1b[2J"

    async def scene(app: TidegateApp, _pilot: Pilot[int]) -> None:
        first = screen_text(app).splitlines()[0]
        assert "[red]␛[2J" in first
        assert "READ-ONLY" in first

    play(stage, scene)


# The rule that keeps it so: a widget's text is a constant or comes from tui.safe.

WRAPPERS = {
    *("content", "stacked", "plain", "full", "one_line", "few_lines", "empty_text", "told"),
    *("nothing", "lesson"),
}
CHOSEN = {"draw"}
"""Names that stand for one of the wrappers."""

SINKS = {"Static", "Button", "Option", "Label", "notify", "update"}


def _calls() -> list[tuple[Path, ast.Call, str]]:
    found = []
    for path in sorted(Path(tidegate.tui.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                function = node.func
                name = (
                    function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
                )
                if name in SINKS and not _is_super(function):
                    found.append((path, node, name))
    return found


def _of_a_widget(call: ast.Call) -> bool:
    """Whether this `update` belongs to a widget and not to a set or a Counter."""
    owner = getattr(call.func, "value", None)
    text = ast.unparse(owner) if owner is not None else ""
    return text not in ("self.marks", "counts") or "Static" in text


def _is_super(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Call)
        and getattr(function.value.func, "id", "") == "super"
    )


def _wrapped(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return True
    if isinstance(value, ast.IfExp):
        return _wrapped(value.body) and _wrapped(value.orelse)
    if isinstance(value, ast.Call):
        function = value.func
        if isinstance(function, ast.Name):
            return function.id in WRAPPERS | CHOSEN
        # Content.assemble joins what was wrapped already
        return isinstance(function, ast.Attribute) and function.attr == "assemble"
    return False


def test_no_sink_takes_a_bare_string() -> None:
    calls = _calls()
    bare = [
        f"{path.name}:{call.lineno} {name}"
        for path, call, name in calls
        if name != "update" or _of_a_widget(call)
        for argument in call.args[:1]
        if not _wrapped(argument)
    ]
    assert len(calls) > 20
    assert bare == []


def test_prompts_of_selects_and_inputs_are_constants_of_ours() -> None:
    source = "\n".join(
        path.read_text("utf-8") for path in Path(tidegate.tui.__file__).parent.rglob("*.py")
    )
    assert "tooltip" not in source
    assert "border_title" not in source
    assert "from_markup" not in source
