"""What every server that is asked needs: how long and how much, by which way, and who we are.

Owns the step from a feed's `[source]`, or a partner's `[delivery]`, to a session. Secrets are
resolved here, when it starts, and relative paths start at the folder of the file. Refuses nothing
itself: secrets.py and tidegate.taxii do.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from tidegate.feed import BasicAuth, BearerAuth, HeaderAuth, HttpsSource, TaxiiSource
from tidegate.feed.source import Remote
from tidegate.secrets import is_reference, resolve_secret, resolve_text
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


def session_of(
    source: Remote,
    folder: Path,
    environ: Mapping[str, str],
    limits: Limits,
    waiting: Waiting,
    behalf: Behalf = A_FEED,
) -> GuardedSession:
    """Return the session of one pull or delivery, nothing contacted yet.

    `folder` is that of the file that says it. Raises ConfigError when a secret or a file is not
    there.
    """
    return GuardedSession(
        source.url,
        credential_of(source, environ),
        limits,
        waiting,
        way_of(source, folder, environ),
        behalf,
    )


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
