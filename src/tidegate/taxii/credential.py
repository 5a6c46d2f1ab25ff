"""What proves who we are to a server, and the forms in which an answer might send it back.

Owns the one header that every kind of `auth` comes down to. Refuses values that no header can
carry. What a server sends is stored, so the session refuses answers that hold one of `forms`; they
are the spellings of an honest echo. A server that disguises the secret it knows can do so anyhow.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from html import escape
from json import dumps
from urllib.parse import quote, quote_plus

from tidegate.errors import ConfigError

_TELLING = 8
_WORD = 16
"""Characters from which on a text, or one of letters alone, is told from what feeds speak of."""

_KEY = 20
_NAME = re.compile(r"[^0-9]+[0-9]{0,4}|.*@.*")
"""A user name is a key from so many characters on, unless it is a word with a number or a mail."""

_UNESCAPED = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Credential:
    """A header; `secrets` are the texts in it that nobody else may see."""

    header: str
    value: str = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False, compare=False)

    def __post_init__(self) -> None:
        # http.client would refuse such a value with a message that quotes it.
        if not (self.value.isascii() and self.value.isprintable() and self.value):
            raise ConfigError(
                f"the secret for header {self.header} is empty or holds characters that a header"
                " cannot carry",
                "look for a line break or a typographic character in the stored secret",
            )

    @classmethod
    def basic(cls, username: str, password: str, *, secret_name: bool = False) -> Credential:
        """HTTP Basic (RFC 7617), sent with an empty password too.

        `secret_name`: the user name is a reference too, so it counts as a secret where it looks
        like a key and not like a member whom a community's objects may name.
        """
        pair = b64encode(f"{username}:{password}".encode()).decode()
        key = secret_name and len(username) >= _KEY and not _NAME.fullmatch(username)
        names = (username,) if key else ()
        return cls("Authorization", f"Basic {pair}", (pair, password, *names))

    @classmethod
    def bearer(cls, token: str) -> Credential:
        """Bearer token (RFC 6750)."""
        return cls("Authorization", f"Bearer {token}", (token,))

    def forms(self) -> frozenset[bytes]:
        """Return what to look for in an answer: every secret, plain and in base64.

        Short secrets and plain words are left out: a feed may speak of a `guest`.
        """
        secrets = [secret for secret in self.secrets or (self.value,) if _is_telling(secret)]
        coded = [b64encode(secret.encode()).decode().rstrip("=") for secret in secrets]
        return frozenset(form.encode() for each in (*secrets, *coded) for form in _spellings(each))


def _is_telling(secret: str) -> bool:
    return len(secret) >= (_WORD if secret.isalpha() else _TELLING)


def _spellings(secret: str) -> tuple[str, ...]:
    """Return the secret as it is, and as JSON, addresses and HTML write it."""
    # What nobody escapes is the same in all of them: one search in place of eight.
    longest = max(_UNESCAPED.findall(secret), key=len, default="")
    if longest == secret or (len(longest) >= _WORD and not longest.isalpha()):
        return (longest,)
    quoted = dumps(secret)[1:-1]
    return (
        secret,
        quoted,
        quoted.replace("/", "\\/"),
        dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        escape(secret),
    )
