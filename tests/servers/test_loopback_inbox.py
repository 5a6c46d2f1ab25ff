"""The server that takes objects in, seen by a client that is not ours."""

from collections.abc import Callable

import pytest
from taxii2client.exceptions import AccessError
from taxii2client.v21 import Collection

from servers.loopback_inbox import LoopbackInbox
from servers.loopback_taxii import COLLECTION, indicators

Start = Callable[..., LoopbackInbox]


def collection_of(server: LoopbackInbox) -> Collection:
    return Collection(f"{server.url}collections/{COLLECTION}/")


@pytest.mark.parametrize("polls", [0, 2])
def test_taxii2client_adds_objects_and_waits_for_them(loopback_taxii: Start, polls: int) -> None:
    server = loopback_taxii(
        kind=LoopbackInbox, polls=polls, judge=lambda e: None if "1" in e["name"] else "no"
    )
    with collection_of(server) as collection:
        envelope = {"objects": indicators(3)}
        status = collection.add_objects(envelope, poll_interval=0.01, timeout=5)
        assert (status.status, status.total_count) == ("complete", 3)
        assert [each["id"] for each in status.successes] == [indicators(3)[1]["id"]]
        assert [each["message"] for each in status.failures] == ["no", "no"]
    assert len(server.held) == 1


def test_taxii2client_sees_what_is_there_and_may_not_write_elsewhere(
    loopback_taxii: Start,
) -> None:
    server = loopback_taxii(kind=LoopbackInbox)
    with collection_of(server) as collection:
        collection.add_objects({"objects": indicators(2)})
        wanted = indicators(2)[0]["id"]
        (found,) = collection.get_manifest(id=wanted)["objects"]
        assert (found["id"], found["version"]) == (wanted, "2026-01-01T00:00:00.000Z")
    closed = loopback_taxii(kind=LoopbackInbox, can_write=False)
    with collection_of(closed) as collection, pytest.raises(AccessError):
        collection.add_objects({"objects": indicators(1)})
