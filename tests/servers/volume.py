"""A TAXII 2.1 server in a process of its own, with pages made ready before the first request.

    with volume(100_000, page=1000) as url: ...        python -m servers.volume 100000 1000

For measurements: what the server does must not count for the client, and what it sends is the same
for every client. The objects are those of a mixed feed: names, URLs, addresses, files.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import orjson

from servers.loopback_taxii import COLLECTION, MEDIA_TYPE, added

_SOURCE = "identity--6b1c6f5e-7f2e-4c0b-9d43-1f0f6f9d2b11"
_GREEN = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"


@contextmanager
def volume(objects: int, page: int) -> Iterator[str]:
    """Serve so many indicators in pages of so many; yields the address of the API root."""
    command = [sys.executable, "-m", "servers.volume", str(objects), str(page)]
    here = Path(__file__).resolve().parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=here) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def indicator(number: int) -> dict[str, Any]:
    """The indicator of this number; of 20, 8 are names, 5 URLs, 4 addresses and 3 files."""
    digest = blake2b(b"%d" % number, digest_size=16).digest()
    at = f"2026-01-{1 + number % 28:02}T{number // 28 % 24:02}:{number // 672 % 60:02}:00.000Z"
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{UUID(bytes=digest, version=4)}",
        "created_by_ref": _SOURCE,
        "created": at,
        "modified": at,
        "name": f"Sample {number}",
        "indicator_types": ["malicious-activity"],
        "labels": ["c2", "botnet"],
        "pattern": _pattern(number),
        "pattern_type": "stix",
        "pattern_version": "2.1",
        "valid_from": at,
        "confidence": number % 101,
        "object_marking_refs": [_GREEN],
    }


def _pattern(number: int) -> str:
    kind = number % 20
    if kind < 8:
        return f"[domain-name:value = 'h{number}.sub{number % 97}.example.com']"
    if kind < 13:
        return f"[url:value = 'https://h{number}.example.net/gate/{number % 13}.php?id={number}']"
    if kind < 17:
        number += 0x0B000000  # 11.0.0.0/8, which no registry sets aside
        return f"[ipv4-addr:value = '{'.'.join(str(number >> s & 255) for s in (24, 16, 8, 0))}']"
    if kind < 19:
        return f"[file:hashes.'SHA-256' = '{number:064x}']"
    return f"[file:hashes.'SHA-256' = '{number:064x}' OR file:hashes.MD5 = '{number:032x}']"


def _pages(objects: int, page: int) -> list[bytes]:
    made: list[bytes] = []
    for start in range(0, objects, page):
        stop = min(start + page, objects)
        envelope: dict[str, Any] = {"more": stop < objects}
        if stop < objects:
            envelope["next"] = f"p-{len(made) + 1}"
        envelope["objects"] = [indicator(number) for number in range(start, stop)]
        made.append(orjson.dumps(envelope))
    return made


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    pages: list[bytes]
    page: int

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        number, headers = 0, {}
        if not parts.path.endswith("/objects/"):
            about = {"id": COLLECTION, "title": "Volume", "can_read": True, "can_write": False}
            body = orjson.dumps(about)
        else:
            number = int(query["next"][0].removeprefix("p-")) if "next" in query else 0
            body = self.pages[number]
            headers = {
                "X-TAXII-Date-Added-First": added(number * self.page),
                "X-TAXII-Date-Added-Last": added((number + 1) * self.page - 1),
            }
        self.send_response(200)
        self.send_header("Content-Type", MEDIA_TYPE)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Keep the output to the address."""


def main(objects: str, page: str) -> None:
    """Serve until the process is told to end."""
    _Handler.pages, _Handler.page = _pages(int(objects), int(page)), int(page)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}/api1/\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
