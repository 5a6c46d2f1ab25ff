"""A certificate authority for tests, made anew each time: nothing here is secret, or lasts.

    authority.ca                                    its certificate, a PEM file
    authority.issue("localhost")                    files of a certificate and its key
    server_side(authority.issue("127.0.0.1"))       what LoopbackTaxii takes as `tls`

It needs the command openssl; tests are skipped on machines without it.
"""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


class Pair(NamedTuple):
    """Two PEM files."""

    certificate: Path
    key: Path


def _openssl(*words: object) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=60)


@dataclass
class Authority:
    """Issues certificates into a folder."""

    folder: Path

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._own = self._self_signed("authority", "/CN=Authority of tests")

    @property
    def ca(self) -> Path:
        """Its own certificate."""
        return self._own.certificate

    def self_signed(self, name: str) -> Pair:
        """Return a certificate that nobody stands behind."""
        return self._self_signed(f"self-{next(self._numbers)}", f"/CN={name}", _names(name))

    def issue(self, name: str, *, days: int = 2, password: str = "") -> Pair:
        """Return a certificate for a name or an address; `days` below zero: one that expired.

        `password` encrypts the key.
        """
        stem = self.folder / f"issued-{next(self._numbers)}"
        made = Pair(stem.with_suffix(".pem"), stem.with_suffix(".key"))
        request, names = stem.with_suffix(".csr"), stem.with_suffix(".ext")
        locked = ("-passout", f"pass:{password}") if password else ("-nodes",)
        _openssl("req", "-new", *_CURVE, *locked, "-keyout", made.key, "-out", request,
                 "-subj", f"/CN={name}")  # fmt: skip
        names.write_text(_names(name) + "\n")
        _openssl("x509", "-req", "-in", request, "-CA", self._own.certificate,
                 "-CAkey", self._own.key, "-set_serial", next(self._numbers), "-days", days,
                 "-extfile", names, "-out", made.certificate)  # fmt: skip
        made.key.chmod(0o600)
        return made

    def _self_signed(self, stem: str, subject: str, names: str = "") -> Pair:
        made = Pair(self.folder / f"{stem}.pem", self.folder / f"{stem}.key")
        extra = ("-addext", names) if names else ()
        _openssl("req", "-x509", *_CURVE, "-nodes", "-days", 2, "-subj", subject, *extra,
                 "-keyout", made.key, "-out", made.certificate)  # fmt: skip
        return made


def _names(name: str) -> str:
    kind = "IP" if name.replace(".", "").isdigit() else "DNS"
    return f"subjectAltName={kind}:{name}"


def server_side(pair: Pair, *, clients_of: Path | None = None) -> ssl.SSLContext:
    """Return a server's side of TLS; `clients_of` demands a client certificate of an authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    if clients_of:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients_of)
    return context


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return an authority of this run."""
    if shutil.which("openssl") is None:
        pytest.skip("no command openssl here, which makes the certificates")
    return Authority(tmp_path_factory.mktemp("authority"))
