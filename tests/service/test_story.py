"""The steps of a story."""

from __future__ import annotations

from datetime import UTC, datetime

from tidegate.service.story import Story, WhyStep, told_time


def test_steps_come_in_the_order_in_which_they_were_told() -> None:
    story = Story()
    story.tell("ok", "feed", "a")
    story.tell("no", "guard", "b")
    assert story.steps == [WhyStep("ok", "feed", "a"), WhyStep("no", "guard", "b")]


def test_moments_are_told_to_the_second() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
    assert told_time(moment) == "2026-01-02 03:04:05Z"
