"""Every error Tidegate raises on purpose, each with a message for people, a fix and an exit code.

    TidegateError(message, hint)
    ├ UsageError               exit 2   a command line that cannot be carried out
    │   └ AmbiguousItem                 a value that names several rows
    ├ ConfigError              exit 2   config.toml, home directory, environment
    │   ├ FeedDefinitionError           feed.toml: names file and key
    │   └ PartnerDefinitionError        partners/<id>.toml: names file and key
    ├ FeedError                exit 7   one feed failed, the others landed
    │   ├ FeedUnavailable               no answer, a deadline, a 5xx
    │   ├ FeedRefused                   the server or our own guard said no
    │   └ BundleError                   a file that holds no readable STIX
    ├ PatternError                      a STIX pattern that cannot be read (becomes a Rejection)
    ├ IndicatorError(ValueError)        one value or action (exit 2 at the command line)
    │   ├ InvalidValue
    │   └ ActionNotSupported
    ├ HeldBack                 exit 3   the brake, a guard or a missing confirmation
    ├ StoreDamaged             exit 4   the tenant list or its journal is not what was written
    │   └ StoreTooNew                   written by a newer Tidegate: left untouched
    ├ StoreLocked              exit 5   another process holds the lock
    ├ StalePlan                exit 6   the list changed since the plan was made
    └ ExportError              exit 8   an export that may not or cannot be written

What it refuses: tracebacks. Anything else that reaches the shell is a fault of ours, exit 1.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every command; a contract for cron jobs and scripts."""

    DONE = 0
    INTERNAL = 1
    USAGE = 2
    HELD = 3
    DAMAGED = 4
    BUSY = 5
    STALE = 6
    FEED_FAILED = 7
    EXPORT_REFUSED = 8
    TENANT_API = 9


class TidegateError(Exception):
    """Root of all expected errors.

    `message` says what is wrong and where; `hint` says what to do about it, and may be empty.
    """

    exit_code = ExitCode.INTERNAL

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UsageError(TidegateError):
    """The command line asks for something that cannot be done."""

    exit_code = ExitCode.USAGE


class AmbiguousItem(UsageError):
    """A value or id prefix that names several rows; `ids` lists them."""

    def __init__(self, message: str, ids: tuple[str, ...]) -> None:
        super().__init__(message, "name one of the ids: " + ", ".join(ids))
        self.ids = ids


class ConfigError(TidegateError):
    """config.toml, the home directory or the environment is not usable."""

    exit_code = ExitCode.USAGE


class FeedDefinitionError(ConfigError):
    """A feed.toml that is not usable; the message names file and key."""


class PartnerDefinitionError(ConfigError):
    """A partner's file that is not usable; the message names file and key."""


class FeedError(TidegateError):
    """One feed could not be read; the others go on."""

    exit_code = ExitCode.FEED_FAILED


class FeedUnavailable(FeedError):
    """No answer, a passed deadline or a server fault: trying later may help."""


class FeedRefused(FeedError):
    """The server refused us, or we refused what the server did."""


class BundleError(FeedError):
    """A file that holds no readable JSON or no STIX."""


class PatternError(TidegateError):
    """A STIX pattern that the grammar does not accept; `position` counts characters from 0."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


class IndicatorError(TidegateError, ValueError):
    """One value, action or field that an indicator cannot have; `code` names the reason."""

    exit_code = ExitCode.USAGE

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.code = code


class InvalidValue(IndicatorError):
    """A value that has no canonical form for its type."""


class ActionNotSupported(IndicatorError):
    """An action that Defender does not take for this type in this dialect."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__("action_not_supported", message, hint)


class HeldBack(TidegateError):
    """Refused until somebody with the right to it says yes."""

    exit_code = ExitCode.HELD


class StoreDamaged(TidegateError):
    """The list or journal on disk is not what was written; nothing was changed."""

    exit_code = ExitCode.DAMAGED


class StoreTooNew(StoreDamaged):
    """Written by a newer Tidegate; left untouched."""


class StoreLocked(TidegateError):
    """Another live process holds the lock."""

    exit_code = ExitCode.BUSY


class StalePlan(TidegateError):
    """The list changed after the plan was made."""

    exit_code = ExitCode.STALE


class ExportError(TidegateError):
    """An export that may not, or cannot, be written."""

    exit_code = ExitCode.EXPORT_REFUSED
