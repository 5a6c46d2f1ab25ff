"""From a feed's definition to its source: the registry of kinds.

Owns which source reads which kind, and what makes one source another. Refuses to read anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tidegate.feed import FeedDefinition
from tidegate.sources.base import FeedSource, Heard, Pin, Progress, Unpinned, unheard, untimed
from tidegate.sources.bundle_file import BundleFile, FolderOfBundles

# (the feed, its [source], the folder of its feed.toml, environment, who hears why it waits, what
# is known of its server, who hears what time it is there). The definition's tagged union pairs each
# kind with its model; a dictionary cannot tell a type checker so, hence Any.
Opener = Callable[[FeedDefinition, Any, Path, Mapping[str, str], Progress, Pin, Heard], FeedSource]


def _taxii(
    feed: FeedDefinition,
    source: Any,  # noqa: ANN401 - see Opener
    folder: Path,
    environ: Mapping[str, str],
    told: Progress,
    pin: Pin,
    heard: Heard,
) -> FeedSource:
    # A sync of files only must not pay for loading requests and taxii2client.
    from tidegate.sources.taxii_collection import TaxiiCollection  # noqa: PLC0415 - as said above

    return TaxiiCollection(feed.id, source, environ, told=told, pin=pin, folder=folder, heard=heard)


def _https(
    feed: FeedDefinition,
    source: Any,  # noqa: ANN401 - see Opener
    folder: Path,
    environ: Mapping[str, str],
    told: Progress,
    __: Pin,
    heard: Heard,
) -> FeedSource:
    from tidegate.sources.https_bundle import HttpsBundle  # noqa: PLC0415 - as for taxii

    return HttpsBundle(feed.id, source, environ, feed.unrepaired, told, folder=folder, heard=heard)


OPENERS: Mapping[str, Opener] = {
    "taxii": _taxii,
    "taxii21": _taxii,
    "taxii20": _taxii,
    "https": _https,
    "bundle": lambda feed, source, folder, *_: BundleFile(folder / source.path, feed.unrepaired),
    "folder": lambda feed, source, folder, *_: FolderOfBundles(
        folder / source.path, feed.unrepaired
    ),
}


def open_source(
    definition: FeedDefinition,
    folder: Path,
    environ: Mapping[str, str],
    told: Progress = unheard,
    pin: Pin | None = None,
    heard: Heard = untimed,
) -> FeedSource:
    """Return the source of a feed, nothing read or connected yet.

    `folder` is where its feed.toml lies; relative paths start there. `environ` is what env: secrets
    are looked up in, `told` hears why a source waits, `pin` keeps what was found out about its
    server from one pull to the next, `heard` is told what time each answer says that it is.
    """
    opener = OPENERS[definition.source.kind]
    return opener(definition, definition.source, folder, environ, told, pin or Unpinned(), heard)


_IDENTITY = {"kind", "url", "collection", "match", "path"}


def ask_for_time(
    definition: FeedDefinition, folder: Path, environ: Mapping[str, str], heard: Heard
) -> None:
    """Have a feed's server say what time it is; nothing is heard of one that does not answer.

    Nothing is asked for a feed that is a file. Raises ConfigError when a secret is not there.
    """
    if server_of(definition):
        from tidegate.sources.remote import ask_time  # noqa: PLC0415 - as for taxii

        source: Any = definition.source
        ask_time(source, folder, environ, heard)


def fingerprint(definition: FeedDefinition) -> str:
    """Return what tells a feed's source from every other, as 64 hex digits.

    Made of kind, address, collection, filters and path: a cursor and objects of one source mean
    nothing to another. How one signs in does not count, so a changed secret costs no second full
    pull.
    """
    parts = definition.source.model_dump(mode="json", include=_IDENTITY)
    if "url" in parts:
        parts["url"] = parts["url"].rstrip("/")
    if filters := parts.pop("match", None):
        parts["match"] = {name: sorted(values) for name, values in filters.items() if values}
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def server_of(definition: FeedDefinition) -> str:
    """Return what may be asked by one pull at a time: a server's origin, or "" for this machine.

    A server is asked one thing at a time out of politeness. Files gain nothing by being read at
    once, and each may be as large as memory allows.
    """
    parts = urlsplit(getattr(definition.source, "url", ""))
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}" if parts.netloc else ""
