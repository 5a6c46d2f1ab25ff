"""Where a feed comes from: the `[source]` table of feed.toml and its `auth`.

Refuses bare secrets, credentials in an address, in its query or over plain http, and paths that
leave the feed's folder. Secrets stay references here; sources/ resolves them when a pull starts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, ClassVar, Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    model_validator,
)

from tidegate.feed.rules import term
from tidegate.toml_errors import Table

_SECRET = re.compile(r"(env|file|keyring):.+")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SIGNS_IN = re.compile(
    r"token|secret|passw|pwd|credential|signature|key$|(?<![a-z])(key|auth|sig|user)(?![a-z])",
    re.IGNORECASE,
)
"""Names in a query whose values are secrets on servers in the field."""


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


def _document(value: str) -> str:
    """An address that may have a query, but none that signs in: addresses are no secrets."""
    names = [name for name, _ in parse_qsl(urlsplit(value).query, keep_blank_values=True)]
    if any(_SIGNS_IN.search(name) for name in names):
        raise ValueError("has a query that looks like a secret; give that as `auth`, as a header")
    return value


def api_root(value: str) -> str:
    """Check the address of a TAXII server; raises ValueError where it has a query."""
    if urlsplit(value).query:
        raise ValueError("has a query, which an API root has not; give a secret in it as `auth`")
    return value


def _proxy(value: str) -> str:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme != "http" or not parts.hostname or not port or parts.path.strip("/"):
        raise ValueError("is not a proxy such as http://proxy.example.com:3128")
    if parts.username is not None or parts.password is not None:
        raise ValueError("carries credentials; give them as `proxy_auth` and remove them here")
    if parts.query or parts.fragment:
        raise ValueError("is not a proxy such as http://proxy.example.com:3128")
    return value


def _key_file(value: str) -> str:
    if value.startswith(("env:", "keyring:")):
        raise ValueError("must be a file: keys are read from files only, encrypted ones too")
    return _path(value.removeprefix("file:"))


def _path(value: str) -> str:
    parts = value.replace("\\", "/").split("/")
    if not set(parts) - {"", "."} or "\0" in value:
        raise ValueError("must name a file, or a folder inside the feed's")
    if ".." in parts:
        raise ValueError("leaves the folder of this file; move it inside or write an absolute path")
    return value


Secret = Annotated[str, AfterValidator(_secret)]
Address = Annotated[str, AfterValidator(_address)]
InFolder = Annotated[str, AfterValidator(_path)]


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


class ClientCert(Table):
    """PEM files that prove who we are; relative paths start at feed.toml.

    Without `key` the certificate's file holds the key, too. `password` opens an encrypted key.
    """

    certificate: InFolder
    key: Annotated[str, AfterValidator(_key_file)] | None = None
    password: Secret | None = None


class Remote(Table):
    """What every server that we speak with has, source or partner. Times in seconds.

    `ca` is a PEM file that replaces the public authorities; `proxy_auth` goes to the `proxy` alone.
    `allow_private` lets the name in `url` lead to private and other special-purpose addresses.
    """

    MEANT: ClassVar[Mapping[str, str]] = {
        "path": "url",
        "cert": "client_cert",
        "username": "auth",
        "password": "auth",
        "token": "auth",
    }

    url: Address
    auth: Auth | None = None
    ca: InFolder | None = None
    client_cert: ClientCert | None = None
    proxy: Annotated[str, AfterValidator(_proxy)] | None = None
    proxy_auth: BasicAuth | None = None
    allow_private: StrictBool = False
    timeout: Annotated[StrictInt, Field(ge=1, le=600)] = 30
    deadline: Annotated[StrictInt, Field(ge=1, le=86_400)] = 1_800

    @model_validator(mode="after")
    def _no_credentials_in_clear(self) -> Remote:
        parts = urlsplit(self.url)
        if self.auth and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ValueError(
                "`auth` over http:// would send the credentials in clear; use https://"
            )
        return self

    @model_validator(mode="after")
    def _way_makes_sense(self) -> Remote:
        for key in ("ca", "client_cert", "proxy"):
            if getattr(self, key) and urlsplit(self.url).scheme == "http":
                raise ValueError(f"`{key}` is for https://; `url` is not encrypted")
        if self.proxy_auth and not self.proxy:
            raise ValueError("`proxy_auth` without `proxy`: name the proxy that it is for")
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


def _sweep(value: object) -> object:
    found = term(value)
    if found is not None and not isinstance(found, timedelta):
        raise ValueError('must be a term such as "7d", or "never"')
    if found is not None and found < timedelta(hours=1):
        raise ValueError('must be one hour or more, or "never"')
    return found


class TaxiiSource(Remote):
    """One collection of a TAXII server, of version 2.1, 2.0 or whichever it speaks.

    `url` is the API root or the server's discovery address, `collection` an id or an alias. `sweep`
    is how long after one reading from the beginning the next is made, which finds what was added
    late and what was removed; None ("never"): only when a person rewinds the feed.
    """

    kind: Literal["taxii", "taxii21", "taxii20"]
    url: Annotated[Address, AfterValidator(api_root)]
    collection: Annotated[str, Field(min_length=1)]
    match: Match | None = None
    page_size: Annotated[StrictInt, Field(ge=1, le=10_000)] | None = None
    sweep: Annotated[timedelta | None, BeforeValidator(_sweep)] = timedelta(days=7)

    @model_validator(mode="after")
    def _filters_of_its_version(self) -> TaxiiSource:
        if self.kind == "taxii20" and self.match and self.match.spec_version:
            raise ValueError("`match.spec_version` is a filter of TAXII 2.1; leave it out")
        return self


class HttpsSource(Remote):
    """One STIX bundle behind an address, which may have a query."""

    kind: Literal["https"]
    url: Annotated[Address, AfterValidator(_document)]


class BundleSource(Table):
    """One STIX bundle file; a relative `path` starts at feed.toml."""

    MEANT: ClassVar[Mapping[str, str]] = {"url": "path", "file": "path"}

    kind: Literal["bundle"]
    path: InFolder


class FolderSource(Table):
    """Every STIX file of a folder; a relative `path` starts at feed.toml."""

    MEANT: ClassVar[Mapping[str, str]] = {"url": "path", "folder": "path"}

    kind: Literal["folder"]
    path: InFolder


Source = Annotated[
    TaxiiSource | HttpsSource | BundleSource | FolderSource, Field(discriminator="kind")
]
