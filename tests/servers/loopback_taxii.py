"""A fast TAXII 2.1 server on loopback that keeps to the specification, or breaks it as told.

    with LoopbackTaxii(indicators(20_000)) as server: ...            an honest server
    with LoopbackTaxii(objects, malice=malice.gzip_bomb()) as server: ...

Objects are serialised once, so 20,000 of them cost the server little. Every request is remembered
in `server.seen`, headers included, and every byte of an answer is counted in `server.sent`. What a
server does may be changed while it runs. Fixture: `loopback_taxii`, a starter that stops all at the
end.
"""

from __future__ import annotations

import ssl
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, Self
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid5

import orjson
import pytest

COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
MEDIA_TYPE = "application/taxii+json;version=2.1"
FIRST_ADDED = datetime(2026, 1, 1, tzinfo=UTC)

_NAMESPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


def indicators(count: int) -> list[dict[str, Any]]:
    """Return STIX 2.1 indicators for h0.example.com, h1.example.com and so on."""
    return [
        {
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--{uuid5(_NAMESPACE, str(number))}",
            "created": "2026-01-01T00:00:00.000Z",
            "modified": "2026-01-01T00:00:00.000Z",
            "name": f"Sample {number}",
            "pattern": f"[domain-name:value = 'h{number}.example.com']",
            "pattern_type": "stix",
            "valid_from": "2026-01-01T00:00:00Z",
            "confidence": number % 101,
            "indicator_types": ["malicious-activity"],
        }
        for number in range(count)
    ]


def added(number: int, per_time: int = 1) -> str:
    """Return the time at which object `number` was added, `per_time` objects sharing each."""
    moment = FIRST_ADDED + timedelta(milliseconds=number // per_time)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    method: str = "GET"
    body: bytes = b""


@dataclass
class Answer:
    """One answer; `drip` sends the body byte by byte with so many seconds between.

    `length` is what Content-Length says: None the truth, -1 nothing (the body then ends with the
    connection). `repeat` sends the body so many times. `bare` sends the body alone, so that it may
    be any bytes where an answer belongs; then the connection ends.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str | None = MEDIA_TYPE
    length: int | None = None
    drip: float = 0
    repeat: int = 1
    bare: bool = False


class Malice(Protocol):
    """How a server breaks the rules: an answer of its own, or None for the honest one."""

    def __call__(self, server: LoopbackTaxii, seen: Seen) -> Answer | None: ...


class LoopbackTaxii:
    """The server; `seen` grows with every request.

    `malice` answers requests for objects, with `everywhere` all requests. `per_time` objects share
    each time of addition. `inclusive` also sends what was added at exactly `added_after`. `tls`
    makes it https. `one_token` keeps the same `next` for a whole pull, as medallion does.
    `discovery` is what the discovery address answers; without one there is none. `alias` is another
    name of the collection. `says` is what time its answers say it is, instead of the true one. It
    takes nothing in: loopback_inbox.py does.
    """

    discovery_path = "/taxii2/"
    takes = 0
    """Bytes of a body that are read at most."""
    media_type = MEDIA_TYPE

    def __init__(
        self,
        objects: Sequence[dict[str, Any]] = (),
        *,
        malice: Malice | None = None,
        everywhere: bool = False,
        per_time: int = 1,
        max_page: int = 5000,
        inclusive: bool = False,
        one_token: bool = False,
        dated: bool = True,
        discovery: dict[str, Any] | None = None,
        alias: str | None = None,
        tls: ssl.SSLContext | None = None,
        says: datetime | None = None,
    ) -> None:
        self.objects = list(objects)
        self.raw = [orjson.dumps(each) for each in objects]
        self.times = [added(number, per_time) for number in range(len(objects))]
        self.malice = malice
        self.everywhere = everywhere
        self.max_page = max_page
        self.inclusive = inclusive
        self.one_token = one_token
        self.dated = dated
        self.discovery = discovery
        self.alias = alias
        self.says = says
        self.seen: list[Seen] = []
        self.connections = 0
        self.sent = 0
        self.stopping = threading.Event()
        self._position = 0
        handler = type("Handler", (_Handler,), {"taxii": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self.tls = tls
        self.scheme = "https" if tls else "http"
        if tls:  # the handshake belongs to the thread of its request, not to the one that listens
            self._http.socket = tls.wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def origin(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        return self._http.server_port

    @property
    def url(self) -> str:
        return f"{self.origin}/api1/"

    @property
    def discovery_url(self) -> str:
        return f"{self.origin}{self.discovery_path}"

    @property
    def pulls(self) -> list[Seen]:
        """The requests for objects alone."""
        return [seen for seen in self.seen if seen.path.endswith("/objects/")]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def publish(self, objects: Sequence[dict[str, Any]], at: str = "") -> None:
        """Add objects, all at one time, or each at one later than all before."""
        for each in objects:
            time = at or added(len(self.times))
            place = bisect_right(self.times, time)
            self.times.insert(place, time)
            self.objects.insert(place, each)
            self.raw.insert(place, orjson.dumps(each))

    def answer(self, seen: Seen) -> Answer:
        """Answer one request, dishonestly where told to."""
        self.seen.append(seen)
        for_objects = seen.path.endswith("/objects/")
        if self.malice and (for_objects or self.everywhere):
            own = self.malice(self, seen)
            if own:
                return own
        return self.honest(seen)

    def honest(self, seen: Seen) -> Answer:
        """Answer one request as an honest server does."""
        if seen.path.endswith("/objects/"):
            return self.page(seen)
        known = self.resources()
        if seen.path not in known:
            return Answer(b'{"title":"not found"}', status=404, media_type=self.media_type)
        return Answer(orjson.dumps(known[seen.path]), media_type=self.media_type)

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return everything but the objects, by its path."""
        about = {"id": COLLECTION, "title": "Everything", "can_read": True, "can_write": False}
        if self.alias:
            about["alias"] = self.alias
        root = {"title": "Loopback", "versions": [self.media_type], "max_content_length": 1000}
        known: dict[str, dict[str, Any]] = {
            "/api1/": root,
            "/api1/collections/": {"collections": [about]},
            f"/api1/collections/{COLLECTION}/": about,
        }
        return known | ({self.discovery_path: self.discovery} if self.discovery else {})

    def page(self, seen: Seen) -> Answer:
        """Answer a request for objects as TAXII 2.1 §5.4 says."""
        start, stop = self.window(seen)
        return self.envelope(start, stop, more=stop < len(self.raw))

    def window(self, seen: Seen) -> tuple[int, int]:
        """Return the range of objects that an honest page holds."""
        token = seen.query.get("next")
        if token is None:
            start = self.after(seen.query.get("added_after"))
        else:
            start = self._position if self.one_token else int(token.removeprefix("at-"))
        size = min(int(seen.query.get("limit", self.max_page)), self.max_page)
        stop = min(start + size, len(self.raw))
        self._position = stop
        return start, stop

    def envelope(self, start: int, stop: int, *, more: bool, token: str | None = "") -> Answer:
        """Return a page; `token` "" is the honest one, None leaves `next` out."""
        parts = [b'{"more":', b"true" if more else b"false"]
        if more and token is not None:
            parts += [b',"next":', orjson.dumps(token or self._token(stop))]
        parts += [b',"objects":[', b",".join(self.raw[start:stop]), b"]}"]
        headers = {}
        if start < stop and self.dated:
            headers = {
                "X-TAXII-Date-Added-First": self.times[start],
                "X-TAXII-Date-Added-Last": self.times[stop - 1],
            }
        return Answer(b"".join(parts), headers=headers)

    def _token(self, stop: int) -> str:
        return "pull-1" if self.one_token else f"at-{stop}"

    def after(self, moment: str | None) -> int:
        """Return the number of the first object that was added after `moment`."""
        if not moment:
            return 0
        return (bisect_left if self.inclusive else bisect_right)(self.times, moment)


class _Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for the LoopbackTaxii that a subclass names."""

    taxii: LoopbackTaxii
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.taxii.connections += 1
        # A client that had enough resets the connection, which is what tests want.
        with suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
            super().handle()

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        if not self.taxii.takes:
            self.send_error(501)
        else:
            self._serve(self.rfile.read(min(length, self.taxii.takes)))

    def _serve(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.taxii.answer(Seen(parts.path, query, headers, self.command, body))
        if answer.bare:
            self.close_connection = True
        else:
            self._send_head(answer)
        for _ in range(answer.repeat):
            if answer.drip:
                self._drip(answer)
            else:
                self._send(answer.body)

    def _send(self, data: bytes) -> None:
        self.taxii.sent += self.wfile.write(data)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The time of the `Date` header."""
        says = self.taxii.says
        return super().date_time_string(timestamp if says is None else says.timestamp())

    def _send_head(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.media_type is not None:
            self.send_header("Content-Type", answer.media_type)
        length = len(answer.body) * answer.repeat
        announced = length if answer.length is None else answer.length
        if announced >= 0:
            self.send_header("Content-Length", str(announced))
        self.close_connection = self.close_connection or announced != length
        self.end_headers()

    def _drip(self, answer: Answer) -> None:
        for position in range(len(answer.body)):
            self._send(answer.body[position : position + 1])
            if self.taxii.stopping.wait(answer.drip):
                return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Keep test output clean."""


@pytest.fixture
def loopback_taxii() -> Iterator[Callable[..., LoopbackTaxii]]:
    """Start servers as LoopbackTaxii is called, or another class; all stop with the test."""
    running: list[LoopbackTaxii] = []

    def start(
        objects: Sequence[dict[str, Any]] = (),
        kind: type[LoopbackTaxii] = LoopbackTaxii,
        **options: Any,  # noqa: ANN401 - passed on
    ) -> LoopbackTaxii:
        server = kind(objects, **options)
        running.append(server.__enter__())
        return server

    yield start
    for server in running:
        server.__exit__()
