"""Hints name the file and the command of whoever asks."""

from tidegate.errors import FeedRefused
from tidegate.taxii.behalf import A_FEED, Behalf
from tidegate.taxii.faults import StatusRefused, check_status, too_slow
from tidegate.taxii.limits import Limits

PARTNER = Behalf("partners/isac.toml", "this partner", "tidegate partners check {}", "write")


def refusal(status: int, behalf: Behalf) -> FeedRefused:
    try:
        check_status(status, "https://taxii.example.com/", "isac", {}, behalf)
    except StatusRefused as refused:
        return refused
    raise AssertionError(status)


def test_a_feed_is_told_of_its_own() -> None:
    assert A_FEED.check("acme") == "`tidegate feeds check acme`"
    assert "of this feed" in refusal(401, A_FEED).hint
    assert refusal(403, A_FEED).hint.endswith("ask for read access")
    assert "feed.toml" in too_slow("x", Limits(), 3600).hint


def test_a_partner_is_never_told_of_feeds() -> None:
    hints = [refusal(status, PARTNER).hint for status in (401, 403, 404, 418)]
    hints.append(too_slow("x", Limits(), 3600, PARTNER).hint)
    assert not [hint for hint in hints if "feed" in hint]
    assert hints[1].endswith("ask for write access")
    assert "`tidegate partners check isac`" in hints[3]
    assert "partners/isac.toml" in hints[4]
