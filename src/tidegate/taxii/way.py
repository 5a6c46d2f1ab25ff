"""The way to one feed's server: whom it trusts, what it shows, where it passes through.

Owns the choice between a direct connection and the feed's proxy. Refuses nothing itself: tls.py,
dial.py and proxy.py do. Everything is said in feed.toml; the environment has no say.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from tidegate.taxii.dial import dial
from tidegate.taxii.proxy import Proxy
from tidegate.taxii.tls import ClientCertificate, tls_context


@dataclass(frozen=True, slots=True)
class Way:
    """What `[source]` says about it; `allow_private` lets names lead into private networks.

    `dateless` checks certificates in all but their dates: for asking the time while our clock, by
    which they are judged, is in doubt. Nothing secret goes that way.
    """

    ca: Path | None = None
    client: ClientCertificate | None = None
    proxy: Proxy | None = None
    allow_private: bool = False
    dateless: bool = False

    def dial(self, host: str, port: int, seconds: float) -> socket.socket:
        """Return a connected socket; raises as dial.py and proxy.py say."""
        if self.proxy:
            return self.proxy.dial(host, port, seconds)
        return dial(host, port, seconds, allow_private=self.allow_private)

    def context(self) -> ssl.SSLContext:
        """Return what TLS is spoken with; raises ConfigError."""
        return tls_context(self.ca, self.client, dateless=self.dateless)
