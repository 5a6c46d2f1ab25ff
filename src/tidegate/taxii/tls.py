"""TLS of one feed: whom it trusts, what certificate it shows, and what fails in between.

Owns the context (TLS 1.2 or newer, certificates and names always checked, nothing taken from the
environment) and the words for failed handshakes. Refuses a private key that others on this machine
can read: as with ssh, whoever reads it can act as this feed, and nobody would notice a warning in a
log of cron. As ssh does, it judges only files of the one who runs us: a system's key may be shared
with a group on purpose.
"""

from __future__ import annotations

import os
import ssl
import stat
from dataclasses import dataclass, field
from pathlib import Path

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from tidegate.errors import ConfigError

_LARGEST = 4 * 1024 * 1024
"""Bytes; the bundles of all authorities of the world are a tenth of it."""

_UNCHECKED = "checking is never turned off"


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """PEM files that prove who we are; without `key` the first one holds the key, too."""

    certificate: Path
    key: Path | None = None
    password: str | None = field(default=None, repr=False)


_NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which Python has no name for."""


def tls_context(
    ca: Path | None, client: ClientCertificate | None, *, dateless: bool = False
) -> ssl.SSLContext:
    """Return what connections are made with.

    `ca` is a PEM file that replaces the public authorities. `dateless` lets certificates pass that
    are over by our clock, or not valid yet. Raises ConfigError that names the key of the feed or
    partner.
    """
    # Not create_default_context: that writes session keys to where SSLKEYLOGFILE says.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if dateless:
        context.verify_flags |= _NO_CHECK_TIME
    if ca is not None:
        _check_file(ca, "ca")
        # Whoever names one certificate means that one, be it a root, an intermediate or a server's.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(ca or DEFAULT_CA_BUNDLE_PATH)
    except (ssl.SSLError, OSError):
        raise ConfigError(f"`ca`: {ca} holds no certificate in PEM form", _PEM) from None
    if client is not None:
        _load(context, client)
    return context


_PEM = "it begins with -----BEGIN CERTIFICATE-----"


def _load(context: ssl.SSLContext, client: ClientCertificate) -> None:
    table = "client_cert"
    if b"-----BEGIN CERTIFICATE-----" not in _check_file(
        client.certificate, f"{table}.certificate"
    ):
        raise ConfigError(
            f"`{table}.certificate`: {client.certificate} holds no certificate in PEM form",
            _PEM,
        )
    name = f"{table}.key" if client.key else f"{table}.certificate"
    key = client.key or client.certificate
    _check_file(key, name)
    _check_unshared(key, name)
    asked: list[bool] = []

    def password() -> str:
        # Always given: without it OpenSSL would ask at the terminal.
        asked.append(True)
        return client.password or ""

    try:
        context.load_cert_chain(client.certificate, key, password)
    except (ssl.SSLError, OSError, ValueError) as error:
        if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
            raise ConfigError(
                f"`{name}`: {key} is not the key of {client.certificate}",
                "name the two files that were made together",
            ) from None
        if asked and client.password:
            raise ConfigError(
                f"`{table}.password` does not open {key}", "check the secret it names"
            ) from None
        if asked:
            raise ConfigError(
                f"`{name}`: {key} is encrypted",
                f'write `password = "env:NAME"` into {table}',
            ) from None
        raise ConfigError(
            f"`{name}`: {key} holds no private key in PEM form",
            "it has a line -----BEGIN PRIVATE KEY----- or like it",
        ) from None


def _check_file(path: Path, key: str) -> bytes:
    """Return what a plain file of sensible size holds."""
    try:
        found = path.stat()
        plain = stat.S_ISREG(found.st_mode) and found.st_size <= _LARGEST
        held = path.read_bytes() if plain else b""
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", "") or "cannot be read").lower()
    else:
        if plain:
            return held
        why = "no small plain file"
    raise ConfigError(
        f"`{key}`: {path}: {why}",
        "check its mode, and the path: it starts where the file that names it is",
    )


def _check_unshared(path: Path, key: str) -> None:
    if os.name != "posix":
        return
    found = path.stat()
    if found.st_uid == os.getuid() and found.st_mode & 0o077:
        raise ConfigError(
            f"`{key}`: {path} can be read by others (mode {found.st_mode & 0o777:03o})",
            f"chmod 600 {path}",
        )


def handshake_fault(error: ssl.SSLError, *, own_ca: bool) -> tuple[str, str]:
    """Return what failed, to follow the server's address, and what to do."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _distrusted(error.verify_code, own_ca=own_ca)
    reason = error.reason or ""
    if "CERTIFICATE" in reason or reason.endswith(("UNKNOWN_CA", "HANDSHAKE_FAILURE")):
        return (
            "refuses the TLS handshake; it may want another certificate of ours",
            "check `client_cert`, and until when that certificate is valid",
        )
    if "PROTOCOL" in reason or reason == "WRONG_SSL_VERSION":
        return "offers no TLS that is new enough", "it needs TLS 1.2 or newer"
    return "does not offer TLS", f"check `url`, its port too; {_UNCHECKED}"


_EXPIRED, _NOT_YET = 10, 9
_OTHER_NAME = frozenset({62, 64})
_UNKNOWN_ISSUER = frozenset({2, 18, 19, 20, 21})
"""OpenSSL's verify codes (openssl-verification-options(1), X509_V_ERR_…)."""


def _distrusted(code: int, *, own_ca: bool) -> tuple[str, str]:
    if code in (_EXPIRED, _NOT_YET):
        when = "has expired" if code == _EXPIRED else "is not valid yet"
        return (
            f"has a certificate that {when}",
            f"tell who runs the server, and check this machine's clock; {_UNCHECKED}",
        )
    if code in _OTHER_NAME:
        return (
            "has a certificate for another name",
            f"write the name that the certificate is for into `url`; {_UNCHECKED}",
        )
    if code in _UNKNOWN_ISSUER and own_ca:
        return (
            "has a certificate that the authority in `ca` did not issue",
            f"name the file of the authority that did; {_UNCHECKED}",
        )
    if code in _UNKNOWN_ISSUER:
        return (
            "has a certificate of an authority that is not known here",
            'if it is your own, name its PEM file: `ca = "ca.pem"`; ' + _UNCHECKED,
        )
    return (
        "has a certificate that does not pass the checks",
        f"have the server's certificate corrected; {_UNCHECKED}",
    )
