"""One guarded HTTP session per pull: who is asked, with what credential, how long, how much.

Owns the rules that hold for every request whatever asks for it: the configured origin (scheme,
host and port) is the only one that is ever contacted, and so the only one that sees the credential;
plain http only to this machine; certificates always checked; nothing taken from the environment
(proxies, ~/.netrc, CA overrides); deadlines and sizes bounded. Refuses: redirects to another
origin, more than a few redirects, bodies beyond the cap before or after decompression, encodings
other than gzip. Raises FeedUnavailable and FeedRefused that name the address without
query or credential; the cause is cut off because requests' own messages may quote headers.
"""

from __future__ import annotations

import time
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import requests
import urllib3

from tidegate.errors import ConfigError, FeedError, FeedRefused, FeedUnavailable
from tidegate.taxii.address import allowed_origin, origin, origin_text, shown
from tidegate.taxii.body import read_body
from tidegate.taxii.limits import Limits
from tidegate.taxii.transport import DeadlineAdapter, deadline_at

_LATER = "try again later"
# One fault has several names, by the layer that meets it first.
_CERTIFICATE = (requests.exceptions.SSLError, urllib3.exceptions.SSLError)
_ADDRESS = (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)
_SILENCE = (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
_BREAK = (requests.exceptions.ChunkedEncodingError, urllib3.exceptions.ProtocolError)


@dataclass(frozen=True, slots=True)
class Credential:
    """The one header that proves who we are; all kinds of `auth` come down to this."""

    header: str
    value: str = field(repr=False)

    def __post_init__(self) -> None:
        # http.client would refuse such a value with a message that quotes it.
        if not (self.value.isascii() and self.value.isprintable() and self.value):
            raise ConfigError(
                f"the secret for header {self.header} is empty or holds characters that a header"
                " cannot carry",
                "look for a line break or a typographic character in the stored secret",
            )

    @classmethod
    def basic(cls, username: str, password: str) -> Credential:
        """HTTP Basic (RFC 7617), sent with an empty password too."""
        pair = b64encode(f"{username}:{password}".encode()).decode()
        return cls("Authorization", f"Basic {pair}")

    @classmethod
    def bearer(cls, token: str) -> Credential:
        """Bearer token (RFC 6750)."""
        return cls("Authorization", f"Bearer {token}")


class GuardedSession(requests.Session):
    """A requests session bound to the origin of `url`; everything sent goes through `send`.

    One object serves one pull: `Limits.pull_seconds` counts from its first request.
    """

    def __init__(
        self, url: str, credential: Credential | None = None, limits: Limits | None = None
    ) -> None:
        super().__init__()
        self._origin = allowed_origin(url)
        self._credential = credential
        self.limits = limits or Limits()
        self._spent = 0.0
        self.trust_env = False
        self.headers["Accept-Encoding"] = "gzip"
        for scheme in ("http://", "https://"):
            self.mount(scheme, DeadlineAdapter())

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - requests' signature
        """Keep requests from following redirects: it drains their bodies without a bound."""
        return None

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401, ARG002 - requests' signature; its options are ours to set
        """Send within the guards and return the response with its body read.

        Raises FeedUnavailable (no answer, a deadline) or FeedRefused (a guard).
        """
        started = time.monotonic()
        limits = self.limits
        ends = started + min(limits.request_seconds, limits.pull_seconds - self._spent)
        try:
            with deadline_at(ends):
                return self._follow(request, ends)
        finally:
            self._spent += time.monotonic() - started

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
            raise self._too_slow(where)
        timeout = (min(limits.connect_seconds, left), min(limits.read_seconds, left))
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
            try:
                # Where requests keeps a body that was read elsewhere.
                response._content = read_body(response, where, limits.response_bytes)  # noqa: SLF001
            finally:
                response.close()
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise self._explained(error, where, ends) from None
        except (UnicodeError, ValueError):
            # Answers and redirect targets that are not HTTP surface as these, from several layers.
            raise FeedRefused(
                f"{where} does not answer in HTTP that can be read", "check `url`"
            ) from None
        return response

    def _refuse_other_origin(self, url: str) -> None:
        try:
            same = origin(url) == self._origin
        except ValueError:
            same = False
        if not same:
            raise FeedRefused(
                f"{shown(urljoin(origin_text(self._origin), '/'))} leads to another server,"
                f" {shown(urljoin(url, '/'))}, which was not contacted",
                "if that server is meant, write its address as `url` in feed.toml",
            )

    def _too_slow(self, where: str) -> FeedUnavailable:
        limits = self.limits
        if self._spent + limits.request_seconds >= limits.pull_seconds:
            took, key = limits.pull_seconds, "; raise `deadline` in feed.toml if it is a large feed"
        else:
            took, key = limits.request_seconds, ""
        return FeedUnavailable(f"{where} was not done within {took:g} s", f"try again later{key}")

    def _explained(self, error: Exception, where: str, ends: float) -> FeedError:
        """Turn what the layers below raise into one line without their text."""
        limits = self.limits
        if time.monotonic() >= ends:
            return self._too_slow(where)
        if isinstance(error, _CERTIFICATE):
            return FeedRefused(
                f"{where} does not offer TLS with a certificate that this machine trusts",
                "have the server's certificate corrected; checking is never turned off",
            )
        if isinstance(error, _ADDRESS):
            return FeedRefused(f"{where} is not an address", "check `url` in feed.toml")
        hint = _LATER
        if isinstance(error, requests.ConnectTimeout):
            what = f"did not accept a connection within {limits.connect_seconds:g} s"
        elif isinstance(error, _SILENCE) or _holds_timeout(error):
            what = f"fell silent for {limits.read_seconds:g} s"
        elif isinstance(error, _BREAK):
            what = "broke off in the middle of its answer"
        else:
            what, hint = "cannot be reached", "check the address and this machine's way to it"
        return FeedUnavailable(f"{where} {what}", hint)


def _holds_timeout(error: BaseException) -> bool:
    """Say whether a timeout is what a wrapped connection error is about."""
    return any(isinstance(reason, urllib3.exceptions.TimeoutError) for reason in error.args)
