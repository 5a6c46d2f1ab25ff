"""A scan remembers what it raised and how far it came, each tenant and name for itself."""

from pathlib import Path

from tidegate.ledger.ledger import Ledger
from tidegate.ledger.scans import Place, Scan

PLACE = Place(100, 3, b"content", b"list")


def test_alerts_and_places_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger(path)
    scan = Scan(ledger, "default", "nightly")
    assert scan.known()
    assert scan.place("/a") is None
    scan.remember([b"1", b"2", b"1"], [("/a", PLACE)])
    ledger.close()
    again = Ledger(path)
    scan = Scan(again, "default", "nightly")
    assert scan.place("/a") == PLACE
    assert [scan.raised(alert) for alert in (b"1", b"2", b"3")] == [True, True, False]
    for other in (Scan(again, "default", "other"), Scan(again, "other", "nightly")):
        assert other.place("/a") is None
        assert not other.raised(b"1")
    again.close()


def test_a_ledger_of_an_older_version_knows_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger(path)
    ledger.link.execute("DROP TABLE scan_place")
    ledger.link.execute("DROP TABLE scan_raised")
    ledger.close()
    reader = Ledger(path, read_only=True)
    scan = Scan(reader, "default", "nightly")
    assert not scan.known()
    assert scan.place("/a") is None
    reader.close()
