"""The home folder and config.toml.

Owns where things lie, the modes of the folders made (0700), the settings and their checks. Refuses
unknown keys, a limit above Defender's, own assets that have no canonical form, and any attempt to
weaken the guards that keep a tenant from blocking itself. Feeds, lists and ledgers are read by
their own modules.
"""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import platformdirs
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictInt,
    ValidationError,
    field_validator,
    model_validator,
)

from tidegate.engines.automation import Automation
from tidegate.engines.choices import DEFAULTS, Choices
from tidegate.errors import ConfigError
from tidegate.indicators.kinds import FILE_TYPES, Dialect, IndicatorType
from tidegate.indicators.limits import LIMIT
from tidegate.indicators.value import canonical, classify
from tidegate.mapping.guard import FIXED_GUARDS, GuardSettings, Verdict
from tidegate.toml_errors import Table, fault, known_keys_only, plain, suggestion

_PRIVATE = 0o700

SETTABLE_GUARDS = ("documentation", "public_resolver", "homoglyph")
"""Guards whose level is the operator's to choose."""

LEVELS = ("refuse", "downgrade", "warn")
OFF = "off"
"""Beside the levels: a warninglist of the folder that is not read."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where everything of one installation lies. `root` may be a symlink; nothing else is made."""

    root: Path

    @classmethod
    def locate(cls, explicit: str | None, environ: Mapping[str, str]) -> Home:
        """Choose the home: `--home`, else `TIDEGATE_HOME`, else the user's data folder."""
        chosen = explicit or environ.get("TIDEGATE_HOME")
        if chosen:
            return cls(Path(chosen).expanduser())
        return cls(platformdirs.user_data_path("tidegate", appauthor=False))

    @property
    def config_file(self) -> Path:
        """config.toml; it need not exist."""
        return self.root / "config.toml"

    @property
    def feeds_dir(self) -> Path:
        """The folder of feed folders."""
        return self.root / "feeds"

    @property
    def partners_dir(self) -> Path:
        """The folder of partner files."""
        return self.root / "partners"

    @property
    def views_dir(self) -> Path:
        """The folder of saved views."""
        return self.root / "views"

    @property
    def layout_file(self) -> Path:
        """How the last session of the terminal left its screen."""
        return self.root / "layout.json"

    @property
    def ledger_file(self) -> Path:
        """The SQLite ledger of what feeds said."""
        return self.root / "ledger.sqlite"

    def tenant_dir(self, name: str) -> Path:
        """The folder of one tenant's list and journal."""
        return self.root / "tenants" / name

    def ensure(self) -> None:
        """Make the folders that are missing, readable by their owner only.

        Raises ConfigError when the home cannot be used. A folder that exists keeps its mode.
        """
        for folder in (self.root, self.feeds_dir, self.partners_dir, self.root / "tenants"):
            try:
                _make_private(folder)
            except OSError as error:
                reason = (error.strerror or "cannot be made").lower()
                raise ConfigError(
                    f"home {folder}: {reason}", "choose another with --home or TIDEGATE_HOME"
                ) from None


def _make_private(folder: Path) -> None:
    missing = []
    step = folder
    while not step.exists():
        missing.append(step)
        step = step.parent
    for new in reversed(missing):
        new.mkdir(mode=_PRIVATE, exist_ok=True)
    if not folder.is_dir():
        raise NotADirectoryError(20, "Not a folder")


def _own_domain(text: str) -> str:
    return canonical(IndicatorType.DOMAIN_NAME, text)


def _own_address(text: str) -> str:
    if "/" not in text:
        return canonical(IndicatorType.IP_ADDRESS, text)
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        raise ValueError(f'"{plain(text)}" is no network such as 198.51.100.0/24') from None


def _own_hash(text: str) -> str:
    kind, value = classify(text)
    if kind not in FILE_TYPES:
        raise ValueError(f'"{plain(text)}" is no MD5, SHA-1 or SHA-256')
    return value


def _own_thumbprint(text: str) -> str:
    return canonical(IndicatorType.CERTIFICATE, text)


class Own(Table):
    """What belongs to the operator, in canonical form: no feed may touch it."""

    domains: tuple[Annotated[str, AfterValidator(_own_domain)], ...] = ()
    addresses: tuple[Annotated[str, AfterValidator(_own_address)], ...] = ()
    hashes: tuple[Annotated[str, AfterValidator(_own_hash)], ...] = ()
    thumbprints: tuple[Annotated[str, AfterValidator(_own_thumbprint)], ...] = ()


class Brake(Table):
    """A plan that removes more than this, or in which one feed has shrunk by more, is held back."""

    count: Annotated[StrictInt, Field(ge=0)] = 200
    percent: Annotated[StrictInt, Field(ge=0, le=100)] = 10
    shrink: Annotated[StrictInt, Field(ge=0, le=100)] = 25


class Sync(Table):
    """How feeds are pulled: at most so many at once, 1 for one after another."""

    side_by_side: Annotated[StrictInt, Field(ge=1, le=16)] = 4


class Group(Table):
    """A device group and how far automated investigation may go there."""

    name: Annotated[str, Field(min_length=1)]
    automation: Automation = Automation.FULL


def _known_choices(data: object) -> object:
    return known_keys_only(data, [field.name for field in fields(Choices)])


def _check_level(name: str, level: object, known: tuple[str, ...]) -> None:
    if level not in known:
        raise ValueError(f'{name} = "{plain(level)}"{suggestion(str(level), known)}')


def _check_lists(levels: object, *, has_folder: bool) -> None:
    if not isinstance(levels, Mapping):
        raise ValueError("lists: must be a table such as [guards.lists]")  # noqa: TRY004 - pydantic
    if not has_folder:
        raise ValueError("lists: says nothing without `warninglists`, the folder they lie in")
    for name, level in levels.items():
        _check_level(f"lists.{plain(name)}", level, (*LEVELS, OFF))


class Settings(Table):
    """config.toml, checked. Everything has a default: an absent file is an empty one."""

    limit: Annotated[StrictInt, Field(ge=1, le=LIMIT)] = LIMIT
    reserve: Annotated[StrictInt, Field(ge=0)] = 0
    """Slots that feeds never fill: headroom for people's edits and for foreign rows."""
    dialect: Dialect = Dialect.TODAY
    own: Own = Own()
    brake: Brake = Brake()
    sync: Sync = Sync()
    groups: Annotated[tuple[Group, ...], Field(alias="group")] = ()
    guards: Mapping[str, object] = Field(default_factory=dict)
    engines: Annotated[Choices, BeforeValidator(_known_choices)] = DEFAULTS
    """What Microsoft's pages leave open about the engines."""

    @field_validator("guards", mode="after")
    @classmethod
    def _guards_stand(cls, guards: Mapping[str, object]) -> Mapping[str, object]:
        known = (*SETTABLE_GUARDS, "warninglists", "lists", *FIXED_GUARDS)
        for name, level in guards.items():
            if name not in known:
                raise ValueError(
                    f"unknown guard `{plain(name)}`{suggestion(name, known, mark='`')}"
                )
            if name == "warninglists":
                if not isinstance(level, str) or not level.strip():
                    raise ValueError(f"{name}: {plain(level)} is no folder's name")
            elif name == "lists":
                _check_lists(level, has_folder="warninglists" in guards)
            else:
                _check_level(name, level, LEVELS)
            if name in FIXED_GUARDS and level != "refuse":
                raise ValueError(
                    f'{name} cannot be "{level}": it keeps this tenant from blocking itself; '
                    "remove the line"
                )
        return guards

    @field_validator("groups", mode="after")
    @classmethod
    def _groups_differ(cls, groups: tuple[Group, ...]) -> tuple[Group, ...]:
        names = [group.name for group in groups]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f'two groups are named "{plain(name)}"')
        return groups

    @model_validator(mode="after")
    def _reserve_fits(self) -> Settings:
        if self.reserve > self.limit:
            raise ValueError(
                f"reserve {self.reserve:,} is more than the limit of {self.limit:,}: feeds would "
                "hold no slot; lower it"
            )
        return self

    @property
    def for_feeds(self) -> int:
        """The slots that are handed out to feeds, less what others hold."""
        return self.limit - self.reserve

    def guard_settings(self) -> GuardSettings:
        """What the guards need to know, in their own words."""
        return GuardSettings(
            own_domains=self.own.domains,
            own_addresses=self.own.addresses,
            own_hashes=self.own.hashes,
            own_thumbprints=self.own.thumbprints,
            documentation=self._level("documentation"),
            public_resolver=self._level("public_resolver"),
            homoglyph=self._level("homoglyph", Verdict.WARN),
            lists={name: Verdict(level) for name, level in self.lists.items() if level != OFF},
        )

    @property
    def lists(self) -> Mapping[str, str]:
        """The levels that people gave to single warninglists, `off` among them."""
        found = self.guards.get("lists")
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, Mapping) else {}

    def warninglists(self, home: Home) -> Path | None:
        """The folder of warninglists, relative to the home; None when none is named."""
        named = self.guards.get("warninglists")
        return home.root / Path(named).expanduser() if isinstance(named, str) else None

    def _level(self, guard: str, default: Verdict = Verdict.REFUSE) -> Verdict:
        return Verdict(str(self.guards.get(guard, default)))


def read_toml(path: Path, error: type[ConfigError] = ConfigError) -> dict[str, Any]:
    """Decode a TOML file. Raises `error`: one line with file, line and column, or the reason."""
    return decode_toml(path, read_bytes(path, error), error)


def read_bytes(path: Path, error: type[ConfigError] = ConfigError) -> bytes:
    """Read a file that a person wrote. Raises `error`: one line with file and reason."""
    try:
        return path.read_bytes()
    except OSError as cause:
        reason = (cause.strerror or "cannot be read").lower()
        raise error(f"{path}: {reason}") from None


def decode_toml(path: Path, data: bytes, error: type[ConfigError] = ConfigError) -> dict[str, Any]:
    """Decode what was read of a TOML file; raises as `read_toml`."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise error(f"{path}: byte {cause.start} is not UTF-8", "save it as UTF-8") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise error(f"{path}: {_syntax(text, cause)}", _remedy(cause)) from None


def _syntax(text: str, cause: tomllib.TOMLDecodeError) -> str:
    """Say where the syntax error is; tomllib gives no place when the text ends too early."""
    message, _, place = str(cause).partition(" (at ")
    message = message[:1].lower() + message[1:]
    if place.startswith("line"):
        return f"{place.rstrip(')')}: {message}"
    lines = text.splitlines() or [""]
    return f"line {len(lines)}, column {len(lines[-1]) + 1}: {message}"


def _remedy(cause: tomllib.TOMLDecodeError) -> str:
    """What to do about a syntax error; the usual cause where tomllib does not say it."""
    if str(cause).startswith("Cannot overwrite a value"):
        return "not valid TOML: it stands there twice; a table that may, such as rule, is [[rule]]"
    return "not valid TOML"


def load_settings(home: Home) -> Settings:
    """Read config.toml; defaults when there is none. Raises ConfigError in one line."""
    path = home.config_file
    if not path.exists():
        return Settings()
    data = read_toml(path)
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        raise ConfigError(f"{path}: {fault(error, data)}") from None
