"""A planted credential, the forms that it may take, and the search for it.

plant(monkeypatch, folder, "keyring")     a reference to the canary, from wherever secrets are
clean(home, told)                         neither on disk nor in what was told
"""

from __future__ import annotations

import sys
import types
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote, quote_plus

import orjson
import pytest

STEM = "Canary-7f3b9d-Battery-Staple"
CANARY = f'{STEM}/"&<+='
"""The end is written otherwise in addresses, JSON and HTML; the stem is the same everywhere."""

VARIABLE = "TIDEGATE_TEST_CANARY"
REFERENCES = ("env", "file", "keyring")


def plant(patch: pytest.MonkeyPatch, folder: Path, kind: str, *, missing: bool = False) -> str:
    """Put the canary where a kind of reference looks, or nothing; return the reference."""
    if kind == "env":
        if not missing:
            patch.setenv(VARIABLE, CANARY)
        return f"env:{VARIABLE}"
    if kind == "file":
        if not missing:
            (folder / "secret").write_text(CANARY + "\n", "utf-8")
        return f"file:{folder / 'secret'}"
    library, errors = types.ModuleType("keyring"), types.ModuleType("keyring.errors")
    library.get_password = lambda *_: None if missing else CANARY  # type: ignore[attr-defined]
    errors.KeyringError = KeyError  # type: ignore[attr-defined]
    patch.setitem(sys.modules, "keyring", library)
    patch.setitem(sys.modules, "keyring.errors", errors)
    return "keyring:acme"


def forms(secret: str) -> set[bytes]:
    """The secret as it is, as Basic sends it, as addresses and as JSON write it."""
    raw = secret.encode()
    # In base64 of a longer text, at whichever of the three places it begins.
    inside = {b64encode(b"u:-"[:shift] + raw)[4 if shift else 0 : -4] for shift in range(3)}
    escaped = {quote(secret).encode(), quote_plus(secret).encode(), orjson.dumps(secret)[1:-1]}
    return ({raw} | escaped | inside) - {b""}


FORMS = forms(CANARY) | forms(STEM)


def sent(text: str) -> bool:
    """Say whether a request held the canary."""
    return any(form in text.encode() for form in FORMS)


def clean(home: Path, told: str, secret: str = "") -> None:
    """Look for it in every file and file name of a home, and in what was told."""
    sought = forms(secret) if secret else FORMS
    for form in sought:
        assert form.decode() not in told
    for path in home.rglob("*"):
        held = path.read_bytes() if path.is_file() else b""
        for form in sought:
            assert form.decode() not in path.name
            assert form not in held, path
