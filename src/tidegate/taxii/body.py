"""Reading a response's body without trusting its size.

Owns the cap, which holds while bytes arrive and while they are decompressed, so that neither an
endless body nor a small one that unpacks to gigabytes takes memory. Refuses encodings other than
gzip, and nested ones.
"""

from __future__ import annotations

import zlib

import requests

from tidegate.errors import FeedRefused, FeedUnavailable

_CHUNK = 1 << 16
_GZIP = 31  # zlib's window bits for gzip data and nothing else
_MAX_MEMBERS = 1000
"""Members of one gzip body; millions of empty ones would cost time without a byte of output."""

_LATER = "try again later"


def read_body(response: requests.Response, where: str, cap: int) -> bytes:
    """Return a streamed response's body, decompressed.

    `cap` bounds it in bytes, on the wire and decompressed; `where` names the address in errors.
    Raises FeedRefused beyond the cap and FeedUnavailable for compressed data that is damaged or
    ends too early; what the transport raises passes through.
    """
    declared = response.headers.get("Content-Length", "")
    if declared.isascii() and declared.isdigit() and len(declared) < 20 and int(declared) > cap:  # noqa: PLR2004 - more digits than any 64-bit length; int() of a huge string is slow
        raise _too_large(where, cap)
    unpack = _unpacker(response.headers.get("Content-Encoding", ""), where)
    body = bytearray()
    received = 0
    for chunk in response.raw.stream(_CHUNK, decode_content=False):
        received += len(chunk)
        if received > cap:
            raise _too_large(where, cap)
        body += unpack.feed(chunk, cap + 1 - len(body)) if unpack else chunk
        if len(body) > cap:
            raise _too_large(where, cap)
    if unpack and received and not unpack.finished:
        raise FeedUnavailable(f"{where} broke off in the middle of its answer", _LATER)
    return bytes(body)


class _Unpacker:
    """gzip, never giving more than asked for, however small the input."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._stream = zlib.decompressobj(_GZIP)
        self._members = 1

    @property
    def finished(self) -> bool:
        """Whether the last stream came to its end."""
        return self._stream.eof

    def feed(self, chunk: bytes, most: int) -> bytes:
        """Return up to `most` (at least 1) decompressed bytes of a chunk; what is over is lost."""
        out = bytearray()
        try:
            while chunk and len(out) < most:
                if self._stream.eof:  # gzip data may hold several members (RFC 1952 §2.2)
                    self._members += 1
                    if self._members > _MAX_MEMBERS:
                        raise _damaged(self._where)
                    self._stream = zlib.decompressobj(_GZIP)
                out += self._stream.decompress(chunk, most - len(out))
                chunk = self._stream.unused_data
        except zlib.error:
            raise _damaged(self._where) from None
        return bytes(out)


def _unpacker(encoding: str, where: str) -> _Unpacker | None:
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return _Unpacker(where)
        case _:
            raise FeedRefused(
                f"{where} answers in an encoding that was not asked for",
                "the server has to keep to Accept-Encoding: gzip",
            )


def _damaged(where: str) -> FeedUnavailable:
    return FeedUnavailable(f"{where} sent damaged compressed data", _LATER)


def _too_large(where: str, cap: int) -> FeedRefused:
    size = f"{cap // 1024**2} MiB" if cap >= 1024**2 else f"{cap} bytes"
    return FeedRefused(
        f"{where} answers with more than {size}",
        "where it comes in pages, ask for smaller ones with `page_size`",
    )
