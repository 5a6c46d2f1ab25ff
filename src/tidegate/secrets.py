"""Secrets by reference: `env:NAME`, `file:PATH`, `keyring:NAME`; never a value in a file of ours.

Owns the lookup. Refuses bare values, empty secrets, and to name a secret's content in any message.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from pydantic import SecretStr

from tidegate.errors import ConfigError

KEYRING_SERVICE = "tidegate"
"""The service under which `keyring:NAME` looks NAME up."""

_LARGEST = 64 * 1024
"""Bytes; whatever is larger is not a secret but a wrong path."""

_FORMS = "write env:NAME, file:PATH or keyring:NAME"


def is_reference(text: str) -> bool:
    """Say whether a text has the form of a reference to a secret."""
    kind, _, name = text.partition(":")
    return kind in ("env", "file", "keyring") and bool(name)


def resolve_secret(ref: str, environ: Mapping[str, str]) -> SecretStr:
    """Return the secret that a reference names.

    `environ` is what `env:` looks in; `file:` takes one trailing line break off and expands `~`.
    Raises ConfigError naming the reference and the fix, never the secret.
    """
    if not is_reference(ref):
        # Not repeated: somebody may have put the secret itself there.
        raise ConfigError("a secret is given as a value", _FORMS)
    kind, _, name = ref.partition(":")
    found = {"env": _from_environ, "file": _from_file, "keyring": _from_keyring}[kind](
        name, environ
    )
    if not found.strip():
        raise ConfigError(f"the secret {ref} is empty", "store it again")
    return SecretStr(found)


def resolve_text(text: str, environ: Mapping[str, str]) -> str:
    """Return a setting that may be plain or a reference, such as a user name that is an API key."""
    return resolve_secret(text, environ).get_secret_value() if is_reference(text) else text


def _from_environ(name: str, environ: Mapping[str, str]) -> str:
    if name not in environ:
        raise ConfigError(f"environment variable {name} is not set", f"export {name}=…")
    return environ[name]


def _from_file(name: str, _: Mapping[str, str]) -> str:
    path = Path(name).expanduser()
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > _LARGEST:
            raise ConfigError(f"secret file {path} is no small plain file", "check the path")
        text = path.read_bytes().decode()
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise ConfigError(f"secret file {path}: {reason}", "check path and permissions") from None
    except UnicodeDecodeError:
        raise ConfigError(f"secret file {path} is not text", "check the path") from None
    return text.removesuffix("\n").removesuffix("\r")


def _from_keyring(name: str, _: Mapping[str, str]) -> str:
    try:
        # By name: an extra that few installations have, and no type checker should need.
        keyring = import_module("keyring")
        errors = import_module("keyring.errors")
    except ImportError:
        raise ConfigError(
            f"keyring:{name} needs the library keyring",
            "install tidegate with the extra `keyring`, or write env:NAME or file:PATH",
        ) from None
    try:
        found = keyring.get_password(KEYRING_SERVICE, name)
    except errors.KeyringError:
        # The cause is cut off: back ends quote what they were asked.
        raise ConfigError(f"the keyring did not answer for {name}", "unlock it") from None
    if found is None:
        raise ConfigError(
            f"the keyring holds no {name}", f"store it: keyring set {KEYRING_SERVICE} {name}"
        )
    return str(found)
