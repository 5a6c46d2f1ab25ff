"""The servers of feeds asked for the time, where our own clock is in doubt.

A sync hears from them anyhow; but a clock that is in doubt already moves nothing, not even a
cursor, until they have spoken. Owns whom to ask and when. Refuses to judge; timekeeping does.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from tidegate.errors import ConfigError
from tidegate.service.pulling import Pulled
from tidegate.service.testimony import LEAST
from tidegate.service.timekeeping import Doubt
from tidegate.service.workspace import Workspace, active_feeds
from tidegate.sources.base import Progress
from tidegate.sources.opening import ask_for_time, server_of

_MOST = 5
"""Servers that are asked; three of five that agree are enough for anybody."""


def settle_clock(ws: Workspace, progress: Progress) -> None:
    """Return when the clock is not in doubt, or feeds' servers agree with it.

    Raises ConfigError while it is not to be believed. A look is not noted: what the pull hears may
    still contradict it.
    """
    found = _doubt(ws)
    if found is not None and found.settled:
        progress("the clock is in doubt: asking the feeds' servers for the time")
        _ask(ws)
        found = _doubt(ws)
    if found is not None:
        raise found.error()


def hear_more(ws: Workspace, pulled: Mapping[str, Pulled]) -> None:
    """Ask feeds' servers after a pull that failed for some, where too few were heard.

    To a clock that is years off no certificate is valid, so that not one server would be heard.
    """
    heard = ws.timekeeper.witnesses.heard if ws.timekeeper.witnesses else ()
    if any(end.error for end in pulled.values()) and len(heard) < LEAST:
        _ask(ws)


def _doubt(ws: Workspace) -> Doubt | None:
    return ws.timekeeper.doubt(ws.clock(), ws.tenant, ws.store.state().at)


def _ask(ws: Workspace) -> None:
    """Ask one feed's server of each host, unless there are too few hosts to be evidence."""
    witnesses = ws.timekeeper.witnesses
    if witnesses is None:
        return
    servers = {server_of(feed): feed for feed in active_feeds(ws)}
    hosts = {urlsplit(server).hostname or "": feed for server, feed in servers.items() if server}
    asked = [feed for host, feed in sorted(hosts.items()) if witnesses.counts(host)]
    if len(asked) < LEAST:
        return
    for feed in asked[:_MOST]:
        with contextlib.suppress(ConfigError):  # a file that is not there: the pull tells
            ask_for_time(feed, ws.catalogue.get(feed.id).folder, os.environ, ws.hear)
    witnesses.keep()
