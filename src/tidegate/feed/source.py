"""Where a feed comes from: the `[source]` table of feed.toml and its `auth`.

Refuses bare secrets, credentials in an address or over plain http, and paths that leave the feed's
folder. Secrets stay references here; sources/ resolves them when a pull starts.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StrictInt, model_validator

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


Word = Annotated[str, Field(pattern=r"^[^,\s]{1,200}$")]
Words = Annotated[tuple[Word, ...], Field(min_length=1)]


class Match(Table):
    """What of a collection is asked for: the filters `match[...]` (TAXII 2.1 §3.4, 2.0 §3.5).

    Of several values of one filter one must fit, of several filters all must. `version` holds
    first, last, all or times of modification; absent means what the server takes it for, `last`.
    """

    id: Words | None = None
    spec_version: Words | None = None
    type: Words | None = None
    version: Words | None = None


class TaxiiSource(_Remote):
    """One collection of a TAXII server, of version 2.1, 2.0 or whichever it speaks.

    `url` is the API root or the server's discovery address, `collection` an id or an alias.
    """

    kind: Literal["taxii", "taxii21", "taxii20"]
    collection: Annotated[str, Field(min_length=1)]
    match: Match | None = None
    page_size: Annotated[StrictInt, Field(ge=1, le=10_000)] | None = None

    @model_validator(mode="after")
    def _filters_of_its_version(self) -> TaxiiSource:
        if self.kind == "taxii20" and self.match and self.match.spec_version:
            raise ValueError("`match.spec_version` is a filter of TAXII 2.1; leave it out")
        return self


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
