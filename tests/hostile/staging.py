"""Setting a case up: its servers, its feed, the resolver, and the `sync` that is watched."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from driving.homes import Cli, Ran, Watch, bundle, write_feed
from hostile.case import Stage, Way
from running import Tidegate
from servers.certificates import Authority, server_side
from servers.loopback_taxii import COLLECTION, LoopbackTaxii
from servers.loopback_taxii20 import LoopbackTaxii20
from servers.publisher import Publisher
from tidegate.service.workspace import Workspace

VARIABLE = "TIDEGATE_TEST_CANARY"
HOST = "rebinding.example.com"


def staged(way: Way, folder: Path, patch: pytest.MonkeyPatch, stack: ExitStack) -> Stage:
    """Start the servers, honest still."""
    authority = None
    if way.tls:
        if shutil.which("openssl") is None:
            pytest.skip("no command openssl here, which makes the certificates")
        authority = Authority(folder)
    if way.names:
        resolve_by(("127.0.0.1",), patch)
    manner = way.manner
    if way.source.get("kind") == "https":
        manner = Publisher(bundle(way.honest), etag='"honest"')
    holder = HOST if way.names else "127.0.0.1"
    speaks = LoopbackTaxii20 if way.source.get("kind") == "taxii20" else LoopbackTaxii
    server = speaks(
        way.honest,
        malice=manner,
        everywhere=manner is not None,
        tls=server_side(authority.issue(holder)) if authority else None,
    )
    return Stage(stack.enter_context(server), stack.enter_context(LoopbackTaxii()), authority)


def source_of(way: Way, stage: Stage) -> dict[str, object]:
    """The keys of `[source]`; a way may have others."""
    kind = way.source.get("kind", "taxii21")
    url = stage.server.url if kind != "taxii" else f"{stage.server.origin}/taxii2/"
    usual: dict[str, object] = {"kind": kind, "url": url, "timeout": 5}
    if kind != "https":
        usual |= {"collection": COLLECTION, "page_size": 5}
    if stage.authority:
        usual["ca"] = str(stage.authority.ca)
    if way.names:
        usual |= {"url": f"https://{HOST}:{stage.server.port}/api1/", "allow_private": True}
    return {**usual, **way.source}


def subscribe(cli: Cli, folder: Path, way: Way, source: dict[str, object]) -> None:
    lines = [f"{key} = {json.dumps(value)}" for key, value in source.items()]
    lines.append(f'auth = {{ kind = "header", name = "X-API-Key", value = "env:{VARIABLE}" }}')
    feed = write_feed(
        folder / "acme",
        default=way.policy,
        source="\n".join(lines) + "\n",
    )
    text = (feed.folder / "feed.toml").read_text()
    (feed.folder / "feed.toml").write_text(text.replace('"green"', '"amber"'))
    cli.subscribe(feed.folder)


def turned_by(watch: Watch, patch: pytest.MonkeyPatch) -> None:
    """Let every command from now on go by a watch."""
    opened = Workspace.open

    def open_by(*args: Any, **options: Any) -> Workspace:  # noqa: ANN401 - passed on
        return opened(*args, **{**options, "clock": watch})

    patch.setattr(Workspace, "open", open_by)


def synced(cli: Cli) -> Ran:
    return cli("sync", "--yes", "--json")


def measured(cli: Cli) -> tuple[Ran, int]:
    """Sync in a process of its own; its most memory in KiB, too."""
    script = Path(__file__).with_name("measured.py")
    words = ("--home", str(cli.home), "sync", "--yes", "--json")
    done = subprocess.run(
        (sys.executable, str(script), *words),
        env=Tidegate(cli.home).env(),
        input="",
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=60,
    )
    assert "Traceback" not in done.stderr, done.stderr
    *lines, peak = done.stderr.splitlines()
    return Ran(done.returncode, done.stdout, "".join(f"{line}\n" for line in lines)), int(peak)


def resolve_by(addresses: tuple[str, ...], patch: pytest.MonkeyPatch) -> None:
    """Let the feed's host be these addresses, one after the other; the last one stays."""
    if not addresses:
        return
    left = list(addresses)
    lookup: Callable[..., Any] = socket.getaddrinfo
    connect: Callable[..., Any] = socket.socket.connect

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - passed on
        if host != HOST:
            return lookup(host, *args, **kwargs)
        address = left.pop(0) if len(left) > 1 else left[0]
        port = args[0] if args else kwargs.get("port")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connected(self: socket.socket, address: Any) -> Any:  # noqa: ANN401 - passed on
        if address[0] in addresses and address[0] != "127.0.0.1":
            raise OSError("no way there")
        return connect(self, address)

    patch.setattr(socket, "getaddrinfo", getaddrinfo)
    patch.setattr(socket.socket, "connect", connected)
