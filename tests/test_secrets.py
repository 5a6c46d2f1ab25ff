"""References to secrets: found, or one clear line without the secret."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from tidegate.errors import ConfigError
from tidegate.secrets import is_reference, resolve_secret, resolve_text


def test_environment() -> None:
    found = resolve_secret("env:ACME", {"ACME": "s3cret"})
    assert found.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(found)


def test_file_without_its_line_break(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"s3cret \r\n")
    assert resolve_secret(f"file:{tmp_path / 'key'}", {}).get_secret_value() == "s3cret "


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("env:ACME", "environment variable ACME is not set"),
        ("env:EMPTY", "the secret env:EMPTY is empty"),
        ("file:/nonexistent/key", "no such file"),
    ],
)
def test_missing_secret_is_named(reference: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        resolve_secret(reference, {"EMPTY": " "})


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 70_000])
def test_file_that_is_no_secret(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(ConfigError, match="secret file"):
        resolve_secret(f"file:{tmp_path / 'key'}", {})


def test_folder_is_no_secret(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no small plain file"):
        resolve_secret(f"file:{tmp_path}", {})


@pytest.mark.parametrize("value", ["hunter2", "env:", "vault:hunter2", ""])
def test_bare_value_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(ConfigError) as raised:
        resolve_secret(value, {})
    assert "hunter2" not in str(raised.value)
    assert "env:NAME" in str(raised.value)


def test_text_may_be_plain_or_a_reference() -> None:
    assert resolve_text("taxii2", {}) == "taxii2"
    assert resolve_text("env:USER_KEY", {"USER_KEY": "k"}) == "k"
    assert not is_reference("a:b")


class Locked(Exception):
    """What a keyring raises when nobody unlocked it."""


def keyring_holding(found: object) -> tuple[types.ModuleType, types.ModuleType]:
    def get_password(service: str, name: str) -> object:
        if isinstance(found, Exception):
            raise found
        return found if (service, name) == ("tidegate", "acme") else None

    library, errors = types.ModuleType("keyring"), types.ModuleType("keyring.errors")
    library.get_password = get_password  # type: ignore[attr-defined]
    errors.KeyringError = Locked  # type: ignore[attr-defined]
    return library, errors


@pytest.mark.parametrize(
    ("found", "reference", "said"),
    [
        ("s3cret", "keyring:acme", ""),
        (None, "keyring:acme", "keyring set tidegate acme"),
        (Locked("s3cret"), "keyring:acme", "did not answer"),
    ],
)
def test_keyring(monkeypatch: pytest.MonkeyPatch, found: object, reference: str, said: str) -> None:
    library, errors = keyring_holding(found)
    monkeypatch.setitem(sys.modules, "keyring", library)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    if not said:
        assert resolve_secret(reference, {}).get_secret_value() == "s3cret"
        return
    with pytest.raises(ConfigError, match=said) as raised:
        resolve_secret(reference, {})
    assert "s3cret" not in str(raised.value)


def test_keyring_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigError, match="extra `keyring`"):
        resolve_secret("keyring:acme", {})
