"""What every source on a network needs: how long and how much, and what proves who we are.

Owns the way from a feed's `[source]` to the bounds and the credential of a session. Secrets are
resolved here, when a pull starts. Refuses nothing itself: secrets.py and taxii/session.py do.
"""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.feed import BasicAuth, BearerAuth, HeaderAuth, HttpsSource, TaxiiSource
from tidegate.secrets import resolve_secret, resolve_text
from tidegate.sources.publication import MAX_BYTES
from tidegate.taxii.limits import Limits
from tidegate.taxii.session import Credential

Remote = TaxiiSource | HttpsSource


def limits_of(source: Remote) -> Limits:
    """Return a pull's bounds: the feed's `timeout`, `deadline` and `page_size`, else defaults.

    A document that comes at once may be as large as a file, and take all of the time.
    """
    default = Limits()
    paged = isinstance(source, TaxiiSource)
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

    def secret(reference: str) -> str:
        return resolve_secret(reference, environ).get_secret_value()

    match source.auth:
        case BasicAuth(username=username, password=password):
            return Credential.basic(resolve_text(username, environ), secret(password))
        case BearerAuth(token=token):
            return Credential.bearer(secret(token))
        case HeaderAuth(name=name, value=value):
            return Credential(name, secret(value))
        case None:
            return None
