"""What people write: one broken file is told, and hides no other."""

from __future__ import annotations

import pytest

from driving.homes import write_feed
from tidegate.config import Home
from tidegate.service.doctor.configuration import look_at_config, look_at_feeds

TAXII = (
    'kind = "taxii21"\nurl = "https://taxii.example.com/api1/"\ncollection = "c"\n'
    'auth = { kind = "basic", username = "env:ACME_USER", password = "env:ACME_PASSWORD" }\n'
)


def test_a_config_that_is_absent_or_good_is_ok(home: Home) -> None:
    found = look_at_config(home)
    assert found.checked.verdict == "ok"
    assert found.settings.limit == 15_000
    home.config_file.unlink()
    assert "no config.toml" in look_at_config(home).checked.summary


@pytest.mark.parametrize("text", ["limit = 0", "= 1", "limitt = 3\n", "\x00"])
def test_a_broken_config_is_a_fault_and_the_defaults_stand_in(home: Home, text: str) -> None:
    home.config_file.write_text(text, "utf-8")
    found = look_at_config(home)
    (fault,) = found.checked.findings
    assert (fault.code, found.settings.limit) == ("config_unreadable", 15_000)
    assert "config.toml" in fault.message
    assert fault.mend


def test_warninglists_that_cannot_be_read_are_a_fault(home: Home) -> None:
    home.config_file.write_text('[guards]\nwarninglists = "lists"\n', "utf-8")
    (fault,) = look_at_config(home).checked.findings
    assert "warninglists" in fault.message
    folder = home.root / "lists"
    folder.mkdir()
    (folder / "broken.json").write_text("{", "utf-8")
    (fault,) = look_at_config(home).checked.findings
    assert "broken.json" in fault.message


def test_each_broken_feed_is_named(home: Home) -> None:
    write_feed(home.feeds_dir / "good")
    for name in ("bad-one", "bad-two"):
        write_feed(home.feeds_dir / name, head='colour = "red"\n')
    area = look_at_feeds(home, {})
    assert [(f.code, f.message.count("bad-")) for f in area.findings] == [
        ("feed_unreadable", 1)
    ] * 2
    assert area.summary == "3 here, 1 on"


def test_secrets_that_do_not_resolve_are_warnings_and_stay_secret(home: Home) -> None:
    write_feed(home.feeds_dir / "acme", source=TAXII)
    area = look_at_feeds(home, {"ACME_USER": "u"})
    (warning,) = area.findings
    assert (warning.code, warning.level) == ("secret_unresolved", "warning")
    assert "ACME_PASSWORD" in warning.message
    assert look_at_feeds(home, {"ACME_USER": "u", "ACME_PASSWORD": "p"}).findings == ()


def test_secrets_of_a_feed_that_is_off_are_not_looked_up(home: Home) -> None:
    write_feed(home.feeds_dir / "acme", source=TAXII, head="enabled = false\n")
    assert look_at_feeds(home, {}).findings == ()


def test_a_bundle_that_is_gone_is_a_warning(home: Home) -> None:
    feed = write_feed(home.feeds_dir / "acme")
    assert look_at_feeds(home, {}).findings == ()
    (feed.folder / "feed.bundle.json").unlink()
    (warning,) = look_at_feeds(home, {}).findings
    assert (warning.code, warning.level) == ("source_missing", "warning")


def test_a_config_that_cannot_be_reached_is_a_fault(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_: Home) -> None:
        raise PermissionError(13, "Permission denied", str(home.config_file))

    monkeypatch.setattr("tidegate.service.doctor.configuration.load_settings", closed)
    (fault,) = look_at_config(home).checked.findings
    assert (fault.code, fault.mend) == ("config_unreadable", "check its owner and mode")
