"""What was found out about a server lasts as long as its source."""

from pathlib import Path

from tidegate.ledger.ledger import Ledger
from tidegate.ledger.pins import FeedPin

PLACE = ("2.0", "https://taxii.example.com/api1/", "c")


def test_a_pin_is_kept_per_feed_and_source(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger(path)
    pin = FeedPin(ledger, "acme", "a")
    assert pin.recall() is None
    pin.keep("2.1", *PLACE[1:])
    pin.keep(*PLACE)
    assert pin.recall() == PLACE
    assert FeedPin(ledger, "acme", "b").recall() is None, "another source of the same feed"
    assert FeedPin(ledger, "other", "a").recall() is None, "another feed"
    ledger.close()
    again = Ledger(path)
    assert FeedPin(again, "acme", "a").recall() == PLACE
    FeedPin(again, "acme", "b").keep(*PLACE)
    assert FeedPin(again, "acme", "a").recall() is None
    again.close()


def test_a_ledger_of_an_older_version_has_none(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger(path)
    ledger.link.execute("DROP TABLE pin")
    ledger.close()
    reader = Ledger(path, read_only=True)
    assert FeedPin(reader, "acme", "a").recall() is None
    reader.close()
    writer = Ledger(path)
    FeedPin(writer, "acme", "a").keep(*PLACE)
    assert FeedPin(writer, "acme", "a").recall() == PLACE
    writer.close()
