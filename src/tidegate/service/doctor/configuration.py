"""The area of what people write: config.toml, each feed.toml, the secrets they refer to.

Refuses to let one broken file hide another, and to name a secret's content.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tidegate.config import Home, Settings, load_settings
from tidegate.errors import ConfigError
from tidegate.feed import BundleSource, FeedDefinition, FolderSource
from tidegate.mapping.guard import Guards
from tidegate.secrets import is_reference, resolve_secret
from tidegate.service.doctor.findings import MODE, Checked, Finding, checked, fault, warning
from tidegate.service.warninglists import guards_of
from tidegate.sources.catalogue import Catalogue, CatalogueEntry

CONFIG = "config"
FEEDS = "feeds"


@dataclass(frozen=True, slots=True)
class Configured:
    """The settings that the other areas go by: the defaults where config.toml cannot be read."""

    settings: Settings
    guards: Guards
    checked: Checked


def look_at_config(home: Home) -> Configured:
    """Read config.toml as every command does."""
    try:
        settings = load_settings(home)
        guards = guards_of(home, settings)
    except (ConfigError, OSError) as error:
        settings = Settings()
        told = error.message if isinstance(error, ConfigError) else f"{home.config_file}: {error}"
        hint = error.hint if isinstance(error, ConfigError) else MODE
        found = fault(CONFIG, "config_unreadable", told, hint or "edit that file")
        summary = "cannot be read; the list is held to the defaults"
        guards = Guards(settings.guard_settings())
        return Configured(settings, guards, checked(CONFIG, summary, [found]))
    there = "config.toml" if home.config_file.exists() else "no config.toml, the defaults"
    summary = f"{there}: limit {settings.limit:,}, dialect {settings.dialect}"
    return Configured(settings, guards, checked(CONFIG, summary))


def look_at_feeds(home: Home, environ: Mapping[str, str]) -> Checked:
    """Read every feed of the home; the secrets of those that are on are looked up."""
    try:
        entries = Catalogue(home.feeds_dir, None).entries()
    except OSError as error:
        found = fault(FEEDS, "feeds_unreadable", f"{home.feeds_dir}: {error.strerror}")
        return checked(FEEDS, "cannot be read", [found])
    active = sum(entry.active for entry in entries)
    findings = [finding for entry in entries for finding in _entry(entry, environ)]
    return checked(
        FEEDS, f"{len(entries):,} here, {active:,} on", findings, feeds=len(entries), on=active
    )


def _entry(entry: CatalogueEntry, environ: Mapping[str, str]) -> Iterator[Finding]:
    if entry.error is not None:
        mend = entry.error.hint or "edit that file"
        yield fault(FEEDS, "feed_unreadable", entry.error.message, mend)
    definition = entry.definition
    if definition is None or not definition.enabled:
        return
    for reference in _references(definition):
        try:
            resolve_secret(reference, environ)
        except ConfigError as error:
            yield warning(
                FEEDS, "secret_unresolved", f"feed {entry.id}: {error.message}", error.hint
            )
    source = definition.source
    if (
        isinstance(source, (BundleSource, FolderSource))
        and not (entry.folder / source.path).exists()
    ):
        yield warning(
            FEEDS,
            "source_missing",
            f"feed {entry.id}: there is no {entry.folder / source.path}",
            "put it there, or edit `path` in feed.toml",
        )


def _references(definition: FeedDefinition) -> Iterator[str]:
    auth = getattr(definition.source, "auth", None)
    for _, value in auth or ():
        if isinstance(value, str) and is_reference(value):
            yield value
