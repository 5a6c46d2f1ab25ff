"""Sending objects: whatever a server does, each is there once or listed, and nothing hangs."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from servers import loopback_inbox as inbox
from servers.loopback_inbox import LoopbackInbox
from servers.loopback_taxii import COLLECTION, Answer, LoopbackTaxii, Malice, Seen, indicators
from tidegate.errors import FeedError, FeedRefused, FeedUnavailable
from tidegate.taxii.behalf import Behalf
from tidegate.taxii.collection import GuardedCollection
from tidegate.taxii.credential import Credential
from tidegate.taxii.limits import Limits
from tidegate.taxii.push import Account, Outgoing, Pace, push
from tidegate.taxii.reply import moment
from tidegate.taxii.retry import Retry, Waiting
from tidegate.taxii.session import GuardedSession
from tidegate.taxii.stopping import Stop, Stopped, never

Start = Callable[..., LoopbackInbox]

SECRET = "s3cr3t-t0ken"
LIMITS = Limits(connect_seconds=5, read_seconds=5, request_seconds=10, pull_seconds=600)
PARTNER = Behalf("partners/isac.toml", "this partner", "tidegate partners check {}", "write")
OBJECTS = indicators(20)


def outgoing(objects: Sequence[dict[str, Any]] = OBJECTS) -> list[Outgoing]:
    return [
        Outgoing((each["id"], moment(each.get("modified"))), orjson.dumps(each)) for each in objects
    ]


class Sender:
    """Sends to one server again and again, as a partner ledger would: what is there is done."""

    def __init__(self, server: LoopbackInbox, pace: Pace | None = None) -> None:
        self.server = server
        self.pace = pace or Pace(batch_objects=5)
        self.pauses: list[float] = []
        self.told: list[tuple[int, int]] = []

    def send(self, objects: Sequence[Outgoing] | None = None, stop: Stop = never) -> Account:
        waiting = Waiting(sleep=self.pauses.append, chance=lambda: 0.5)
        credential = Credential.bearer(SECRET)
        with GuardedSession(
            self.server.url, credential, LIMITS, waiting, behalf=PARTNER
        ) as session:
            collection = GuardedCollection(self.server.url, COLLECTION, session, "isac")
            account = push(
                collection,
                session,
                outgoing() if objects is None else objects,
                lambda there, total: self.told.append((there, total)),
                self.pace,
                stop,
            )
        whole = (account.there, account.failed.keys(), account.doubtful, account.unsent)
        assert sum(map(len, whole)) == len(outgoing() if objects is None else objects)
        assert len(set().union(*whole)) == sum(map(len, whole))
        return account

    def until_done(self, objects: list[Outgoing], most: int) -> int:
        """Send what is due until nothing is; return how often that took."""
        due = objects
        for number in range(1, most + 1):
            there = self.send(due).there
            due = [each for each in due if each.version not in there]
            if not due:
                return number
        raise AssertionError(f"{len(due)} objects did not arrive")


def versions(objects: Sequence[dict[str, Any]] = OBJECTS) -> set[tuple[str, datetime | None]]:
    return {each.version for each in outgoing(objects)}


def arrived(server: LoopbackInbox) -> set[str]:
    return {ident for ident, _ in server.held}


def test_an_honest_server_gets_everything_once_in_order(loopback_taxii: Start) -> None:
    server = loopback_taxii(kind=LoopbackInbox)
    sender = Sender(server)
    account = sender.send()
    assert account == Account(there=versions())
    assert [len(batch) for batch in server.posted] == [5, 5, 5, 5]
    assert [ident for batch in server.posted for ident, _ in batch] == [e["id"] for e in OBJECTS]
    assert server.held.keys() == {(e["id"], e["modified"]) for e in OBJECTS}
    assert sender.told == [(5, 20), (10, 20), (15, 20), (20, 20), (20, 20)]
    assert server.polled == []


def test_nothing_to_send_asks_only_for_the_way(loopback_taxii: Start) -> None:
    server = loopback_taxii(kind=LoopbackInbox)
    assert Sender(server).send([]) == Account()
    assert server.posted == []


def test_write_permission_is_checked_before_anything_is_sent(loopback_taxii: Start) -> None:
    server = loopback_taxii(kind=LoopbackInbox, can_write=False)
    with pytest.raises(FeedRefused, match="does not let us write") as refused:
        Sender(server).send()
    assert "write access" in refused.value.hint
    assert server.posted == []


@pytest.mark.parametrize("most", [2_000, 100_000, 2**62, 0, -1, True, "2000", None])
def test_batches_stay_under_what_the_server_takes(loopback_taxii: Start, most: object) -> None:
    server = loopback_taxii(kind=LoopbackInbox, most=most)
    assert Sender(server, Pace(batch_bytes=5_000)).send().there == versions()
    posted = [seen for seen in server.seen if seen.method == "POST"]
    assert all(len(seen.body) <= (2_000 if most == 2_000 else 5_000) for seen in posted)
    assert 1 < len(posted) < len(OBJECTS)


def test_an_object_that_is_too_large_is_listed_and_the_others_arrive(
    loopback_taxii: Start,
) -> None:
    server = loopback_taxii(kind=LoopbackInbox, most=2_000)
    large = {**OBJECTS[3], "description": "x" * 2_000}
    account = Sender(server).send(outgoing([*OBJECTS[:3], large, *OBJECTS[4:]]))
    assert account.there == versions(OBJECTS[:3] + OBJECTS[4:])
    (reason,) = account.failed.values()
    assert "bytes, and the server takes 2,000" in reason
    assert account.fault is None


def test_413_halves_the_batch_and_what_follows(loopback_taxii: Start) -> None:
    server = loopback_taxii(kind=LoopbackInbox, most=1_000, quiet=True)
    large = {**OBJECTS[3], "description": "x" * 1_000}
    account = Sender(server, Pace()).send(outgoing([*OBJECTS[:3], large, *OBJECTS[4:]]))
    assert account.there == versions(OBJECTS[:3] + OBJECTS[4:])
    assert list(account.failed.values()) == ["the server answered 413 to it alone"]
    assert len(server.posted) < 30


@pytest.mark.parametrize("status", [400, 422])
def test_one_object_that_cannot_be_processed_costs_only_itself(
    loopback_taxii: Start, status: int
) -> None:
    bad = OBJECTS[7]["id"]

    def malice(_: LoopbackTaxii, seen: Seen) -> Answer | None:
        held = seen.method == "POST" and bad.encode() in seen.body
        return Answer(b"{}", status=status) if held else None

    server = loopback_taxii(kind=LoopbackInbox, malice=malice)
    account = Sender(server, Pace()).send()
    assert arrived(server) == {e["id"] for e in OBJECTS} - {bad}
    assert [ident for ident, _ in account.failed] == [bad]
    assert account.fault is None


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_server_that_processes_nothing_is_not_asked_object_by_object(
    loopback_taxii: Start, status: int
) -> None:
    server = loopback_taxii(kind=LoopbackInbox, malice=inbox.posts(ever=inbox.answered(status)))
    account = Sender(server, Pace()).send()
    assert not account.there
    assert f"answered {status}" in str(account.fault)
    assert len(server.posted) < 12


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (401, "check `auth` of this partner"),
        (403, "ask for write access"),
        (404, "partners/isac.toml"),
        (406, "no other version"),
        (415, "no other version"),
        (302, "follows no redirect"),
        (307, "follows no redirect"),
        (308, "follows no redirect"),
        (500, "try again later"),
    ],
)
def test_a_refusal_ends_the_push_in_one_line(loopback_taxii: Start, status: int, hint: str) -> None:
    other = loopback_taxii(kind=LoopbackInbox)
    refusal = inbox.answered(status, Location=other.inbox)
    server = loopback_taxii(kind=LoopbackInbox, malice=inbox.posts(None, ever=refusal))
    account = Sender(server).send()
    assert account.there == versions(OBJECTS[:5])
    assert account.unsent | account.doubtful == versions(OBJECTS[5:])
    assert f"answered {status}" in str(account.fault)
    assert hint in str(account.fault)
    assert not set("\x1b\n") & set(str(account.fault))
    assert "feed" not in str(account.fault)
    assert SECRET not in str(account.fault)
    assert other.seen == []
    assert len(server.posted) == 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_waited_for_as_it_asks(loopback_taxii: Start, status: int) -> None:
    busy = inbox.answered(status, **{"Retry-After": "77"})
    server = loopback_taxii(kind=LoopbackInbox, malice=inbox.posts(busy, None, busy))
    sender = Sender(server)
    assert sender.send().there == versions()
    assert len(sender.pauses) == 2
    assert min(sender.pauses) >= 77


@pytest.mark.parametrize("batch", range(4))
@pytest.mark.parametrize("fault", [inbox.dropped, inbox.lost_after, inbox.cut_after])
@pytest.mark.parametrize("again", ["successes", "failures"])
def test_a_connection_that_breaks_off_is_made_good_at_once(
    loopback_taxii: Start, batch: int, fault: Malice, again: str
) -> None:
    """Whether the server did its part is not known: it is sent again, and is there once."""
    server = loopback_taxii(
        kind=LoopbackInbox, malice=inbox.posts(*[None] * batch, fault), again=again
    )
    assert Sender(server).send() == Account(there=versions())
    assert len(server.posted) == 5


def test_a_server_that_dies_keeps_what_it_confirmed_and_the_rest_goes_next_time(
    loopback_taxii: Start,
) -> None:
    server = loopback_taxii(
        kind=LoopbackInbox, malice=inbox.posts(None, None, ever=inbox.dropped), can_read=False
    )
    sender = Sender(server)
    account = sender.send()
    assert account.there == versions(OBJECTS[:10])
    assert account.doubtful == versions(OBJECTS[10:15])
    assert account.unsent == versions(OBJECTS[15:])
    assert isinstance(account.fault, FeedUnavailable)
    assert len(server.posted) == 2 + 4
    server.malice = None
    due = [each for each in outgoing() if each.version not in account.there]
    assert sender.send(due) == Account(there=versions(OBJECTS[10:]))


def test_a_refusal_after_a_lost_answer_leaves_the_batch_in_doubt(loopback_taxii: Start) -> None:
    """What the server took before it changed its mind is there."""
    faults = inbox.posts(inbox.lost_after, ever=inbox.answered(403))
    server = loopback_taxii(kind=LoopbackInbox, malice=faults, can_read=False)
    account = Sender(server).send()
    assert account.doubtful == versions(OBJECTS[:5])
    assert account.unsent == versions(OBJECTS[5:])
    assert arrived(server) == {each["id"] for each in OBJECTS[:5]}


def test_failures_are_listed_with_reasons_and_sent_next_time(loopback_taxii: Start) -> None:
    server = loopback_taxii(
        kind=LoopbackInbox, judge=lambda e: "no\x1b[31m\n" + "y" * 999 if e is not None else None
    )
    odd = {e["id"] for e in OBJECTS[::2]}
    server.judge = lambda e: "no\x1b[31m\n" + "y" * 999 if e["id"] in odd else None
    sender = Sender(server)
    account = sender.send()
    assert {ident for ident, _ in account.failed} == odd
    assert account.there == versions(OBJECTS[1::2])
    for reason in account.failed.values():
        assert reason.startswith("no")
        assert reason.isprintable()
        assert len(reason) <= 200
    server.judge = lambda _: None
    due = [each for each in outgoing() if each.version in account.failed]
    assert sender.send(due).there == versions(OBJECTS[::2])
    assert arrived(server) == {e["id"] for e in OBJECTS}


def test_statuses_are_asked_for_until_they_are_complete(loopback_taxii: Start) -> None:
    server = loopback_taxii(kind=LoopbackInbox, polls=3, judge=lambda e: e.get("no"))
    objects = [*OBJECTS[:9], {**OBJECTS[9], "no": "never"}]
    sender = Sender(server)
    account = sender.send(outgoing(objects))
    assert account.there == versions(OBJECTS[:9])
    assert list(account.failed.values()) == ["never"]
    assert len(server.polled) == 2 * 3
    assert sender.pauses == [0.75, 1.5, 3]


def test_a_status_that_is_pending_for_ever_is_given_up(loopback_taxii: Start) -> None:
    server = loopback_taxii(kind=LoopbackInbox, polls=10**6, can_read=False)
    sender = Sender(server)
    account = sender.send()
    assert account.doubtful == versions()
    assert account.fault is None
    assert sum(sender.pauses) < 300
    assert len(server.polled) <= 4 * 12
    server.can_read = True  # then it can be seen that they are there
    assert sender.send().there == versions()


def test_a_status_asks_for_patience(loopback_taxii: Start) -> None:
    def patient(server: LoopbackTaxii, seen: Seen) -> Answer | None:
        answer = server.honest(seen)
        answer.headers["Retry-After"] = "20"
        return answer

    server = loopback_taxii(kind=LoopbackInbox, malice=patient, polls=2)
    sender = Sender(server)
    assert sender.send().there == versions()
    assert min(sender.pauses) >= 20


@pytest.mark.parametrize(
    "ident",
    [
        "../../collections/other",
        "..%2f..%2fadmin",
        "https://192.0.2.1/",
        "{00000000-0000-4000-8000-000000000001}",
        "00000000000040008000000000000001",
        "urn:uuid:00000000-0000-4000-8000-000000000001",
        "",
        7,
        None,
        ["00000000-0000-4000-8000-000000000001"],
    ],
)
def test_a_hostile_id_of_a_status_is_asked_nowhere(loopback_taxii: Start, ident: object) -> None:
    server = loopback_taxii(
        kind=LoopbackInbox,
        polls=2,
        can_read=False,
        malice=inbox.posts(ever=inbox.said(lambda status: {**status, "id": ident})),
    )
    account = Sender(server).send()
    assert account.doubtful == versions()
    allowed = ("/api1/", f"/api1/collections/{COLLECTION}/")
    assert {seen.path for seen in server.seen if seen.method == "GET"} <= set(allowed)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"not JSON", status=202),
        Answer(b"[]", status=202),
        Answer(b"{}", status=202),
        Answer(b'{"status":"done"}', status=202),
        Answer(b"", status=202),
        Answer(b"<html>Sign in</html>", media_type="text/html"),
        Answer(b"{}", status=202, media_type="application/vnd.oasis.taxii+json; version=2.0"),
        Answer(b'{"objects":[]}'),
        Answer(f'{{"status":"complete","id":"{SECRET}"}}'.encode(), status=202),
    ],
    ids=str,
)
def test_an_answer_that_is_no_status_ends_the_push_and_confirms_nothing(
    loopback_taxii: Start, answer: Answer
) -> None:
    server = loopback_taxii(
        kind=LoopbackInbox, malice=inbox.posts(None, ever=lambda _s, _r: answer), can_read=False
    )
    account = Sender(server).send()
    assert account.there == versions(OBJECTS[:5])
    assert isinstance(account.fault, FeedError)
    assert SECRET not in str(account.fault)
    assert len(server.posted) == 2


@pytest.mark.parametrize(
    "fault", [inbox.answered(404), inbox.answered(500), inbox.dropped, inbox.said(lambda _: {})]
)
def test_a_status_that_cannot_be_had_leaves_the_batch_in_doubt(
    loopback_taxii: Start, fault: Malice
) -> None:
    server = loopback_taxii(kind=LoopbackInbox, polls=2, can_read=False, malice=inbox.asked(fault))
    account = Sender(server).send()
    assert account.doubtful == versions()
    assert account.fault is not None
    assert len(server.polled) <= 4


def test_a_manifest_that_is_refused_costs_nothing(loopback_taxii: Start) -> None:
    server = loopback_taxii(
        kind=LoopbackInbox,
        malice=inbox.asked(inbox.answered(400), "/manifest/"),
        judge=lambda _: "no",
    )
    account = Sender(server).send()
    assert account.failed.keys() == versions()
    assert account.fault is None


def test_the_time_of_a_push_is_bounded(loopback_taxii: Start) -> None:
    server = loopback_taxii(
        kind=LoopbackInbox, malice=inbox.posts(ever=inbox.answered(503, **{"Retry-After": "9" * 9}))
    )
    sender = Sender(server)
    account = sender.send()
    assert account.unsent | account.doubtful == versions()
    assert "answered 503" in str(account.fault)
    assert sum(sender.pauses) <= 3 * 120


def test_an_object_without_versions_is_found_by_its_id(loopback_taxii: Start) -> None:
    marking = {
        "type": "marking-definition",
        "id": "marking-definition--1",
        "created": "2026-01-01T00:00:00Z",
    }
    server = loopback_taxii(kind=LoopbackInbox, again="failures")
    sender = Sender(server)
    assert sender.send(outgoing([marking])).there == {("marking-definition--1", None)}
    assert sender.send(outgoing([marking])).there == {("marking-definition--1", None)}


FAULTS = {
    "honest": None,
    "dropped": inbox.dropped,
    "lost": inbox.lost_after,
    "cut": inbox.cut_after,
    "busy": inbox.answered(503),
    "broken": inbox.answered(500),
    "refused": inbox.answered(403),
    "too large": inbox.answered(413),
    "unprocessed": inbox.answered(422),
    "no status": inbox.said(lambda _: {}),
    "hostile id": inbox.said(lambda status: {**status, "id": "../x"}),
    "bare": inbox.said(lambda status: {"id": status["id"], "status": "complete"}),
}


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(
    st.lists(st.sampled_from(sorted(FAULTS)), max_size=12),
    st.integers(1, 7),
    st.sampled_from([0, 2]),
    st.sampled_from(["successes", "failures"]),
)
def test_after_enough_sends_every_version_is_there_once(
    schedule: list[str], size: int, polls: int, again: str
) -> None:
    """As many sends as there are faults, and one more, are enough."""
    faults = inbox.posts(*(FAULTS[name] for name in schedule))
    with LoopbackInbox(malice=faults, polls=polls, again=again) as server:
        server.origin  # noqa: B018 - it listens
        sender = Sender(server, Pace(batch_objects=size, polls=Retry(attempts=5)))
        objects = outgoing(OBJECTS[:8])
        sender.until_done(objects, len(schedule) + 1)
        assert server.held.keys() == {(e["id"], e["modified"]) for e in OBJECTS[:8]}


def test_an_end_between_batches_leaves_what_was_confirmed_and_sends_no_more(
    loopback_taxii: Start,
) -> None:
    server = loopback_taxii(kind=LoopbackInbox)
    sender = Sender(server)
    account = sender.send(stop=lambda: len(server.posted) == 2)
    sent = outgoing()
    assert {each.version for each in sent[:5]} <= account.there
    assert not account.there & {each.version for each in sent[10:]}
    assert account.unsent == {each.version for each in sent[10:]}
    assert isinstance(account.fault, Stopped)
    assert sender.until_done(sent, 1) == 1


def test_an_end_while_a_status_is_pending_waits_for_it_no_longer(loopback_taxii: Start) -> None:
    server = loopback_taxii(kind=LoopbackInbox, polls=10_000, can_read=False)
    account = Sender(server).send(stop=lambda: len(server.polled) > 5)
    assert account.doubtful == versions()
    assert isinstance(account.fault, Stopped)
    assert len(server.polled) < 20
