"""The partners of a home: their files, one each, `partners/<id>.toml`.

Owns listing, reading, adding, the template, and the answer to who was given what. A file that
cannot be read is listed with its error and keeps no other partner from being served. Refuses to
deliver: `partnering` does.
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from tidegate.config import Home, read_toml
from tidegate.errors import (
    ConfigError,
    ExportError,
    IndicatorError,
    PartnerDefinitionError,
    UsageError,
)
from tidegate.indicators.text import safe
from tidegate.indicators.value import classify
from tidegate.partner import Partner, parse_partner
from tidegate.partner.sent import Bundle, Entry, Sent
from tidegate.service.workspace import Workspace
from tidegate.store.files import replace
from tidegate.store.sent_file import read_sent

SENT = ".sent.json"
"""How the names of files end that keep what a partner was given."""

_ID = re.compile(r"[a-z0-9-]{1,40}")

TEMPLATE = """id = "{ident}"                # the file's name: partners/{ident}.toml
title = "{ident}"
filter = "action:block,alert"     # which rows, in the filter language; "" is all of them
tlp_max = "green"                 # clear, green, amber, amber+strict, red: nothing above leaves
# unmarked_as = "green"           # without this, rows that carry no marking stay here
mask = ["groups", "note"]         # also: action category confidence description kill_chain mitre
                                  # recommended_actions severity source title
identity = "Example Corp SOC"     # who speaks; change it before the first delivery
markings = "reference"            # "embedded" for tools that drop objects whose marking they lack
extension = false                 # true: action, severity and scope travel along
# consumer = "misp"               # withdrawals as a list, since MISP takes revoked ones for live
# spec = "2.0"                    # for tools that read no STIX 2.1

[delivery]
kind = "file"                     # file | folder | taxii21
path = "/srv/partners/{ident}.json"
# kind = "taxii21"
# url = "https://taxii.example.org/api1/"
# collection = "365fed99-08fa-fdcd-a1b3-fb247eb41d01"
# auth = {{ kind = "bearer", token = "keyring:{ident}" }}
"""


@dataclass(frozen=True, slots=True)
class PartnerEntry:
    """One file of the folder: the partner, or the error that keeps it from being one."""

    id: str
    path: Path
    partner: Partner | None = None
    error: PartnerDefinitionError | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A value that a partner was given, with the object and the delivery that last carried it.

    `bundle` is None where it may have arrived, and nobody knows.
    """

    partner: str
    value: str
    entry: Entry
    bundle: Bundle | None

    @property
    def standing(self) -> str:
        """What they have now: `live`, `withdrawn`, `being withdrawn` or `uncertain`."""
        if self.entry.revoked:
            return "withdrawn" if self.entry.arrived else "being withdrawn"
        return "live" if self.bundle is not None else "uncertain"

    def record(self) -> dict[str, object]:
        """The fields of `partners given --json`."""
        bundle = self.bundle
        return {
            "partner": self.partner,
            "value": self.value,
            "standing": self.standing,
            "id": self.entry.id,
            "modified": self.entry.modified,
            "delivery": bundle.number if bundle else None,
            "at": bundle.at if bundle else None,
            "bundle": bundle.id if bundle else None,
            "sha256": bundle.sha256 if bundle else None,
        }


def sent_path(ws: Workspace, ident: str) -> Path:
    """Where it is kept what this tenant gave a partner."""
    return ws.store.folder / "partners" / f"{ident}{SENT}"


def sent_to(ws: Workspace, ident: str) -> Sent:
    """What this tenant gave a partner. Raises StoreDamaged."""
    return read_sent(sent_path(ws, ident))


def entries(home: Home) -> list[PartnerEntry]:
    """Every partner of the home, by id."""
    folder = home.partners_dir
    if not folder.is_dir():
        return []
    return [_entry(path) for path in sorted(folder.glob("*.toml")) if path.name[0] != "."]


def find(ws: Workspace, ident: str) -> Partner:
    """The partner of that id. Raises UsageError; PartnerDefinitionError for a broken file."""
    path = ws.home.partners_dir / f"{ident}.toml"
    if not _ID.fullmatch(ident) or not path.exists():
        known = ", ".join(entry.id for entry in entries(ws.home))
        hint = f"known: {known}" if known else "`tidegate partners template` prints one to begin"
        raise UsageError(f"no partner is called {ident!r}", hint)
    return _read(path)


def given(ws: Workspace, text: str) -> list[Given]:
    """Who was given a value, under whichever of a file's hashes, the latest delivery first.

    Also by partners whose file is gone. Raises StoreDamaged.
    """
    try:
        value = classify(text)[1]
    except IndicatorError:
        value = text
    found = []
    for path in sorted(sent_path(ws, "x").parent.glob(f"*{SENT}")):
        ident = path.name.removesuffix(SENT)
        sent = read_sent(path)
        bundles = {bundle.number: bundle for bundle in sent.bundles}
        for entry in sent.entries.values():
            about = entry.id.startswith("indicator--") and entry.key.split("\n")[1] == value
            if entry.known and (about or f"'{value}'" in str(entry.tomb.get("pattern"))):
                bundle = bundles.get(entry.delivery)
                found.append(Given(ident, value, entry, bundle))
    return sorted(found, key=lambda each: (each.entry.delivery, each.partner), reverse=True)


def add(ws: Workspace, source: Path, *, replacing: bool = False) -> Partner:
    """Copy a partner's file into the home, under its id, 0600.

    Raises UsageError when there is one of that id, PartnerDefinitionError when it is not usable.
    """
    ws.writable()
    if source.is_dir():
        raise UsageError(f"{source} is a folder", "a partner is one file")
    partner = parse_partner(read_toml(source, PartnerDefinitionError), str(source))
    target = ws.home.partners_dir / f"{partner.id}.toml"
    if target.exists() and not replacing:
        raise UsageError(
            f"this home has a partner {partner.id} already", "edit its file, or add --replace"
        )
    try:
        replace(target, source.read_bytes())
    except OSError as fault:
        raise ConfigError(
            f"{fault.filename or target}: {fault.strerror}", "check the folder"
        ) from fault
    return partner


def place_of(ws: Workspace, partner: Partner) -> Path:
    """The folder where the relative paths of a profile start, once its delivery stays out of ours.

    Raises ExportError: the delivery would write over what the home lives on.
    """
    folder = ws.home.partners_dir
    named = getattr(partner.delivery, "path", None)
    if isinstance(named, str):
        target = folder / Path(named).expanduser()
        with contextlib.suppress(ValueError):
            root = os.path.realpath(ws.home.root)
            inside = Path(os.path.realpath(target)).relative_to(root)
            ours = not inside.parts or inside.parts[0] != folder.name
            if ours or inside.suffix == ".toml":
                raise ExportError(
                    f"partner {partner.id}: {target} belongs to the home itself",
                    "name another place in `delivery.path`",
                )
    return folder


def template(ident: str) -> str:
    """A profile to begin with. Raises UsageError for what is no id."""
    if not _ID.fullmatch(ident):
        raise UsageError(f"{ident!r} is no partner's id", "use 1 to 40 of a-z, 0-9 and the hyphen")
    return TEMPLATE.format(ident=ident)


def _entry(path: Path) -> PartnerEntry:
    try:
        return PartnerEntry(path.stem, path, partner=_read(path))
    except PartnerDefinitionError as error:
        return PartnerEntry(safe(path.stem, 40), path, error=error)


def _read(path: Path) -> Partner:
    partner = parse_partner(read_toml(path, PartnerDefinitionError), str(path))
    if partner.id != path.stem:
        raise PartnerDefinitionError(
            f'{path}: `id` is "{partner.id}" but the file is "{safe(path.name, 60)}"',
            "give both the same name",
        )
    return partner
