"""What every server that is asked needs: how long and how much, by which way, and who we are.

Owns the step from a feed's `[source]`, or a partner's `[delivery]`, to a session. Secrets are
resolved here, when it starts, and relative paths start at the folder of the file. Refuses nothing
itself: secrets.py and tidegate.taxii do.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from tidegate.errors import FeedError
from tidegate.feed import BasicAuth, BearerAuth, HeaderAuth, HttpsSource, TaxiiSource
from tidegate.feed.source import Remote
from tidegate.secrets import is_reference, resolve_secret, resolve_text
from tidegate.sources.base import Heard, untimed
from tidegate.sources.publication import MAX_BYTES
from tidegate.taxii.address import shown
from tidegate.taxii.behalf import A_FEED, Behalf
from tidegate.taxii.credential import Credential
from tidegate.taxii.limits import Limits
from tidegate.taxii.proxy import Proxy
from tidegate.taxii.retry import Waiting
from tidegate.taxii.session import GuardedSession
from tidegate.taxii.tls import ClientCertificate
from tidegate.taxii.way import Way

_BRIEF = Limits(connect_seconds=5, read_seconds=5, request_seconds=10, pull_seconds=10)
"""As long as somebody waits who only wants to know the time."""


def session_of(
    source: Remote,
    folder: Path,
    environ: Mapping[str, str],
    limits: Limits,
    waiting: Waiting,
    heard: Heard = untimed,
    behalf: Behalf = A_FEED,
) -> GuardedSession:
    """Return the session of one pull or delivery, nothing contacted yet.

    `folder` is that of the file that says it; `heard` is told what time each answer says that it
    is. Raises ConfigError when a secret or a file is not there.
    """
    return GuardedSession(
        source.url,
        credential_of(source, environ),
        limits,
        waiting,
        way_of(source, folder, environ),
        heard,
        behalf,
    )


def ask_time(source: Remote, folder: Path, environ: Mapping[str, str], heard: Heard) -> None:
    """Ask a feed's server for nothing but an answer, which says what time it is there.

    Whatever it answers will do, and if it does not answer, nothing is heard. No credential is
    sent, as certificates are not judged by a clock that is in doubt. Raises ConfigError when a
    file of the way is not there.
    """
    way = replace(way_of(source, folder, environ), dateless=True)
    with (
        GuardedSession(source.url, None, _BRIEF, Waiting(), way, heard) as session,
        contextlib.suppress(FeedError),
    ):
        session.head(source.url)


def introduced(source: Remote) -> str:
    """Say how a feed meets its server: credential, certificate, proxy."""
    auth = source.auth.kind if source.auth else "no"
    more = {
        "client certificate": source.client_cert,
        "own authority": source.ca,
        f"through {shown(source.proxy)}": source.proxy,
    }
    return ", ".join([f"{auth} credential", *(words for words, given in more.items() if given)])


def limits_of(source: Remote) -> Limits:
    """Return a pull's bounds: the feed's `timeout`, `deadline` and `page_size`, else defaults.

    A document that comes at once may be as large as a file, and take all of the time.
    """
    default = Limits()
    paged = not isinstance(source, HttpsSource)
    size = source.page_size if isinstance(source, TaxiiSource) else None
    return Limits(
        connect_seconds=min(default.connect_seconds, source.timeout),
        read_seconds=source.timeout,
        request_seconds=min(default.request_seconds, source.deadline) if paged else source.deadline,
        pull_seconds=source.deadline,
        response_bytes=default.response_bytes if paged else MAX_BYTES,
        page_size=size or default.page_size,
    )


def credential_of(source: Remote, environ: Mapping[str, str]) -> Credential | None:
    """Return the header that `auth` stands for; raises ConfigError when a secret is not there."""
    match source.auth:
        case BasicAuth() as basic:
            return _basic(basic, environ)
        case BearerAuth(token=token):
            return Credential.bearer(_secret(token, environ))
        case HeaderAuth(name=name, value=value):
            return Credential(name, _secret(value, environ))
        case None:
            return None


def way_of(source: Remote, folder: Path, environ: Mapping[str, str]) -> Way:
    """Return whom the feed trusts, what it shows and where it passes; raises ConfigError."""

    def located(path: str) -> Path:
        return folder / Path(path).expanduser()

    client = proxy = None
    if cert := source.client_cert:
        client = ClientCertificate(
            located(cert.certificate),
            located(cert.key) if cert.key else None,
            _secret(cert.password, environ) if cert.password else None,
        )
    if source.proxy:
        parts = urlsplit(source.proxy)
        shown = _basic(source.proxy_auth, environ).value if source.proxy_auth else None
        proxy = Proxy(parts.hostname or "", parts.port or 0, shown)
    ca = located(source.ca) if source.ca else None
    return Way(ca, client, proxy, source.allow_private)


def _basic(auth: BasicAuth, environ: Mapping[str, str]) -> Credential:
    name, password = resolve_text(auth.username, environ), _secret(auth.password, environ)
    return Credential.basic(name, password, secret_name=is_reference(auth.username))


def _secret(reference: str, environ: Mapping[str, str]) -> str:
    return resolve_secret(reference, environ).get_secret_value()
