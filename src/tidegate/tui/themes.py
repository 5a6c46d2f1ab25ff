"""The colours one may choose: usual, light, high contrast, safe for colour-blind eyes.

Colour is never the only sign anywhere, so a theme changes how much one likes to look and not what
one can see. `tests/tui/test_themes.py` computes that text stands out from what lies behind it, and
that the three actions stay apart for eyes that lack a kind of cone. Textual
mixes the colours of texts from `success`, `warning` and `error`. Refuses the themes made of the
terminal's own sixteen colours: with NO_COLOR they come out black on black.
"""

from __future__ import annotations

from textual.theme import Theme

USUAL = "usual"

_CONTRAST = Theme(
    name="contrast",
    primary="#00FFFF",
    secondary="#FFFFFF",
    warning="#FFFF00",
    error="#FF9C9C",
    success="#7CFF7C",
    accent="#FFFF00",
    foreground="#FFFFFF",
    background="#000000",
    surface="#000000",
    panel="#000000",
    dark=True,
    variables={
        "primary-background": "#00305A",
        "surface-lighten-2": "#303030",
        "text-muted": "#FFFFFF",
        "block-cursor-background": "#FFFFFF",
        "block-cursor-foreground": "#000000",
        "scrollbar": "#FFFFFF",
        "scrollbar-background": "#000000",
    },
)

# Sky blue, yellow and a light vermilion of the palette that Okabe and Ito proposed.
_COLOUR_BLIND = Theme(
    name="colour-blind",
    primary="#56B4E9",
    secondary="#CC79A7",
    warning="#F0E442",
    error="#E04010",
    success="#56B4E9",
    accent="#F0E442",
    foreground="#E8E8E8",
    background="#101418",
    surface="#181D22",
    panel="#20262D",
    dark=True,
    variables={
        "primary-background": "#2A3540",
        "text-muted": "#B8C0C8",
    },
)

_LIGHT = Theme(
    name="light",
    primary="#004578",
    secondary="#0178D4",
    warning="#8A5A00",
    error="#B00020",
    success="#1E6B2E",
    accent="#0178D4",
    foreground="#1A1A1A",
    background="#FAFAFA",
    surface="#EDEDED",
    panel="#E4E4E4",
    dark=False,
    variables={
        "primary-background": "#CFDDE8",
        "text-muted": "#444444",
    },
)

OURS: tuple[Theme, ...] = (_LIGHT, _CONTRAST, _COLOUR_BLIND)

THEMES: dict[str, str] = {USUAL: "textual-dark"} | {theme.name: theme.name for theme in OURS}
"""What people call a theme, and what Textual does."""


def named(kept: str) -> str:
    """The theme of this name if there is one; else the usual one."""
    return kept if kept in THEMES else USUAL


def after(name: str) -> str:
    """The theme that comes after this one."""
    names = list(THEMES)
    return names[(names.index(name) + 1) % len(names)]
