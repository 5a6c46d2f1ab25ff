"""What goes wrong on the way to a server, each in one line for people.

Owns the words, and which faults may pass by themselves: FeedUnavailable; the others are
FeedRefused. Refuses to repeat what the layers below say: their messages may quote headers.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from math import ceil
from typing import TypeVar

import requests
import urllib3

from tidegate.errors import FeedError, FeedRefused, FeedUnavailable
from tidegate.taxii.behalf import A_FEED, Behalf
from tidegate.taxii.limits import Limits
from tidegate.taxii.tls import handshake_fault

LATER = "try again later"
_HUNG_UP = f"{LATER}; if it always does, it may want another `client_cert`"
_DEPTH = 8
"""Layers of errors around one that says what happened."""

Wrapped = TypeVar("Wrapped", bound=BaseException)
_DAY = 86_400
"""Seconds; a server that asks for a longer pause is not taken at its word."""

# One fault has several names, by the layer that meets it first.
_CERTIFICATE = (requests.exceptions.SSLError, urllib3.exceptions.SSLError)
_ADDRESS = (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)
_SILENCE = (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
_ENDED = (IncompleteRead, RemoteDisconnected, ConnectionResetError)
_BREAK = (requests.exceptions.ChunkedEncodingError, urllib3.exceptions.ProtocolError)


class Unanswered(FeedUnavailable):
    """No byte of a body came, so that the same request may be sent again.

    `asked` is the pause in seconds that the server asks for. `served` says that the server may have
    done its part and the answer got lost.
    """

    def __init__(
        self, message: str, hint: str, *, asked: float | None = None, served: bool = True
    ) -> None:
        super().__init__(message, hint)
        self.asked = asked
        self.served = served

    def after(self, attempts: int) -> FeedUnavailable:
        """Return the error to end with when no attempt is left."""
        tried = f", at the last of {attempts} attempts" if attempts > 1 else ""
        known = self.asked and self.asked <= _DAY
        hint = f"try again in {ceil(self.asked or 0)} s" if known else self.hint
        return FeedUnavailable(self.message + tried, hint)


class StatusRefused(FeedRefused):
    """An answer with an HTTP status that is not 200 and not the server's own fault.

    `content_range` is what a TAXII 2.0 server says beside a 416, verbatim.
    """

    def __init__(
        self, message: str, hint: str, status: int, content_range: str | None = None
    ) -> None:
        super().__init__(message, hint)
        self.status = status
        self.content_range = content_range


class OtherVersion(FeedRefused):
    """The server does not speak the version of TAXII that it was asked in."""


def check_status(
    status: int, where: str, feed: str, hints: Mapping[int, str], behalf: Behalf = A_FEED
) -> None:
    """Raise FeedUnavailable or StatusRefused for every status but 200, with what to do.

    `hints` are what some statuses mean where that was asked.
    """
    if status == requests.codes.ok:
        return
    if status >= requests.codes.server_error:
        raise FeedUnavailable(f"{where} answered {status}", LATER)
    signed_in = f"check `auth` of {behalf.who} and the secret it names"
    known = {
        401: signed_in,
        403: f"{signed_in}, or ask for {behalf.access} access",
        **hints,
    }
    otherwise = f"check `url`; {behalf.check(feed)}"
    raise StatusRefused(f"{where} answered {status}", known.get(status, otherwise), status)


def too_slow(where: str, limits: Limits, spent: float, behalf: Behalf = A_FEED) -> FeedUnavailable:
    """Return the error of a request that met its own deadline or, after `spent`, the pull's."""
    if spent + limits.request_seconds >= limits.pull_seconds:
        took, key = limits.pull_seconds, f"; raise `deadline` in {behalf.file} if it takes longer"
    else:
        took, key = limits.request_seconds, ""
    return FeedUnavailable(f"{where} was not done within {took:g} s", f"{LATER}{key}")


def not_http(where: str) -> FeedRefused:
    """Return the error of an answer that no HTTP client can make sense of."""
    return FeedRefused(f"{where} does not answer in HTTP that can be read", "check `url`")


def explained(
    error: Exception,
    where: str,
    limits: Limits,
    behalf: Behalf = A_FEED,
    *,
    own_ca: bool = False,
) -> FeedError:
    """Turn what the layers below raise into one line without their text."""
    if _within(error, ssl.SSLEOFError):
        return FeedUnavailable(f"{where} broke off in the middle of TLS", _HUNG_UP)
    if isinstance(error, _CERTIFICATE):
        what, hint = handshake_fault(_within(error, ssl.SSLError) or ssl.SSLError(), own_ca=own_ca)
        return FeedRefused(f"{where} {what}", hint)
    if isinstance(error, _ADDRESS):
        return FeedRefused(f"{where} is not an address", f"check `url` in {behalf.file}")
    ended = any(_within(error, kind) for kind in _ENDED)
    if _within(error, HTTPException) and not ended:
        return not_http(where)
    hint = LATER
    if _within(error, urllib3.exceptions.NameResolutionError):
        what, hint = "cannot be reached: its name is not known here", "check `url`, or try again"
    elif _within(error, urllib3.exceptions.NewConnectionError):  # to urllib3 a kind of timeout
        what, hint = "cannot be reached", "check the address and this machine's way to it"
    elif isinstance(error, requests.ConnectTimeout):
        what = f"did not accept a connection within {limits.connect_seconds:g} s"
    elif isinstance(error, _SILENCE) or _within(error, urllib3.exceptions.TimeoutError):
        what = f"fell silent for {limits.read_seconds:g} s"
    elif isinstance(error, _BREAK) or ended:
        what = "broke off in the middle of its answer"
    else:
        what, hint = "cannot be reached", "check the address and this machine's way to it"
    return FeedUnavailable(f"{where} {what}", hint)


def _within(error: BaseException, kind: type[Wrapped]) -> Wrapped | None:
    """Return the error of a kind that another one wraps, however deep; itself, where it is one."""
    found: BaseException | None = error
    for _ in range(_DEPTH):
        if isinstance(found, kind) or found is None:
            return found
        inner = (*found.args, getattr(found, "reason", None), found.__cause__)
        found = next((each for each in inner if isinstance(each, BaseException)), None)
    return None
