"""What killed processes leave is told and removed; what somebody is writing now is not."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from strategies.builders import NOW
from tidegate.config import Home
from tidegate.service.doctor.leftovers import look_at_leftovers, mend
from tidegate.store.lock import exclusive
from tidegate.store.tenant_store import TenantStore

MARK = "0123456789ab"


def aged(path: Path, seconds: float) -> Path:
    moment = (NOW - timedelta(seconds=seconds)).timestamp()
    os.utime(path, (moment, moment))
    return path


def half(folder: Path, name: str, seconds: float) -> Path:
    path = folder / name
    path.write_text("half")
    return aged(path, seconds)


def test_old_halves_are_removed_and_nothing_else(home: Home, store: TenantStore) -> None:
    old = half(store.folder, f".tenant.json.{MARK}.tmp", 61)
    young = half(store.folder, f".tenant.json.{MARK[::-1]}.tmp", 59)
    others = [half(home.root, name, 999) for name in (".tmp", "a.tmp", ".x.tmp", f"x.{MARK}.tmp")]
    area = look_at_leftovers(home.root, NOW)
    (found,) = area.findings
    assert (found.code, found.level, found.fixable) == ("leftover", "warning", True)
    assert str(old) in found.message
    assert list(mend(home.root, NOW)) == [f"{old}: removed"]
    assert not old.exists()
    assert all(path.exists() for path in (young, *others))
    assert look_at_leftovers(home.root, NOW).findings == ()


def test_a_feed_half_replaced_is_put_back_and_a_half_copy_removed(home: Home) -> None:
    for name in (f".acme.{MARK}.old", f".acme.{MARK}.new", f".other.{MARK}.old", "other"):
        (home.feeds_dir / name).mkdir()
        (home.feeds_dir / name / "feed.toml").write_text(name)
        aged(home.feeds_dir / name, 3600)
    assert len(look_at_leftovers(home.root, NOW).findings) == 3
    list(mend(home.root, NOW))
    assert sorted(path.name for path in home.feeds_dir.iterdir()) == ["acme", "other"]
    assert (home.feeds_dir / "acme" / "feed.toml").read_text() == f".acme.{MARK}.old"
    assert (home.feeds_dir / "other" / "feed.toml").read_text() == "other"


def test_halves_of_feeds_elsewhere_are_somebody_elses(home: Home, store: TenantStore) -> None:
    folder = store.folder / f".acme.{MARK}.old"
    folder.mkdir()
    aged(folder, 3600)
    assert look_at_leftovers(home.root, NOW).findings == ()


def test_who_is_at_work_is_a_note_and_a_lock_file_stays(home: Home, store: TenantStore) -> None:
    assert look_at_leftovers(home.root, NOW).findings == ()
    with exclusive(store.folder):
        (found,) = look_at_leftovers(home.root, NOW).findings
    assert (found.code, found.level) == ("locked", "note")
    assert f"process {os.getpid()}" in found.message
    aged(store.folder / "lock", 9e6)
    assert list(mend(home.root, NOW)) == []
    assert (store.folder / "lock").exists()
