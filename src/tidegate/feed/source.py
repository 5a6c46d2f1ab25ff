"""Where a feed comes from: the `[source]` table of feed.toml and its `auth`.

Refuses bare secrets, credentials in an address or over plain http, and paths that leave the feed's
folder. Secrets stay references here; sources/ resolves them when a pull starts.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, StrictInt, model_validator

from tidegate.feed.rules import term
from tidegate.toml_errors import Table

_SECRET = re.compile(r"(env|file|keyring):.+")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _secret(value: str) -> str:
    if not _SECRET.fullmatch(value):
        # The value is not repeated: it may be the secret itself.
        raise ValueError("holds a value; write env:NAME, keyring:NAME or file:PATH instead")
    return value


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise ValueError("is not an address such as https://taxii.example.com/api1/") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ValueError("is not an address such as https://taxii.example.com/api1/")
    if parts.username is not None or parts.password is not None:
        raise ValueError("carries credentials; give them as `auth` and remove them here")
    return value


def _path(value: str) -> str:
    parts = value.replace("\\", "/").split("/")
    if not set(parts) - {"", "."} or "\0" in value:
        raise ValueError("must name a file, or a folder inside the feed's")
    if ".." in parts:
        raise ValueError("leaves the feed's folder; move the file inside or write an absolute path")
    return value


Secret = Annotated[str, AfterValidator(_secret)]
Address = Annotated[str, AfterValidator(_address)]


class BasicAuth(Table):
    """HTTP Basic. `username` may be a reference too: some servers take an API key there."""

    kind: Literal["basic"]
    username: str
    password: Secret


class BearerAuth(Table):
    """`Authorization: Bearer <token>`."""

    kind: Literal["bearer"]
    token: Secret


class HeaderAuth(Table):
    """A header of the server's own, such as `X-API-Key`."""

    kind: Literal["header"]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
    value: Secret


Auth = Annotated[BasicAuth | BearerAuth | HeaderAuth, Field(discriminator="kind")]


class _Remote(Table):
    """What every source on a network has. Times in seconds."""

    url: Address
    auth: Auth | None = None
    timeout: Annotated[StrictInt, Field(ge=1, le=600)] = 30
    deadline: Annotated[StrictInt, Field(ge=1, le=86_400)] = 1_800

    @model_validator(mode="after")
    def _no_credentials_in_clear(self) -> _Remote:
        parts = urlsplit(self.url)
        if self.auth and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ValueError(
                "`auth` over http:// would send the credentials in clear; use https://"
            )
        return self


def _sweep(value: object) -> object:
    found = term(value)
    if found is not None and not isinstance(found, timedelta):
        raise ValueError('must be a term such as "7d", or "never"')
    if found is not None and found < timedelta(hours=1):
        raise ValueError('must be one hour or more, or "never"')
    return found


class TaxiiSource(_Remote):
    """One collection of a TAXII server: `url` is the API root, `collection` its id.

    `sweep` is how long after one reading from the beginning the next is made, which finds what was
    added late and what was removed; None ("never"): only when a person rewinds the feed.
    """

    kind: Literal["taxii21", "taxii20"]
    collection: Annotated[str, Field(min_length=1)]
    page_size: Annotated[StrictInt, Field(ge=1, le=10_000)] | None = None
    sweep: Annotated[timedelta | None, BeforeValidator(_sweep)] = timedelta(days=7)


class HttpsSource(_Remote):
    """One STIX bundle behind an address."""

    kind: Literal["https"]


class BundleSource(Table):
    """One STIX bundle file; a relative `path` starts at feed.toml."""

    kind: Literal["bundle"]
    path: Annotated[str, AfterValidator(_path)]


class FolderSource(Table):
    """Every STIX file of a folder; a relative `path` starts at feed.toml."""

    kind: Literal["folder"]
    path: Annotated[str, AfterValidator(_path)]


Source = Annotated[
    TaxiiSource | HttpsSource | BundleSource | FolderSource, Field(discriminator="kind")
]
