"""The ways in which a TAXII server can misbehave, one small function each.

Each returns a `Malice` for LoopbackTaxii. They need no fixture and no network of their own.
"""

from __future__ import annotations

import gzip
import zlib
from itertools import count

import orjson

from servers.loopback_taxii import Answer, LoopbackTaxii, Malice, Seen, added, indicators


def more_without_next(server: LoopbackTaxii, seen: Seen) -> Answer:
    """Pages that never carry `next`; honest about the rest, as TAXII 2.1 §3.3-§3.5 allow."""
    start, stop = server.window(seen)
    return server.envelope(start, stop, more=stop < len(server.raw), token=None)


def cut_off(server: LoopbackTaxii, seen: Seen) -> Answer:
    """One page an answer, and not a word about the rest."""
    start, stop = server.window(seen)
    return server.envelope(start, stop, more=False, token=None)


def always_more(server: LoopbackTaxii, seen: Seen) -> Answer:
    """Honest pages, except that the last one claims more too; without `next`."""
    start, stop = server.window(seen)
    return server.envelope(start, stop, more=True, token=None)


def repeated_next(server: LoopbackTaxii, seen: Seen) -> Answer:
    """Always the first page and always the same token."""
    return server.envelope(0, 10, more=True, token="again")


def alternating_next() -> Malice:
    """Pages A and B by turns, each pointing at the other."""

    def answer(server: LoopbackTaxii, seen: Seen) -> Answer:
        if seen.query.get("next") == "B":
            return server.envelope(10, 20, more=True, token="A")
        return server.envelope(0, 10, more=True, token="B")

    return answer


def empty_pages() -> Malice:
    """One honest page, then empty ones that promise more, each with a fresh token."""
    tokens = count()

    def answer(server: LoopbackTaxii, seen: Seen) -> Answer:
        token = f"t-{next(tokens)}"
        stop = 0 if "next" in seen.query else 10
        return server.envelope(0, stop, more=True, token=token)

    return answer


def endless_pages(*, fresh_objects: bool) -> Malice:
    """Pages with a fresh token for ever; with fresh objects too, or always the same."""
    tokens = count()

    def answer(server: LoopbackTaxii, seen: Seen) -> Answer:
        number = next(tokens)
        objects = indicators(2)
        if fresh_objects:
            objects = [{**each, "modified": added(number)} for each in objects]
        body = orjson.dumps({"more": True, "next": f"t-{number}", "objects": objects})
        last = added(number)
        return Answer(body, headers={"X-TAXII-Date-Added-Last": last})

    return answer


def limit_refused(server: LoopbackTaxii, seen: Seen) -> Answer | None:
    """400 for whoever sends `limit`."""
    return Answer(b"{}", status=400) if "limit" in seen.query else None


def stamped(text: str) -> Malice:
    """Honest pages whose Date-Added headers all hold `text`."""

    def answer(server: LoopbackTaxii, seen: Seen) -> Answer:
        honest = server.page(seen)
        return Answer(honest.body, headers=dict.fromkeys(honest.headers, text))

    return answer


def status(number: int) -> Malice:
    """Refuse with a status, and a body that must not reach anyone's terminal."""
    return lambda _server, _seen: Answer(b'{"title":"\x1b[31mhostile"}', status=number)


def failing(times: int, number: int = 503, *, first: int = 0, after: str = "") -> Malice:
    """Answer with a status so many times, from request number `first` on; then honestly.

    `after` is what Retry-After says.
    """
    asked = count()
    headers = {"Retry-After": after} if after else {}

    def answer(server: LoopbackTaxii, seen: Seen) -> Answer | None:
        if first <= next(asked) < first + times:
            return Answer(b'{"title":"busy"}', status=number, headers=headers)
        return None

    return answer


def lost(page: int) -> Malice:
    """Serve a page, number `page`, as far as the server can tell; nothing of it arrives."""
    asked = count()

    def answer(server: LoopbackTaxii, seen: Seen) -> Answer | None:
        if next(asked) == page:
            return Answer(b"", length=len(server.page(seen).body))
        return None

    return answer


def redirect(target: str, number: int = 302) -> Malice:
    """Redirect to `target`."""
    return lambda _server, _seen: Answer(b"", status=number, headers={"Location": target})


def redirect_within(server: LoopbackTaxii, seen: Seen) -> Answer | None:
    """Redirect once to the same server."""
    if "moved" in seen.query:
        return None
    query = "&".join(f"{key}={value}" for key, value in {**seen.query, "moved": "1"}.items())
    return Answer(status=308, headers={"Location": f"{seen.path}?{query}"})


def redirect_for_ever(server: LoopbackTaxii, seen: Seen) -> Answer:
    """Redirect to itself."""
    return Answer(status=302, headers={"Location": seen.path})


def media_type(text: str | None, body: bytes | None = None) -> Malice:
    """Answer honestly under another media type, or with a body of its own."""

    def answer(server: LoopbackTaxii, seen: Seen) -> Answer:
        honest = server.page(seen) if seen.path.endswith("/objects/") else Answer(b"{}")
        return Answer(honest.body if body is None else body, media_type=text)

    return answer


def login_page() -> Malice:
    """A web page with status 200 where TAXII is expected."""
    return media_type("text/html; charset=utf-8", b"<html><form>Sign in</form></html>")


def body(data: bytes) -> Malice:
    """Answer with these bytes as TAXII."""
    return lambda _server, _seen: Answer(data)


def silent(server: LoopbackTaxii, seen: Seen) -> Answer:
    """Take the request and say nothing."""
    server.stopping.wait(20)
    return Answer(b"{}")


def slow_body(pause: float = 0.05) -> Malice:
    """Drip an endless body byte by byte, never silent for long."""
    return lambda _server, _seen: Answer(b" " * 10_000, drip=pause)


def truncated(server: LoopbackTaxii, seen: Seen) -> Answer:
    """Announce a page and hang up halfway."""
    whole = server.page(seen).body
    return Answer(whole[: len(whole) // 2], length=len(whole))


def giant_body(*, announced: bool) -> Malice:
    """1 GiB of spaces, with its length in the header or until the connection closes."""
    megabyte = b" " * 1024**2
    length = None if announced else -1
    return lambda _server, _seen: Answer(megabyte, repeat=1024, length=length)


def gzip_bomb(megabytes: int = 100) -> Malice:
    """A thousandth of the size on the wire that it has unpacked."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    megabyte = b" " * 1024**2
    data = b"".join(packer.compress(megabyte) for _ in range(megabytes)) + packer.flush()
    return lambda _server, _seen: Answer(data, headers={"Content-Encoding": "gzip"})


def endless_gzip_name() -> Malice:
    """A gzip header whose file name never ends: much on the wire that unpacks to nothing."""
    data = bytes.fromhex("1f8b08080000000000ff") + b"a" * (4 * 1024**2)
    return lambda _server, _seen: Answer(
        data, headers={"Content-Encoding": "gzip"}, length=-1, repeat=2
    )


def many_members() -> Malice:
    """gzip data made of thousands of empty members: time without output."""
    data = gzip.compress(b"") * 5000
    return lambda _server, _seen: Answer(data, headers={"Content-Encoding": "gzip"})


def zipped(encoding: str = "gzip", keep: float = 1) -> Malice:
    """Answer honestly in gzip, in two members; `keep` < 1 cuts the data off."""

    def answer(server: LoopbackTaxii, seen: Seen) -> Answer:
        honest = server.page(seen)
        half = len(honest.body) // 2
        data = gzip.compress(honest.body[:half]) + gzip.compress(honest.body[half:])
        data = data[: int(len(data) * keep)]
        return Answer(data, headers={**honest.headers, "Content-Encoding": encoding})

    return answer


def bare(data: bytes, *, drip: float = 0, repeat: int = 1) -> Malice:
    """Send these bytes where an answer belongs, HTTP or not."""
    return lambda _server, _seen: Answer(data, bare=True, drip=drip, repeat=repeat)


def slow_head(pause: float = 0.02) -> Malice:
    """Drip the headers byte by byte, never silent for long, and never come to their end."""
    return bare(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 10_000, drip=pause)


def endless_head() -> Malice:
    """One header after the other, as fast as they can be read."""
    return bare(b"HTTP/1.1 200 OK\r\n" + b"X-More: of the same\r\n" * 100_000, repeat=10)


def page(*entries: bytes | dict[str, object]) -> Malice:
    """Answer with a page of objects, written by hand where they are bytes; undated."""
    parts = [each if isinstance(each, bytes) else orjson.dumps(each) for each in entries]
    return body(b'{"objects":[' + b",".join(parts) + b"]}")
