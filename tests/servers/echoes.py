"""Servers that fail, most of them by throwing back whatever they were sent.

Each of `ECHOES` is a `Malice` for LoopbackTaxii, to be used for all requests.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

import orjson

from servers import malice
from servers.loopback_taxii import Answer, LoopbackTaxii, Malice, Seen, indicators


def _said(seen: Seen) -> str:
    return " ".join(seen.headers.values())


def _status(number: int, server: LoopbackTaxii, seen: Seen) -> Answer:
    """Refuse, the request's headers in the page and in headers."""
    text = _said(seen)
    headers = {"Retry-After": text, "WWW-Authenticate": text, "Proxy-Authenticate": text}
    return Answer(orjson.dumps({"title": text, "description": text}), number, headers)


def _body(make: Callable[[str], bytes], server: LoopbackTaxii, seen: Seen) -> Answer:
    return Answer(make(_said(seen)))


def _header(name: str, server: LoopbackTaxii, seen: Seen) -> Answer:
    """An honest page but for one header."""
    honest = server.page(seen)
    if name == "Content-Type":
        return Answer(honest.body, media_type=_said(seen))
    return Answer(honest.body, headers={**honest.headers, name: _said(seen)})


def _redirect(place: str, server: LoopbackTaxii, seen: Seen) -> Answer:
    target = place.format(path=seen.path, said=quote(_said(seen)))
    return Answer(b"", 302, {"Location": target})


def _titled(text: str) -> bytes:
    collection = {"id": "x", "can_read": True, "can_write": False, "title": text}
    return orjson.dumps({**collection, "objects": indicators(2)})


def _continued(text: str) -> bytes:
    return orjson.dumps({"objects": indicators(2), "more": True, "next": text})


def _named(text: str) -> bytes:
    return orjson.dumps({"objects": [{**indicators(1)[0], "name": text}]})


def _webpage(text: str) -> bytes:
    return f"<html>{text}</html>".encode()


def _cut(text: str) -> bytes:
    return b'{"objects": [' + text.encode()


def _zipped(server: LoopbackTaxii, seen: Seen) -> Answer:
    body = gzip.compress(_said(seen).encode() + b" " * 1024)
    return Answer(body[:-9], headers={"Content-Encoding": "gzip"})


def _truncated(server: LoopbackTaxii, seen: Seen) -> Answer:
    body = orjson.dumps({"objects": [], "title": _said(seen)})
    return Answer(body, length=len(body) + 10)


def _dripping(server: LoopbackTaxii, seen: Seen) -> Answer:
    return Answer(orjson.dumps([_said(seen)]) * 200, drip=0.005)


ECHOES: dict[str, Malice] = {
    **{f"status {n}": partial(_status, n) for n in (400, 401, 403, 404, 406, 407, 429, 500, 503)},
    **{
        f"header {name}": partial(_header, name)
        for name in (
            "ETag", "Last-Modified", "X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last",
            "Content-Type", "Retry-After", "Set-Cookie",
        )
    },
    "redirect elsewhere": partial(_redirect, "https://192.0.2.1/{said}"),
    "redirect within": partial(_redirect, "{path}/{said}"),
    "redirect nowhere": partial(_redirect, "http://[{said}"),
    "malformed": partial(_body, _cut),
    "text": partial(_body, str.encode),
    "page": partial(_body, _webpage),
    "title": partial(_body, _titled),
    "next": partial(_body, _continued),
    "object": partial(_body, _named),
    "cut gzip": _zipped,
    "bomb": malice.gzip_bomb(600),
    "truncated": _truncated,
    "dripping": _dripping,
}  # fmt: skip
