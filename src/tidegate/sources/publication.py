"""One STIX document as a whole publication, wherever it came from.

Owns decoding: JSON in UTF-8, in whatever container the objects come (stix/container.py), past odd
tokens in single objects (stix/lenient_json.py), handed on in pages. Refuses other encodings, JSON
without anything that could hold STIX, and, where the feed says so, whatever is no bundle.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import datetime

from tidegate.errors import BundleError
from tidegate.sources.base import FeedPage
from tidegate.stix.container import objects_in
from tidegate.stix.lenient_json import BrokenJson, decode
from tidegate.stix.repairs import NOT_A_BUNDLE

MAX_BYTES = 512 * 1024 * 1024
PAGE_OBJECTS = 5000
"""Objects per page: a page is what the ledger commits at once and what progress is shown by."""

_BOM = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Publication:
    """The objects of one document, how many entries are none, and how its container was read."""

    objects: list[dict[str, object]]
    junk: int
    repairs: tuple[str, ...]

    def pages(self, published: datetime | None, cursor: str | None = None) -> Iterator[FeedPage]:
        """Yield all objects, at least one page."""
        for start in range(0, max(len(self.objects), 1), PAGE_OBJECTS):
            part = tuple(self.objects[start : start + PAGE_OBJECTS])
            if start:
                yield FeedPage(part, 0, cursor, published)
            else:
                yield FeedPage(part, self.junk, cursor, published, repairs=self.repairs)

    def counted(self) -> str:
        """Say what is in it."""
        junk = f", {self.junk} entries that are none" if self.junk else ""
        loose = ", not in a bundle" if self.repairs else ""
        return f"{len(self.objects)} objects{loose}{junk}"


def read_publication(data: bytes, name: str, unrepaired: Container[str], fix: str) -> Publication:
    """Decode a document; raises BundleError.

    `name` is what errors call it, `fix` says where to put it right. `unrepaired` are the repairs
    that the feed does without.
    """
    if data.startswith(_UTF16_MARKS):
        raise BundleError(f"{name} is not in UTF-8", "STIX is written in UTF-8; " + fix)
    if not data.strip():
        raise BundleError(f"{name} is empty", fix)
    try:
        document = decode(data.removeprefix(_BOM))
    except BrokenJson as error:
        raise BundleError(
            f"{name}, {error}", "it may be cut off, or no STIX at all; " + fix
        ) from None
    objects, junk = objects_in(document)
    if not objects and not _may_be_empty(document):
        raise BundleError(f"{name} holds JSON, but no STIX object", fix)
    bundled = isinstance(document, dict) and document.get("type") == "bundle"
    if not bundled and NOT_A_BUNDLE in unrepaired:
        raise BundleError(
            f"{name} is no STIX bundle, and this feed takes nothing else",
            f"{fix}, or remove {NOT_A_BUNDLE} = false from feed.toml",
        )
    return Publication(objects, junk, () if bundled else (NOT_A_BUNDLE,))


def _may_be_empty(document: object) -> bool:
    """Say whether JSON without objects is a container that happens to be empty."""
    if isinstance(document, dict) and document:  # {} is TAXII's empty envelope
        return document.get("type") == "bundle" or isinstance(document.get("objects"), list)
    return document in ({}, [])
