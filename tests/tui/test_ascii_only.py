"""`--ascii`: over all modes and sheets, what reaches the terminal is ASCII."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import tidegate
from driving.homes import Cli, indicator, write_feed
from running import Tidegate
from tidegate.tui.ascii_only import ascii_of

SOURCE = Path(tidegate.__file__).parent
MODES = (b"\x1bOR", b"\x1bOS", *(b"\x1b[%d~" % n for n in (15, 17, 18, 19)), b"\x1bOQ")
"""F3 to F8, then F2: these work while something is typed, too."""

SHEETS = ("a", "p", "e", "o", "C", "S", "f", "?", ":", "w", "b")


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Cn", "Co"))))
def test_any_text_becomes_ascii_of_the_same_width(text: str) -> None:
    shown = ascii_of(text)
    assert shown.isascii()
    assert len(shown) == sum(cell_len(char) for char in text)


def test_steering_codes_stay() -> None:
    assert ascii_of("\x1b[2J\x1b[38;2;1;2;3mé│…\x1b]52;c;eA==\x07") == (
        "\x1b[2J\x1b[38;2;1;2;3me|~\x1b]52;c;eA==\x07"
    )


def test_every_sign_of_ours_has_a_likeness() -> None:
    found = set()
    for path in (*(SOURCE / "tui").rglob("*.py"), *(SOURCE / "service").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {char for char in node.value if not char.isascii() and char.isprintable()}
    assert sorted(char for char in found - {"�", "ü"} if "?" in ascii_of(char)) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_nothing_but_ascii_in_any_mode_or_sheet(tmp_path: Path) -> None:
    from driving.pty_session import PtySession  # noqa: PLC0415 - POSIX alone has its modules

    cli = Cli(tmp_path / "home")
    cli.subscribe(write_feed(tmp_path / "acme", [indicator(n) for n in range(9)]).folder)
    cli.sync()
    cli("add", "xn--pple-43d.example.com", "--title", "Größe ≠ 中文", "--yes")
    product = Tidegate(cli.home)
    env = {**os.environ, **product.env()}
    with PtySession(product.command("--ascii", "--no-mouse"), env, 150, 40) as session:
        drawn = session.started(b"h1.example.com", 0.5).data
        for mode in MODES:
            drawn += session.press(mode, quiet=0.25).data
        for key in SHEETS:
            drawn += session.press(key.encode(), quiet=0.2).data
            drawn += session.press(b"\x1b", quiet=0.3).data
    assert drawn.isascii(), {char for char in drawn.decode("utf-8", "replace") if ord(char) > 127}
    for sign in (b">2 Sync", b">5 Bench", b">7 Hist", b"Saved views", b"FACETS"):
        assert sign in drawn
    assert b"\x1b[?1000h" not in drawn  # no mouse was asked for
