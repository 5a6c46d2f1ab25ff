"""Times of a reply, readable or not."""

from datetime import UTC, datetime

import pytest

from tidegate.taxii.reply import Reply, moment


def test_a_reply_says_only_what_the_server_said() -> None:
    reply = Reply({}, None, None)
    assert (reply.partial, reply.content_range, reply.served_twice) == (False, None, False)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-01T00:00:00.5Z", datetime(2026, 1, 1, 0, 0, 0, 500_000, UTC)),
        ("undefined", None),
        ("", None),
        (None, None),
    ],
)
def test_moments(text: str | None, time: datetime | None) -> None:
    assert moment(text) == time
