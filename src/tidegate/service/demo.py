"""The demo: the whole journey on a real TAXII server, in a home that is thrown away.

Owns a loopback TAXII 2.1 server with the shipped samples, the throw-away home that subscribes to
them, and the samples' dates: they are published as if written just now, since a sample whose
indicators expired long ago would show nothing. Everything after that is the ordinary sync.
"""

from __future__ import annotations

import contextlib
import secrets
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import tomlkit

from tidegate import clock
from tidegate.config import Home
from tidegate.errors import ConfigError
from tidegate.service.demo_server import DemoServer
from tidegate.service.workspace import Workspace
from tidegate.sources.catalogue import Catalogue, CatalogueEntry, sample_of, shipped_folder
from tidegate.stix.objects import parse_time
from tidegate.store.files import private_folder, replace

USER = "demo"
_DATES = ("created", "modified", "valid_from", "valid_until", "first_seen", "last_seen",
          "first_observed", "last_observed", "published")  # fmt: skip
_CONFIG = """\
# A throw-away home: its samples use documentation values only, which a real home refuses.
[guards]
documentation = "warn"
"""


def samples(folder: Path | None = None) -> tuple[CatalogueEntry, ...]:
    """The shipped sample feeds. Raises ConfigError when the installation has none."""
    shipped = folder or shipped_folder()
    if shipped is None:
        raise ConfigError("the sample feeds are missing", "install Tidegate again")
    entries = Catalogue(Path(shipped) / "none", shipped).entries()
    return tuple(
        entry
        for entry in entries
        if entry.definition is not None and entry.definition.source.kind == "bundle"
    )


def redated(objects: list[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Move all dates by one distance, so that the newest `modified` is now.

    Distances between dates stay: what was expired or revoked at publication still is.
    """
    newest = max((parse_time(o["modified"]) for o in objects if "modified" in o), default=now)
    shift = now - newest - timedelta(minutes=1)
    return [
        {
            key: _moved(value, shift) if key in _DATES and isinstance(value, str) else value
            for key, value in item.items()
        }
        for item in objects
    ]


def _moved(text: str, shift: timedelta) -> str:
    moved = parse_time(text) + shift
    return moved.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moved.microsecond // 1000:03d}Z"


@contextlib.contextmanager
def demo_workspace(
    *, now: Callable[[], datetime] = clock.now, say: Callable[[str], None] = lambda _: None
) -> Iterator[Workspace]:
    """A running TAXII server and an opened throw-away home that subscribes to it."""
    chosen = samples()
    ids = {entry.id: str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{entry.id}.example")) for entry in chosen}
    collections = {
        ids[entry.id]: (
            entry.definition.title if entry.definition else entry.id,
            redated(orjson.loads(sample_of(entry).read_bytes())["objects"], now()),
        )
        for entry in chosen
    }
    password = secrets.token_urlsafe(18)
    with (
        DemoServer(collections, USER, password) as server,
        tempfile.TemporaryDirectory(prefix="tidegate-demo-") as folder,
    ):
        say(f"TAXII 2.1 server with {len(chosen)} collections at {server.url}")
        home = Home(Path(folder))
        home.ensure()
        secret = home.root / "demo-password"
        replace(secret, password.encode())
        replace(home.config_file, _CONFIG.encode())
        for entry in chosen:
            _subscribe(home, entry, server.url, ids[entry.id], secret)
        ws = Workspace.open(home, "demo", clock=now)
        try:
            yield ws
        finally:
            ws.close()


def _subscribe(home: Home, entry: CatalogueEntry, url: str, collection: str, secret: Path) -> None:
    """Write the sample's own feed.toml with a TAXII collection in place of the file."""
    definition = tomlkit.parse((entry.folder / "feed.toml").read_text("utf-8"))
    definition["source"] = {
        "kind": "taxii21",
        "url": url,
        "collection": collection,
        "auth": {"kind": "basic", "username": USER, "password": f"file:{secret}"},
    }
    definition["enabled"] = True
    folder = home.feeds_dir / entry.id
    private_folder(folder)
    replace(folder / "feed.toml", tomlkit.dumps(definition).encode())
