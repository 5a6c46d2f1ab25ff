"""`edit --editor`: what was changed is applied with a yes; a fault keeps what was typed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from driving.homes import Cli


@pytest.mark.parametrize(("word", "code"), [("Low", 0), ("Grave", 2)])
def test_rows_are_edited_as_a_text(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str, code: int
) -> None:
    script = tmp_path / "editor"
    script.write_text(f"#!/bin/sh\nsed -i 's/Medium/{word}/' \"$1\"\n", "utf-8")
    script.chmod(0o700)
    monkeypatch.setenv("EDITOR", str(script))
    monkeypatch.delenv("VISUAL", raising=False)
    cli("add", "192.0.2.1", "192.0.2.2")
    ran = cli("edit", "192.0.2.1", "192.0.2.2", "--editor", "--yes")
    assert ran.code == code
    severities = {row["severity"] for row in cli("list", "--json").lines}
    if code:
        assert "severity: unknown severity 'Grave'" in ran.err
        kept = re.search(r"what you typed is in (\S+)", ran.err)
        assert kept is not None
        assert "Grave" in Path(kept[1]).read_text("utf-8")
        Path(kept[1]).unlink()
    assert severities == ({"Medium"} if code else {"Low"})
