from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tidegate.indicators.kinds import IndicatorType
from tidegate.service.outlook import FeedShare, Outlook, Place
from tidegate.service.quota import Quota
from tidegate.service.reporting import ReportCard
from tidegate.tui.desks.quota import Account
from tidegate.tui.quota_words import few_lines, forecast, holders, one_line, slots, whole
from tui.stage import NOW

CARD = ReportCard(
    id="acme-c2", trust=70, candidates=120, values=100, unique_share=0.25,
    overlap={"noisy": 75}, held=60, waiting=40, guards={"private": 3}, rejected_share=0.1,
    newest=NOW - timedelta(days=2), median=NOW - timedelta(days=9), sightings=30,
)  # fmt: skip
ACCOUNT = Account(
    Quota(100, 90, 5, 15, 7, 10, 40, {"acme-c2": 60, "old": 10}, 4, 61.4, 6),
    Outlook(
        (FeedShare("acme-c2", 60, 10, 70, 40), FeedShare("old", 10, 0, None, 0)),
        Place("next.example.com", IndicatorType.DOMAIN_NAME, 60.2, "acme-c2"),
        None,
        (),
    ),
    {"acme-c2": CARD},
)


def test_all_holders_but_the_pinned_add_up_to_the_limit() -> None:
    found = {it.id: it for it in holders(ACCOUNT)}
    assert sum(it.held for it in found.values() if it.id != "pinned") == 100
    assert (found["reserve"].held, found["free"].held, found["pinned"].held) == (6, 4, 7)
    assert len({it.letter for it in found.values()}) == len(found)
    assert "its rows stay" in found["feed old"].what


def test_the_bar_says_by_letters_who_holds_what() -> None:
    lines = slots(ACCOUNT, 80).plain.splitlines()
    assert lines[0].startswith(" [AAAA")
    assert "MMMMMMMM" in lines[0]
    assert lines[0].endswith(".] 90 of 100")
    assert max(map(len, lines)) <= 80
    assert lines[1].split() == ["P" * 5, "7", "pinned"]
    assert lines[2] == " cut-off 61.4 · 40 waiting · 4 end within 7 days"
    assert lines[3] == " next in   next.example.com  domain of acme-c2, score 60.2"
    assert lines[4] == " next out  no row of a feed could go"
    assert forecast(ACCOUNT, NOW, 78).plain == "Forecast: no row ends within 30 days"


def test_without_a_cut_off_it_says_why() -> None:
    quota = replace(ACCOUNT.quota, cutoff=None)
    open_list = slots(replace(ACCOUNT, quota=quota), 80).plain
    full = slots(replace(ACCOUNT, quota=replace(quota, used=100, free=0)), 80).plain
    assert " the list is not full · 40 waiting" in open_list
    assert " no cut-off between feeds (floors, pins, people) · 40 waiting" in full
    ahead = replace(ACCOUNT.ahead, next_in=None, covered=40)
    assert "none: rows of the list protect" in slots(replace(ACCOUNT, ahead=ahead), 80).plain


def test_a_feed_is_told_by_its_report_card() -> None:
    feed, old, hand = holders(ACCOUNT)[:3]
    text = whole(feed, NOW).plain
    for told in (
        "floor      10", "ceiling    70", "25%: no other feed has them", "75%",
        "private refused 3", "2d old the newest, 9d the median", "30, 2 slots for each",
    ):  # fmt: skip
        assert told in text
    assert "100 values, 25% of them" in one_line(feed, NOW).plain
    assert "shares with noisy 75%" in few_lines(feed, NOW).plain
    assert "REPORT CARD" not in whole(old, NOW).plain
    assert "people added" in one_line(hand, NOW).plain
