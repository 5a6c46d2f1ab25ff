from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tidegate.tui.feed_words import COLUMNS, SPARE, few_lines, judged, one_line, short, whole
from tidegate.tui.grid_layout import fitted
from tui.stage import NOW, gate_of


def test_a_span_is_told_in_its_largest_unit() -> None:
    spans = (None, timedelta(0), timedelta(minutes=5), timedelta(hours=30), timedelta(days=3))
    assert [short(span) for span in spans] == ["", "now", "5m", "1d", "3d"]


def test_a_feed_s_health_policy_runs_and_rejections(made_home: Path) -> None:
    desk = gate_of(made_home).desks.feeds
    view = desk.overview()[0]
    assert view.id == "acme-c2"
    assert "4 candidates, 1 rejected" in one_line(view, NOW).plain
    assert "Acme C2" in few_lines(view, NOW).plain
    text = whole(desk.dossier("acme-c2"), NOW).plain
    for part in ("bundle  feed.bundle.json", "otherwise → Alert and block, High  4", "LAST RUNS"):
        assert part in text
    assert "1  unreadable_pattern" in text
    assert judged(desk.dossier("acme-c2")) == (
        "information",
        "feed acme-c2: 0 rules and a default, nothing odd",
    )
    assert {"id", "state", "health", "age", "about"} <= {
        column.key for column in fitted(COLUMNS, 78, SPARE)
    }
