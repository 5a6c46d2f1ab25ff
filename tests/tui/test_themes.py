"""Contrast and colour-blind eyes, computed from the colours of each theme."""

from __future__ import annotations

import itertools

import pytest
from textual.color import Color
from textual.pilot import Pilot
from textual.theme import BUILTIN_THEMES

from tidegate.tui.app import TidegateApp
from tidegate.tui.themes import OURS, THEMES, after, named
from tui.stage import FakeGate, make_row, play, toasts

ACTIONS = ("text-success", "text-warning", "text-error")
TEXTS = ("foreground", "text-muted", *ACTIONS)
BACKS = ("background", "surface", "panel", "primary-background")
LEAST = {"light": 4.5, "contrast": 7.0, "colour-blind": 4.5}
"""WCAG 2.2: 7 is level AAA (1.4.6), 4.5 level AA (1.4.3)."""

Row = tuple[float, float, float]
EYES: dict[str, tuple[Row, Row, Row]] = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "no blue": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
"""What eyes that lack a kind of cone see, in linear light: Machado, Oliveira, Fernandes 2009."""


def colours(name: str) -> dict[str, Color]:
    theme = {theme.name: theme for theme in OURS}.get(THEMES[name]) or BUILTIN_THEMES[THEMES[name]]
    made = theme.to_color_system().generate()
    return {key: Color.parse(made[key]) for key in (*TEXTS, *BACKS) if made[key][0] == "#"}


def linear(colour: Color) -> Row:
    def channel(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    return channel(colour.r), channel(colour.g), channel(colour.b)


def dot(row: Row, light: Row) -> float:
    return sum(weight * value for weight, value in zip(row, light, strict=True))


def contrast(one: Color, other: Color) -> float:
    """WCAG's ratio, 1 to 21."""
    bright = [dot((0.2126, 0.7152, 0.0722), linear(colour)) for colour in (one, other)]
    return (max(bright) + 0.05) / (min(bright) + 0.05)


def lab(light: Row) -> Row:
    """CIE L*a*b* of linear sRGB."""
    x, y, z = (
        dot(row, light) / white
        for row, white in (
            ((0.4124, 0.3576, 0.1805), 0.9505),
            ((0.2126, 0.7152, 0.0722), 1.0),
            ((0.0193, 0.1192, 0.9505), 1.089),
        )
    )
    fx, fy, fz = (max(v, 0.0) ** (1 / 3) if v > 0.008856 else 7.787 * v + 4 / 29 for v in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def seen(colour: Color, eye: str) -> Row:
    red, green, blue = (min(max(dot(row, linear(colour)), 0.0), 1.0) for row in EYES[eye])
    return lab((red, green, blue))


@pytest.mark.parametrize("name", LEAST)
def test_text_stands_out_from_what_lies_behind_it(name: str) -> None:
    found = colours(name)
    assert set(found) == {*TEXTS, *BACKS}
    for text, back in itertools.product(TEXTS, BACKS):
        assert contrast(found[text], found[back]) >= LEAST[name], (text, back)


@pytest.mark.parametrize("eye", EYES)
def test_the_actions_stay_apart_for_every_kind_of_eye(eye: str) -> None:
    found = colours("colour-blind")
    for one, other in itertools.combinations(ACTIONS, 2):
        a, b = seen(found[one], eye), seen(found[other], eye)
        apart = sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5
        assert apart >= 20, (one, other, eye)


def test_the_usual_theme_keeps_its_actions_readable() -> None:
    for name in ("usual", "light"):
        found = colours(name)
        for text in ACTIONS:
            assert contrast(found[text], found["background"]) >= 4.5


def test_a_theme_is_chosen_by_command_and_kept() -> None:
    gate = FakeGate([make_row(1)])

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        assert app.theme == "textual-dark"
        await pilot.press("colon", *"theme", "space", *"contrast", "enter")
        await pilot.pause()
        assert app.theme == "contrast"
        await pilot.press("colon", *"theme", "enter")
        await pilot.pause()
        assert app.theme == "colour-blind"
        assert toasts(app)[-1] == "theme colour-blind"
        await pilot.press("colon", *"theme", "space", *"pink", "enter")
        await pilot.pause()
        assert "no theme is called pink" in toasts(app)[-1]

    play(gate, scene)
    assert gate.looks.layout.theme == "colour-blind"

    async def later(app: TidegateApp, _pilot: Pilot[int]) -> None:
        assert app.theme == "colour-blind"

    play(gate, later)


def test_a_theme_that_is_gone_is_the_usual_one() -> None:
    assert named("gone") == "usual"
    assert after("colour-blind") == "usual"
