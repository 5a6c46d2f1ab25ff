"""A replay counts every refused object once, whatever becomes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from driving.homes import FeedFolder, Watch, indicator
from tidegate.service import replaying
from tidegate.service.replaying import Replay, Still, replay
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]
PARTLY = "[domain-name:value = 'h2.example.com' OR ipv4-addr:value = '198.51.100.0/24']"


@pytest.mark.parametrize("batch", [1, 500])
def test_every_end_is_counted(
    ws: Workspace,
    subscribe: Subscribe,
    watch: Watch,
    monkeypatch: pytest.MonkeyPatch,
    batch: int,
) -> None:
    monkeypatch.setattr(replaying, "_BATCH", batch)
    subscribe(
        "acme",
        [
            indicator(1, valid_from="2026-06-02T00:00:00Z"),
            indicator(2, PARTLY),
            indicator(3, "[domain-name:value = "),
            indicator(4, valid_from="2026-06-02T00:00:00Z", valid_until="2026-06-03T00:00:00Z"),
            indicator(5, pattern_type="yara"),
            {"type": "indicator", "pattern": "[a:b = 1]"},
            indicator(6),
            "junk",
        ],
    )
    sync(ws)
    watch.turn(days=3)  # the first has begun, the fourth is over
    ws.ledger.link.execute("DELETE FROM object WHERE id = ?", (indicator(5)["id"],))
    found = replay(ws)
    assert found == Replay(
        objects=6,
        mapped=1,
        partly=1,
        refused=2,
        ended=1,
        gone=1,
        values=1,
        still=found.still,
        left_out=(),
    )
    assert {(each.code, each.count) for each in found.still} >= {
        ("cidr", 1),
        ("unreadable_pattern", 1),
    }
    (cidr,) = (each for each in found.still if each.code == "cidr")
    assert cidr == Still("acme", "cidr", 1, cidr.detail)
    assert replay(ws, "acme", "cidr") == Replay(1, 0, 1, 0, 0, 0, 0, (cidr,), ())
    assert replay(ws, code="none").objects == 0


def test_a_revocation_that_came_since_counts(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1, "[ipv4-addr:value = '198.51.100.0/24']")])
    sync(ws)
    ws.ledger.link.execute("UPDATE object SET revoked = 1")
    assert replay(ws).ended == 1


def test_what_is_refused_beside_indicators_is_not_evaluated(
    ws: Workspace, subscribe: Subscribe
) -> None:
    malware = {
        "type": "malware",
        "id": "malware--6ba7b811-9dad-41d1-80b4-00c04fd430c8",
        "created": "2026-01-01T00:00:00Z",
        "created_by_ref": "identity--x",
        "modified": "2026-01-01T00:00:00Z",
    }
    other = {**malware, "created_by_ref": "identity--y", "modified": "2026-02-01T00:00:00Z"}
    subscribe("acme", [indicator(1), malware, other])
    sync(ws)
    assert replay(ws).objects == 0
