"""Certificates for servers on loopback, good and bad, made by openssl where there is one."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = "IP:127.0.0.1"
_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Authority:
    """A certificate authority of a test's own; the test is skipped where openssl is missing."""

    folder: Path

    def __post_init__(self) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("no openssl here to make certificates with")
        usage = ("-addext", "keyUsage=critical,keyCertSign")
        self._openssl(
            "req", "-x509", *_KEY, "-days", "2", "-subj", "/CN=authority", *usage,
            "-keyout", "ca.key", "-out", "ca.pem",
        )  # fmt: skip

    @property
    def trusted(self) -> Path:
        """What a client must be given to trust the authority."""
        return self.folder / "ca.pem"

    def signed(self, name: str, *, days: int = 2, holder: str = HERE) -> Path:
        """Return a file with a key and its certificate; a negative term is over already."""
        request, found = f"{name}.csr", self.folder / f"{name}.pem"
        self._openssl(
            "req", *_KEY, "-subj", "/CN=server", "-keyout", f"{name}.key", "-out", request
        )
        (self.folder / "extensions").write_text(
            f"subjectAltName={holder}\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
        )
        self._openssl(
            "x509", "-req", "-in", request, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", str(days), "-extfile", "extensions", "-out", f"{name}.crt",
        )  # fmt: skip
        return self._joined(name, found)

    def unsigned(self, name: str) -> Path:
        """Return a file with a key and a certificate that vouches for itself."""
        self._openssl(
            "req", "-x509", *_KEY, "-days", "2", "-subj", "/CN=server",
            "-addext", f"subjectAltName={HERE}", "-keyout", f"{name}.key", "-out", f"{name}.crt",
        )  # fmt: skip
        return self._joined(name, self.folder / f"{name}.pem")

    def _joined(self, name: str, found: Path) -> Path:
        parts = (self.folder / f"{name}.{part}" for part in ("key", "crt"))
        found.write_text("".join(part.read_text() for part in parts))
        return found

    def _openssl(self, *words: str) -> None:
        subprocess.run(("openssl", *words), cwd=self.folder, check=True, capture_output=True)


def proving(certificate: Path) -> ssl.SSLContext:
    """Return what a server proves its name with; `load_cert_chain` gives it another later."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
