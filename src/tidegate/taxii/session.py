"""One guarded HTTP session per pull: who is asked, with what credential, how long, how much.

Owns the rules that hold for every request whatever asks for it: the configured origin (scheme,
host and port) is the only one that is ever contacted, and so the only one that sees the credential;
plain http only to this machine; certificates always checked; nothing taken from the environment
(proxies, ~/.netrc, CA overrides); deadlines and sizes bounded; what may pass by itself asked again,
as retry.py says: a GET until the first byte of a body is here, a POST until all of it is, since
what is added to a collection twice is there once (TAXII 2.1 §5.5). Hands on what time each answer
says it is (`Date`), for whoever doubts our clock. Refuses: redirects to another origin, more than a
few redirects and any of a POST, bodies beyond the cap before or after decompression, encodings
other than gzip, and answers that hold the credential, because answers are stored. Raises
FeedUnavailable and FeedRefused that name the address without query or credential; the cause is cut
off because requests' own messages may quote headers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from urllib.parse import urljoin

import requests
import urllib3

from tidegate.clock import now
from tidegate.errors import FeedRefused, FeedUnavailable
from tidegate.taxii.address import allowed_origin, origin, origin_text, shown
from tidegate.taxii.behalf import A_FEED, Behalf
from tidegate.taxii.body import read_body
from tidegate.taxii.credential import Credential
from tidegate.taxii.faults import LATER, Unanswered, explained, not_http, too_slow
from tidegate.taxii.limits import Limits
from tidegate.taxii.retry import PASSING, UNSERVED, Retry, Waiting, asked_pause, http_date
from tidegate.taxii.transport import DeadlineAdapter, body_begins, deadline_at
from tidegate.taxii.way import Way

Heard = Callable[[str, datetime], object]
"""Hears from which host an answer came, and what time (UTC) it says that it is."""

_AGE_DIGITS = 10
_REPEATED = ("GET", "POST")


def _unheard(_: str, __: datetime) -> None:
    """Tell nobody."""


class GuardedSession(requests.Session):
    """A requests session bound to the origin of `url`; everything sent goes through `send`.

    One object serves one pull: `Limits.pull_seconds` counts from its first request. `served_twice`
    says of the last answer that an earlier attempt may have been served, too, and got lost.
    """

    def __init__(
        self,
        url: str,
        credential: Credential | None = None,
        limits: Limits | None = None,
        waiting: Waiting | None = None,
        way: Way | None = None,
        heard: Heard = _unheard,
        behalf: Behalf = A_FEED,
    ) -> None:
        super().__init__()
        self.behalf = behalf
        self._origin = allowed_origin(url)
        self._credential = credential
        self._echoes = credential.forms() if credential else frozenset()
        self._way = way or Way()
        self._heard = heard
        self.limits = limits or Limits()
        self.served_twice = False
        self._waiting = waiting or Waiting()
        self._spent = 0.0
        self.trust_env = False
        self.headers["Accept-Encoding"] = "gzip"
        encrypted = self._origin[0] == "https"
        adapter = DeadlineAdapter(self._way.dial, self._way.context() if encrypted else None)
        for scheme in ("http://", "https://"):
            self.mount(scheme, adapter)

    @property
    def left(self) -> float:
        """Seconds of `Limits.pull_seconds` that are not spent."""
        return max(self.limits.pull_seconds - self._spent, 0)

    def rest(self, failed: int, asked: float | None, policy: Retry, left: float) -> float | None:
        """Wait between two questions that are no repetition; return how long, None for no more.

        `failed` counts the answers that were not there yet, `asked` is the server's Retry-After,
        `left` the seconds that may pass at most.
        """
        pause = policy.pause(failed, asked, min(left, self.left), self._waiting.chance())
        if pause is not None:
            self._waiting.sleep(pause)
            self._spent += pause
        return pause

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - requests' signature
        """Keep requests from following redirects: it drains their bodies without a bound."""
        return None

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401, ARG002 - requests' signature; its options are ours to set
        """Send within the guards and return the response with its body read.

        What may pass by itself is sent again, GET and POST only. Raises FeedUnavailable (no answer,
        a deadline, a status that did not pass) or FeedRefused (a guard).
        """
        self.served_twice = False
        failed = 0
        while True:
            try:
                return self._attempt(request)
            except Unanswered as error:
                fault = error
            failed += 1
            self.served_twice |= fault.served
            self._pause(request, fault, failed)

    def _pause(self, request: requests.PreparedRequest, fault: Unanswered, failed: int) -> None:
        """Wait before the next attempt, or raise the fault of the last one."""
        waiting, left = self._waiting, self.limits.pull_seconds - self._spent
        pause = waiting.policy.pause(failed, fault.asked, left, waiting.chance())
        if pause is None or request.method not in _REPEATED:
            raise fault.after(failed) from None
        waiting.told(f"{fault.message}; asking again in {ceil(pause)} s")
        waiting.sleep(pause)
        self._spent += pause

    def _attempt(self, request: requests.PreparedRequest) -> requests.Response:
        started = time.monotonic()
        limits = self.limits
        ends = started + min(limits.request_seconds, limits.pull_seconds - self._spent)
        try:
            with deadline_at(ends):
                response = self._follow(request, ends)
        finally:
            self._spent += time.monotonic() - started
        status = response.status_code
        if status in PASSING:
            raise Unanswered(
                f"{shown(request.url)} answered {status}",
                LATER,
                asked=asked_pause(response.headers, now()),
                served=status not in UNSERVED,
            )
        return response

    def _follow(self, request: requests.PreparedRequest, ends: float) -> requests.Response:
        # Named in every error: where a redirect leads is the server's text, which may repeat ours.
        where = shown(request.url)
        for _ in range(self.limits.redirects + 1):
            response = self._exchange(request, where, ends)
            if not response.is_redirect or request.method != "GET":
                return response
            request = request.copy()
            try:
                target = urljoin(str(request.url), response.headers["location"])
                request.prepare_url(target, None)
            except (ValueError, requests.RequestException):
                raise FeedRefused(
                    f"{where} redirects to something that is not an address",
                    "set `url` to the address that answers",
                ) from None
        raise FeedRefused(
            f"{where} redirects more than {self.limits.redirects} times",
            "set `url` to the address that answers",
        )

    def _exchange(
        self, request: requests.PreparedRequest, where: str, ends: float
    ) -> requests.Response:
        limits = self.limits
        self._refuse_other_origin(str(request.url))
        if self._credential:
            request.headers[self._credential.header] = self._credential.value
        left = ends - time.monotonic()
        if left <= 0:
            raise too_slow(where, limits, self._spent, self.behalf)
        timeout = (min(limits.connect_seconds, left), min(limits.read_seconds, left))
        begun = False
        try:
            response = super().send(
                request,
                stream=True,
                timeout=timeout,
                verify=True,
                cert=None,
                proxies={},
                allow_redirects=False,
            )
            self._tell_time(response)
            try:
                # Where requests keeps a body that was read elsewhere.
                response._content = b""  # noqa: SLF001
                if response.status_code not in PASSING:  # of those nobody needs the body
                    begun = body_begins(response.raw)
                    response._content = read_body(response, where, limits.response_bytes)  # noqa: SLF001
            finally:
                response.close()
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            own_ca = self._way.ca is not None
            fault = explained(error, where, limits, self.behalf, own_ca=own_ca)
            if time.monotonic() >= ends:
                fault = too_slow(where, limits, self._spent, self.behalf)
            if isinstance(fault, FeedUnavailable) and (not begun or request.method == "POST"):
                fault = Unanswered(fault.message, fault.hint)
            raise fault from None
        except (UnicodeError, ValueError):
            # Answers and redirect targets that are not HTTP surface as these, from several layers.
            raise not_http(where) from None
        self._refuse_echo(response, where)
        return response

    def _tell_time(self, response: requests.Response) -> None:
        """Hand on the time of an answer; one from a cache is as much older as that says it is."""
        said = http_date(response.headers.get("Date", ""))
        age = response.headers.get("Age", "0").strip()
        if said is not None and age.isascii() and age.isdigit() and len(age) < _AGE_DIGITS:
            self._heard(self._origin[1], said + timedelta(seconds=int(age)))

    def _refuse_echo(self, response: requests.Response, where: str) -> None:
        """Keep our credential out of what is stored: objects, validators, cursors.

        Of an answer that is an error nothing is stored, and its status says more.
        """
        if not self._echoes or response.status_code >= requests.codes.bad_request:
            return
        head = "\n".join(response.headers.values()).encode("latin-1", "replace")
        if any(form in head or form in response.content for form in self._echoes):
            raise FeedRefused(
                f"{where} sends our own credential back, which is not stored",
                "tell who runs the server; if the secret is an everyday word, have it changed",
            )

    def _refuse_other_origin(self, url: str) -> None:
        try:
            same = origin(url) == self._origin
        except ValueError:
            same = False
        if not same:
            raise FeedRefused(
                f"{shown(urljoin(origin_text(self._origin), '/'))} leads to another server,"
                f" {shown(urljoin(url, '/'))}, which was not contacted",
                f"if that server is meant, write its address as `url` in {self.behalf.file}",
            )
