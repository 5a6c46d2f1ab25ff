"""Releases of real publishers, one after the other: what changes is what their values say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from driving.homes import FeedFolder, as_json, assert_adds_up
from tidegate.allocation.compress import COVERED
from tidegate.indicators.plan import Op
from tidegate.ledger.evaluation import proposals
from tidegate.service import look
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]

PAIRS = [
    ("history/pegasus_99f09300.stix2", "feeds/investigations__pegasus.stix2"),
    ("history/unit42_dragonok_v1_4977b87b.json", "history/unit42_dragonok_v2_61576466.json"),
    ("history/unit42_oilrig_v1_ba6375da.json", "history/unit42_oilrig_v2_585add1a.json"),
    ("history/unit42_rancor_v1_61576466.json", "history/unit42_rancor_v2_585add1a.json"),
    ("history/unit42_rancor_v2_585add1a.json", "history/unit42_rancor_v3_05491fcf.json"),
    ("history/unit42_rancor_v3_05491fcf.json", "history/unit42_rancor_v4_95a100d9.json"),
]


def keys(ws: Workspace, feed: str) -> set[tuple[str, str]]:
    """What of a feed's proposals no other row covers, by type and canonical value."""
    waiting = ws.ledger.link.execute("SELECT type, value, reason FROM waiting")
    covered = {(kind, value) for kind, value, reason in waiting if reason.startswith(COVERED)}
    proposed = {(found.type.value, found.value) for found in proposals(ws.ledger, [feed])}
    return proposed - covered


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_a_release_changes_what_its_values_say(
    ws: Workspace, subscribe: Subscribe, real_data: Path, old: str, new: str
) -> None:
    default = 'action = "Alert only"\nexpires = "never"\n'
    acme = subscribe("acme", default=default)
    releases = [orjson.loads((real_data / name).read_bytes())["objects"] for name in (old, new)]
    acme.publish(releases[0])
    sync(ws)
    before, listed = keys(ws, "acme"), {(r.type.value, r.value) for r in look.rows(ws)}
    assert listed == before
    acme.publish(releases[1])
    report = sync(ws)
    assert_adds_up(as_json(report))
    after = keys(ws, "acme")
    changes = (*report.plan.changes, *report.plan.held)
    found = {op: {(c.row.type.value, c.row.value) for c in changes if c.op is op} for op in Op}
    assert found[Op.CREATE] == after - before
    assert found[Op.REMOVE] == before - after
    removals = [c for c in report.plan.held if c.op is Op.REMOVE]
    most = max(1, len(listed) // 10)
    assert bool(removals) is (len(before - after) > most)
    if "pegasus" in old:
        shared = before & after
        assert shared
        ids = {each["id"] for each in releases[1]}
        for row in look.rows(ws):
            if (row.type.value, row.value) in shared:
                assert {source.stix_id for source in row.sources} <= ids
