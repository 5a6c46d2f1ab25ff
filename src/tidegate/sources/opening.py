"""From a feed's definition to its source: the registry of kinds.

Owns which kinds of source work, and what makes one source another. Refuses the other kinds with
the names of those that do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from tidegate.errors import ConfigError
from tidegate.feed import FeedDefinition
from tidegate.sources.base import FeedSource, Progress, unheard
from tidegate.sources.bundle_file import BundleFile, FolderOfBundles

# (the feed, its [source], the folder of its feed.toml, environment, who hears why it waits). The
# definition's tagged union pairs each kind with its model; a dictionary cannot tell a type checker
# so, hence Any.
Opener = Callable[[FeedDefinition, Any, Path, Mapping[str, str], Progress], FeedSource]


def _taxii21(
    feed: FeedDefinition,
    source: Any,  # noqa: ANN401 - see Opener
    folder: Path,
    environ: Mapping[str, str],
    told: Progress,
) -> FeedSource:
    # A sync of files only must not pay for loading requests and taxii2client.
    from tidegate.sources.taxii_collection import TaxiiCollection  # noqa: PLC0415 - as said above

    return TaxiiCollection(feed.id, source, environ, told=told, folder=folder)


def _https(
    feed: FeedDefinition,
    source: Any,  # noqa: ANN401 - see Opener
    folder: Path,
    environ: Mapping[str, str],
    told: Progress,
) -> FeedSource:
    from tidegate.sources.https_bundle import HttpsBundle  # noqa: PLC0415 - as for taxii21

    return HttpsBundle(feed.id, source, environ, feed.unrepaired, told, folder=folder)


OPENERS: Mapping[str, Opener] = {
    "taxii21": _taxii21,
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
) -> FeedSource:
    """Return the source of a feed, nothing read or connected yet.

    `folder` is where its feed.toml lies; relative paths start there. `environ` is what env: secrets
    are looked up in, `told` hears why a source waits. Raises ConfigError for a kind that has no
    source yet.
    """
    kind = definition.source.kind
    if kind not in OPENERS:
        raise ConfigError(
            f'feed {definition.id}: source kind "{kind}" is not available yet',
            "these are: " + ", ".join(sorted(OPENERS)),
        )
    return OPENERS[kind](definition, definition.source, folder, environ, told)


_IDENTITY = {"kind", "url", "collection", "path"}


def fingerprint(definition: FeedDefinition) -> str:
    """Return what tells a feed's source from every other, as 64 hex digits.

    Made of kind, address, collection and path: a cursor and objects of one source mean nothing to
    another. How one signs in does not count, so a changed secret costs no second full pull.
    """
    parts = definition.source.model_dump(mode="json", include=_IDENTITY)
    if "url" in parts:
        parts["url"] = parts["url"].rstrip("/")
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
