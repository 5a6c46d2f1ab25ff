"""The catalogue of feeds: reading, adding, switching, and living with broken folders."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path

import pytest

from tidegate.errors import ConfigError, FeedDefinitionError, UsageError
from tidegate.feed import Then
from tidegate.indicators.kinds import Action, Severity
from tidegate.sources.catalogue import Catalogue, CatalogueEntry, sample_of, shipped_folder

FEED = """# My feed, commented.
id = "{id}"
title = "A feed"
licence = "CC0-1.0"  # free
trust = 50
tlp_default = "green"
{extra}
[source]
kind = "{kind}"
path = "{path}"

[default]  # the rest
action = "Alert only"
"""


def write_feed(
    folder: Path, kind: str = "bundle", path: str = "data.json", extra: str = ""
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    text = FEED.format(id=folder.name, kind=kind, path=path, extra=extra)
    (folder / "feed.toml").write_text(text)
    (folder / "data.json").write_text('{"objects": []}')
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home" / "feeds"


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    write_feed(tmp_path / "shipped" / "sample-a")
    write_feed(tmp_path / "shipped" / "template-b", extra="enabled = false")
    return tmp_path / "shipped"


@pytest.fixture
def catalogue(home: Path, shipped: Path) -> Catalogue:
    return Catalogue(home, shipped)


def ids(entries: list[CatalogueEntry]) -> list[str]:
    return [entry.id for entry in entries]


def test_shipped_feeds_are_listed_but_not_active(catalogue: Catalogue) -> None:
    assert ids(catalogue.entries()) == ["sample-a", "template-b"]
    assert all(entry.shipped for entry in catalogue.entries())
    assert catalogue.active() == []


def test_neither_home_nor_shipped_folder_need_exist(tmp_path: Path) -> None:
    assert Catalogue(tmp_path / "no", None).entries() == []


def test_home_shadows_shipped(catalogue: Catalogue, home: Path) -> None:
    write_feed(home / "sample-a")
    entry = catalogue.get("sample-a")
    assert not entry.shipped
    assert entry.folder == home / "sample-a"
    assert ids(catalogue.entries()) == ["sample-a", "template-b"]
    assert ids(catalogue.active()) == ["sample-a"]


def test_unknown_feed_names_the_nearest(catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match='did you mean "sample-a"'):
        catalogue.get("smaple-a")


def test_enabling_a_shipped_feed_copies_it_and_keeps_comments(
    catalogue: Catalogue, home: Path, shipped: Path
) -> None:
    entry = catalogue.enable("template-b")
    assert entry.active
    assert entry.folder == home / "template-b"
    text = (home / "template-b" / "feed.toml").read_text()
    assert text == (shipped / "template-b" / "feed.toml").read_text().replace(
        "enabled = false", "enabled = true"
    )
    assert (home / "template-b" / "data.json").exists()


def test_disabling_and_enabling_again_changes_one_line(catalogue: Catalogue, home: Path) -> None:
    write_feed(home / "mine")
    before = (home / "mine" / "feed.toml").read_text()
    assert not catalogue.disable("mine").active
    text = (home / "mine" / "feed.toml").read_text()
    assert tomllib.loads(text)["enabled"] is False
    assert text.replace("enabled = false\n", "") == before
    assert catalogue.enable("mine").active
    assert "# the rest" in (home / "mine" / "feed.toml").read_text()
    assert stat.S_IMODE((home / "mine" / "feed.toml").stat().st_mode) == 0o600


def test_switching_to_what_is_already_so_writes_nothing(catalogue: Catalogue, home: Path) -> None:
    path = write_feed(home / "mine") / "feed.toml"
    os.utime(path, (1, 1))
    catalogue.enable("mine")
    assert path.stat().st_mtime == 1


def test_disabling_a_shipped_feed_leaves_it_shipped(catalogue: Catalogue, home: Path) -> None:
    assert catalogue.disable("sample-a").shipped
    assert not home.exists()


def test_one_broken_folder_does_not_hide_the_others(catalogue: Catalogue, home: Path) -> None:
    write_feed(home / "good")
    (write_feed(home / "typo") / "feed.toml").write_text('trsut = 1\nid = "typo"')
    (write_feed(home / "syntax") / "feed.toml").write_text("id = \n")
    (write_feed(home / "renamed") / "feed.toml").write_text(
        FEED.format(id="other", kind="bundle", path="data.json", extra="")
    )
    write_feed(home / "Bad Name")
    (home / "empty").mkdir()
    (home / "a-file").write_text("")
    broken = {entry.id: str(entry.error) for entry in catalogue.entries() if entry.error}
    assert "unknown key `trsut` – did you mean `trust`?" in broken["typo"]
    assert "line 1, column" in broken["syntax"]
    assert 'but the folder is "renamed"' in broken["renamed"]
    assert "not named by an id" in broken["Bad Name"]
    assert "no feed.toml" in broken["empty"]
    assert ids(catalogue.active()) == ["good"]
    with pytest.raises(FeedDefinitionError):
        catalogue.enable("typo")


def test_broken_home_feed_is_not_replaced_by_the_shipped_one(
    catalogue: Catalogue, home: Path
) -> None:
    (write_feed(home / "sample-a") / "feed.toml").write_text("x")
    assert catalogue.get("sample-a").error is not None


def test_add_copies_definition_and_data_only(
    catalogue: Catalogue, home: Path, tmp_path: Path
) -> None:
    source = write_feed(tmp_path / "mine")
    (source / "notes.txt").write_text("private")
    (source / "sample.bundle.json").write_text("{}")
    os.utime(source / "data.json", (1_700_000_000, 1_700_000_000))
    entry = catalogue.add(source)
    assert entry.active
    copied = sorted(path.name for path in (home / "mine").iterdir())
    assert copied == ["data.json", "feed.toml", "sample.bundle.json"]
    assert (home / "mine" / "data.json").stat().st_mtime == 1_700_000_000
    assert stat.S_IMODE((home / "mine").stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "mine" / "data.json").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["mine"]


def test_folder_name_of_what_is_added_does_not_matter(
    catalogue: Catalogue, home: Path, tmp_path: Path
) -> None:
    source = write_feed(tmp_path / "mine").rename(tmp_path / "Download (1)")
    assert catalogue.add(source).folder == home / "mine"


def test_add_copies_a_folder_of_bundles_without_symlinks(
    catalogue: Catalogue, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.json").write_text("secret")
    source = write_feed(tmp_path / "mine", kind="folder", path="./bundles")
    (source / "bundles" / "deep").mkdir(parents=True)
    (source / "bundles" / "deep" / "a.json").write_text("{}")
    (source / "bundles" / "out.json").symlink_to(tmp_path / "secret.json")
    catalogue.add(source)
    found = sorted(path.name for path in (home / "mine" / "bundles").rglob("*"))
    assert found == ["a.json", "deep"]


def test_absolute_path_stays_in_place(catalogue: Catalogue, home: Path, tmp_path: Path) -> None:
    (tmp_path / "big.json").write_text("{}")
    source = write_feed(tmp_path / "mine", path=str(tmp_path / "big.json"))
    catalogue.add(source)
    assert [path.name for path in (home / "mine").iterdir()] == ["feed.toml"]


def test_symlink_out_of_the_folder_is_refused(
    catalogue: Catalogue, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.json").write_text("secret")
    source = write_feed(tmp_path / "mine", path="link.json")
    (source / "link.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(FeedDefinitionError, match="leads out of the feed's folder"):
        catalogue.add(source)
    assert not home.exists()


@pytest.mark.parametrize("path", ["missing.json", "../mine/data.json"])
def test_path_that_does_not_work_is_refused(
    catalogue: Catalogue, home: Path, tmp_path: Path, path: str
) -> None:
    with pytest.raises(FeedDefinitionError, match=r"source\.path"):
        catalogue.add(write_feed(tmp_path / "mine", path=path))
    assert not home.exists()


def test_existing_feed_is_replaced_only_when_asked(catalogue: Catalogue, tmp_path: Path) -> None:
    source = write_feed(tmp_path / "mine")
    catalogue.add(source)
    with pytest.raises(UsageError, match="has a feed mine already"):
        catalogue.add(source)
    (source / "data.json").write_text("new")
    entry = catalogue.add(source, replace=True)
    assert (entry.folder / "data.json").read_text() == "new"


def test_failed_copy_leaves_the_old_feed_and_no_rest(
    catalogue: Catalogue, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_feed(tmp_path / "mine")
    entry = catalogue.add(source)
    (source / "data.json").write_text("new")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    with pytest.raises(ConfigError, match="no space left"):
        catalogue.add(source, replace=True)
    assert (entry.folder / "data.json").read_text() == '{"objects": []}'
    assert [path.name for path in home.iterdir()] == ["mine"]


def test_what_an_interrupted_copy_left_is_not_a_feed(catalogue: Catalogue, home: Path) -> None:
    (home / ".mine.abc.new").mkdir(parents=True)
    assert ids(catalogue.entries()) == ["sample-a", "template-b"]


def test_folder_without_a_sample_says_so(catalogue: Catalogue) -> None:
    with pytest.raises(FeedDefinitionError, match=r"no sample\.bundle\.json"):
        sample_of(catalogue.get("sample-a"))


def test_shipped_folder_is_the_one_with_feeds() -> None:
    folder = shipped_folder()
    assert folder is not None
    assert (folder / "sample-c2" / "feed.toml").is_file()


# -- rules for single values ---------------------------------------------------------------------

WARN = Then(action=Action.WARN, severity=Severity.LOW, groups=(), expires=None, category="")


def test_a_rule_is_written_in_one_piece_and_privately(catalogue: Catalogue, home: Path) -> None:
    folder = write_feed(home / "mine")
    path = folder / "feed.toml"
    before = path.read_bytes()
    dry = catalogue.rule("mine", [(["a.example.com"], WARN)], dry_run=True)
    assert dry.rules[0].then == WARN
    assert path.read_bytes() == before
    assert catalogue.rule("mine", [(["a.example.com"], WARN)]) == dry
    assert catalogue.get("mine").definition == dry
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(p.name for p in folder.iterdir()) == ["data.json", "feed.toml"]
    os.utime(path, (1, 1))
    catalogue.rule("mine", [(["a.example.com"], WARN)])
    assert path.stat().st_mtime == 1


def test_a_feed_that_is_not_of_this_home_gets_no_rule(
    catalogue: Catalogue, home: Path, shipped: Path
) -> None:
    before = (shipped / "sample-a" / "feed.toml").read_bytes()
    with pytest.raises(UsageError, match="switched off"):
        catalogue.rule("sample-a", [(["a.example.com"], WARN)])
    with pytest.raises(UsageError, match="there is no feed"):
        catalogue.rule("none", [(["a.example.com"], WARN)])
    assert (shipped / "sample-a" / "feed.toml").read_bytes() == before
    write_feed(home / "broken", kind="nonsense")
    with pytest.raises(FeedDefinitionError):
        catalogue.rule("broken", [(["a.example.com"], WARN)])


def test_a_changed_file_is_read_anew_however_soon(catalogue: Catalogue, home: Path) -> None:
    write_feed(home / "mine")
    path = home / "mine" / "feed.toml"
    text = path.read_text()
    found = path.stat()
    for trust in (10, 20, 10):
        path.write_text(text.replace("trust = 50", f"trust = {trust}"))
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
        (entry,) = catalogue.active()
        assert entry.definition is not None
        assert entry.definition.trust == trust
