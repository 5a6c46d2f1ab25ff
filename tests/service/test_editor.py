from __future__ import annotations

import shutil

import pytest

from tidegate.errors import UsageError
from tidegate.service.editor import editor

TRUE = shutil.which("true") or ""


def test_the_editor_is_the_one_that_the_person_named() -> None:
    assert editor({"EDITOR": f"{TRUE} -w"}) == [TRUE, "-w"]
    assert editor({"VISUAL": TRUE, "EDITOR": "none-such"}) == [TRUE]
    for broken in ("none-such-editor", "'unclosed"):
        with pytest.raises(UsageError, match="not found"):
            editor({"EDITOR": broken})
