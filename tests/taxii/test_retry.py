"""The back-off: bounded in time and number whatever a server says, and never too early."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from servers import malice
from servers.loopback_inbox import LoopbackInbox, cut_answers
from servers.loopback_taxii import MEDIA_TYPE, LoopbackTaxii, Malice, indicators
from tidegate.errors import FeedRefused, FeedUnavailable
from tidegate.taxii.limits import Limits
from tidegate.taxii.retry import PASSING, Retry, Waiting, asked_pause, http_date
from tidegate.taxii.session import GuardedSession

Start = Callable[..., LoopbackTaxii]

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
NOON = "Mon, 01 Jun 2026 12:00:00 GMT"
LIMITS = Limits(connect_seconds=1, read_seconds=0.2, request_seconds=1, pull_seconds=600)

policies = st.builds(
    Retry,
    attempts=st.integers(1, 8),
    first=st.floats(0.01, 100),
    cap=st.floats(0.01, 1000),
)
asks = st.none() | st.floats(0) | st.floats(0, 200)
chances = st.floats(0, 1)


@given(policies, st.integers(1, 10_000), asks, st.floats(-10, 1e9), chances)
def test_a_pause_is_within_the_cap_the_deadline_and_the_attempts(
    policy: Retry, failed: int, asked: float | None, left: float, chance: float
) -> None:
    pause = policy.pause(failed, asked, left, chance)
    if pause is None:
        assert failed >= policy.attempts or left <= policy.cap
        return
    assert failed < policy.attempts
    assert 0 < pause <= policy.cap
    assert pause < left
    assert pause >= min(asked or 0, policy.cap)


@given(policies, st.lists(asks, min_size=20, max_size=20), chances, st.floats(0, 5000))
def test_the_attempts_are_bounded_and_the_deadline_wins(
    policy: Retry, asked: list[float | None], chance: float, deadline: float
) -> None:
    left, attempts = deadline, 1
    for each in asked:
        pause = policy.pause(attempts, each, left, chance)
        if pause is None:
            break
        left -= pause
        attempts += 1
    assert attempts <= policy.attempts
    assert left >= 0


def test_pauses_double_and_are_jittered() -> None:
    policy = Retry(attempts=9, first=1, cap=10)
    for chance, expected in ((0, [0.5, 1, 2, 4, 5]), (1, [1, 2, 4, 8, 10])):
        assert [policy.pause(n, None, 1e9, chance) for n in range(1, 6)] == expected
    assert policy.pause(1, 7, 1e9, 0) == 7
    assert policy.pause(1, 1e9, 1e9, 1) == 10


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": " 0 "}, 0),
        ({"Retry-After": "9" * 5000}, float("inf")),
        ({"Retry-After": format_datetime(NOW + timedelta(minutes=2), usegmt=True)}, 120),
        ({"Retry-After": format_datetime(NOW - timedelta(days=9000), usegmt=True)}, 0),
        ({"Retry-After": NOON, "Date": "Mon, 01 Jun 2026 11:59:30 GMT"}, 30),
        ({"Retry-After": NOON, "Date": "yesterday"}, 0),
        ({}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "١٢"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Mon, 99 Jun 99999 99:99:99 GMT"}, None),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_pause(headers, NOW) == seconds


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ [\d:]+ [A-Z+\d-]*"))
def test_no_header_is_too_odd_to_be_read(text: str) -> None:
    assert (asked_pause({"Retry-After": text, "Date": text}, NOW) or 0) >= 0
    http_date(text)


# -- a session that asks again -------------------------------------------------------------------


class Patience:
    """Waits without waiting, and remembers how long it would have been."""

    def __init__(self, **policy: Any) -> None:  # noqa: ANN401 - passed on
        self.pauses: list[float] = []
        self.told: list[str] = []
        self.waiting = Waiting(Retry(**policy), self.pauses.append, lambda: 0.0, self.told.append)


def ask(server: LoopbackTaxii, patience: Patience, limits: Limits = LIMITS) -> bytes:
    with GuardedSession(server.url, None, limits, patience.waiting) as session:
        return session.get(server.url).content


@pytest.mark.parametrize("status", sorted(PASSING))
def test_what_may_pass_is_asked_again_as_it_was(loopback_taxii: Start, status: int) -> None:
    server = loopback_taxii(malice=malice.failing(2, status), everywhere=True)
    patience = Patience()
    assert b"Loopback" in ask(server, patience)
    assert patience.pauses == [0.5, 1]
    assert len(server.seen) == 3
    assert all(seen == server.seen[0] for seen in server.seen)
    assert patience.told == [
        f"{server.url} answered {status}; asking again in 1 s",
        f"{server.url} answered {status}; asking again in 1 s",
    ]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 406, 410, 416, 418, 500, 501])
def test_what_will_not_pass_is_asked_once(loopback_taxii: Start, status: int) -> None:
    server = loopback_taxii(malice=malice.status(status), everywhere=True)
    patience = Patience()
    ask(server, patience)
    assert len(server.seen) == 1
    assert patience.pauses == []


@pytest.mark.parametrize(
    ("asked", "pause"),
    [("7", 7), ("1000000000", 120), ("Mon, 01 Jan 2001 00:00:00 GMT", 0.5), ("later", 0.5)],
)
def test_retry_after_is_obeyed_up_to_the_cap(
    loopback_taxii: Start, asked: str, pause: float
) -> None:
    failing = malice.failing(1, 429, after=asked)
    patience = Patience()
    ask(loopback_taxii(malice=failing, everywhere=True), patience)
    assert patience.pauses == [pause]


def test_attempts_end_in_one_line(loopback_taxii: Start) -> None:
    server = loopback_taxii(malice=malice.status(503), everywhere=True)
    patience = Patience(attempts=3)
    with pytest.raises(FeedUnavailable, match="answered 503, at the last of 3 attempts") as failed:
        ask(server, patience)
    assert len(server.seen) == 3
    assert failed.value.hint == "try again later"
    assert str(failed.value).isprintable()


def test_the_deadline_of_the_pull_wins(loopback_taxii: Start) -> None:
    failing = malice.failing(9, 429, after="100")
    server = loopback_taxii(malice=failing, everywhere=True)
    patience = Patience(attempts=9)
    with pytest.raises(FeedUnavailable, match="answered 429") as failed:
        ask(server, patience, Limits(pull_seconds=250))
    assert patience.pauses == [100, 100]
    assert failed.value.hint == "try again in 100 s"


@pytest.mark.parametrize(
    "bad", [malice.silent, malice.lost(0)], ids=["silent", "hangs up before the body"]
)
def test_no_answer_is_asked_for_again(loopback_taxii: Start, bad: Malice) -> None:
    server = loopback_taxii(everywhere=True)
    server.malice = lambda it, seen: bad(it, seen) if len(it.seen) == 1 else None
    patience = Patience()
    twice = []
    with GuardedSession(server.url, None, LIMITS, patience.waiting) as session:
        for _ in range(2):
            assert b"Loopback" in session.get(server.url).content
            twice.append(session.served_twice)
    assert twice == [True, False]
    assert len(server.seen) == 3


def test_nobody_there_is_tried_a_few_times() -> None:
    with LoopbackTaxii() as server:
        url = server.url
    patience = Patience()
    with (
        GuardedSession(url, None, LIMITS, patience.waiting) as session,
        pytest.raises(FeedUnavailable, match="cannot be reached, at the last of 4 attempts"),
    ):
        session.get(url)
    assert patience.pauses == [0.5, 1, 2]


@pytest.mark.parametrize(
    "bad",
    [malice.truncated, malice.slow_body(0.02), malice.zipped(keep=0.7)],
    ids=["truncated", "drip", "cut gzip"],
)
def test_a_body_that_began_is_not_asked_for_again(loopback_taxii: Start, bad: Malice) -> None:
    server = loopback_taxii([{"id": "a"}], malice=bad, everywhere=True)
    patience = Patience()
    with pytest.raises(FeedUnavailable):
        ask(server, patience)
    assert len(server.seen) == 1


def test_only_what_may_be_done_twice_is_repeated(loopback_taxii: Start) -> None:
    server = loopback_taxii()
    patience = Patience()
    with GuardedSession(server.url, None, LIMITS, patience.waiting) as session:
        response = session.post(server.url, data=b"{}")
        assert response.status_code == 501  # the server knows no POST
    with LoopbackTaxii() as gone:
        url = gone.url
    with GuardedSession(url, None, LIMITS, patience.waiting) as session:
        with pytest.raises(FeedUnavailable) as failed:
            session.delete(url)
        assert "attempts" not in failed.value.message
        assert patience.pauses == []
        # Adding a version twice is adding it once (TAXII 2.1 §5.5).
        with pytest.raises(FeedUnavailable, match="at the last of 4 attempts"):
            session.post(url, data=b"{}")
    assert len(patience.pauses) == 3


def test_a_post_is_sent_again_until_its_answer_is_whole() -> None:
    patience = Patience()
    with (
        LoopbackInbox(malice=cut_answers(2)) as server,
        GuardedSession(server.url, None, LIMITS, patience.waiting) as session,
    ):
        envelope = orjson.dumps({"objects": indicators(1)})
        headers = {"Content-Type": MEDIA_TYPE}
        assert session.post(server.inbox, data=envelope, headers=headers).status_code == 202
    assert len(patience.pauses) == 2
    assert [len(each) for each in server.posted] == [1, 1, 1]


def test_certificates_and_guards_do_not_pass(loopback_taxii: Start) -> None:
    server = loopback_taxii(malice=malice.redirect("http://192.0.2.1/"), everywhere=True)
    patience = Patience()
    with pytest.raises(FeedRefused):
        ask(server, patience)
    url = server.url.replace("http:", "https:")
    with (
        GuardedSession(url, None, LIMITS, patience.waiting) as session,
        pytest.raises(FeedRefused, match="does not offer TLS"),
    ):
        session.get(url)
    assert patience.pauses == []
