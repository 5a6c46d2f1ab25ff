"""Why rows leave, as the plan and the journal say it."""

from __future__ import annotations

from collections.abc import Callable

from driving.homes import DOCUMENTATION, FeedFolder, Watch, indicator
from tidegate.config import Home
from tidegate.service.history import history
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]


def reasons(ws: Workspace) -> dict[str, str]:
    """Why each row left in the last step."""
    entry = history(ws, limit=1)[0].entry
    return {c.row.value: c.reason for c in entry.changes if c.after is None}


def test_each_way_out_has_its_sentence(ws: Workspace, subscribe: Subscribe, watch: Watch) -> None:
    feed = subscribe("acme", [indicator(n) for n in range(40)])
    sync(ws)
    feed.publish(
        [
            indicator(0, revoked=True),
            indicator(1, valid_until="2020-01-01T00:00:00Z"),
            indicator(2, indicator_types=["benign"]),
            *(indicator(n) for n in range(4, 40)),
        ],
        watch.now,
    )
    sync(ws)
    assert reasons(ws) == {
        "h0.example.com": "acme: revoked",
        "h1.example.com": "acme: expired",
        "h2.example.com": "acme: benign",
        "h3.example.com": "acme no longer lists it",
    }


def test_a_row_without_a_slot_says_where_it_waits(
    ws: Workspace, home: Home, subscribe: Subscribe, watch: Watch
) -> None:
    subscribe("acme", [indicator(n, confidence=90 - n) for n in range(3)])
    sync(ws)
    home.config_file.write_text("limit = 2\n" + DOCUMENTATION, "utf-8")
    smaller = Workspace.open(home, clock=watch)
    sync(smaller)
    (reason,) = reasons(smaller).values()
    assert reason.startswith("waits at place 1: the list is full, its score is ")
    smaller.close()
