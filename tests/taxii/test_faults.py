"""Every fault has its words; the last of several attempts is told with the pause asked for."""

from http.client import (
    BadStatusLine,
    HTTPException,
    IncompleteRead,
    LineTooLong,
    RemoteDisconnected,
)

import pytest
import requests
import urllib3

from tidegate.errors import FeedError, FeedRefused, FeedUnavailable
from tidegate.taxii.faults import Unanswered, explained
from tidegate.taxii.limits import Limits


@pytest.mark.parametrize(
    ("asked", "attempts", "told"),
    [
        (None, 1, "x answered 503 (try again later)"),
        (None, 4, "x answered 503, at the last of 4 attempts (try again later)"),
        (29.2, 2, "x answered 503, at the last of 2 attempts (try again in 30 s)"),
        (0, 1, "x answered 503 (try again later)"),
        (1e9, 1, "x answered 503 (try again later)"),
        (float("inf"), 1, "x answered 503 (try again later)"),
    ],
)
def test_what_is_told_in_the_end(asked: float | None, attempts: int, told: str) -> None:
    fault = Unanswered("x answered 503", "try again later", asked=asked)
    assert str(fault.after(attempts)) == told


def aborted(reason: Exception) -> Exception:
    """A reason as the layers below wrap it when no answer has begun."""
    return requests.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted.", reason))


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (aborted(BadStatusLine("SSH-2.0")), FeedRefused, "does not answer in HTTP"),
        (aborted(LineTooLong("header line")), FeedRefused, "does not answer in HTTP"),
        (aborted(HTTPException("got more than 100 headers")), FeedRefused, "not answer in HTTP"),
        (aborted(RemoteDisconnected("")), FeedUnavailable, "broke off"),
        (aborted(ConnectionResetError()), FeedUnavailable, "broke off"),
        (urllib3.exceptions.ProtocolError("", IncompleteRead(b"")), FeedUnavailable, "broke off"),
        (requests.ConnectionError(ConnectionRefusedError()), FeedUnavailable, "cannot be reached"),
        (
            requests.ConnectionError(urllib3.exceptions.NewConnectionError(None, "")),  # type: ignore[arg-type]  # no pool here
            FeedUnavailable,
            "cannot be reached",
        ),
        (
            requests.ConnectionError(urllib3.exceptions.ReadTimeoutError(None, "", "")),  # type: ignore[arg-type]  # no pool here
            FeedUnavailable,
            "fell silent",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_the_layers_below_raise(error: Exception, kind: type[FeedError], said: str) -> None:
    fault = explained(error, "x", Limits())
    assert isinstance(fault, kind)
    assert said in fault.message
    assert "SSH" not in str(fault)
