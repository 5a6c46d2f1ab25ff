"""What servers said is kept for other processes, and what cannot be kept stops nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tidegate.clock import Uptime
from tidegate.service.witnesses import FILE, Witnesses

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
UP = Uptime("one", timedelta(hours=1))


def of(folder: Path) -> Witnesses:
    return Witnesses(folder, lambda: UP)


def test_an_agreement_is_kept_with_the_uptime_it_was_heard_at(tmp_path: Path) -> None:
    heard = of(tmp_path)
    heard.hear("a.example.com", NOW, NOW)
    heard.keep()
    assert not (tmp_path / FILE).exists()
    heard.hear("a.example.com", NOW - timedelta(days=5), NOW)
    heard.hear("localhost", NOW, NOW)
    heard.hear("b.example.com", NOW - timedelta(days=5), NOW)
    assert heard.heard == {"a.example.com", "b.example.com"}
    heard.keep()
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    found = of(tmp_path).testimony()
    assert found == heard.testimony()
    assert found is not None
    assert (found.off, found.uptime) == (timedelta(days=5), UP)
    # One that is heard later does not undo it.
    later = of(tmp_path)
    later.hear("a.example.com", NOW, NOW)
    later.keep()
    assert later.testimony() == found


def test_a_file_that_is_none_or_cannot_be_written_is_nobodys_trouble(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"{")
    assert of(tmp_path).testimony() is None
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).symlink_to(tmp_path / "elsewhere")
    heard = of(tmp_path)
    for host in ("a.example.com", "b.example.com"):
        heard.hear(host, NOW, NOW)
    heard.keep()
    assert not (tmp_path / "elsewhere").exists()
    assert heard.testimony() is not None
