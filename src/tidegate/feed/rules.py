"""What becomes of a feed's indicators: the `[[rule]]` and `[default]` tables of feed.toml.

Owns outcomes and their words, each unknown one answered with the nearest known; conditions are in
when.py. Refuses to apply them: mapping/policy.py does.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from tidegate.feed.template import check_template
from tidegate.feed.when import When, Words, word_of
from tidegate.indicators.kinds import Action, Severity, parse_action, parse_severity
from tidegate.indicators.term import parse_term
from tidegate.toml_errors import Table, plain, suggestion

CATEGORIES = (
    "None",
    "Collection",
    "CommandAndControl",
    "CredentialAccess",
    "DefenseEvasion",
    "Discovery",
    "Execution",
    "Exfiltration",
    "Exploit",
    "InitialAccess",
    "LateralMovement",
    "Malware",
    "Persistence",
    "PrivilegeEscalation",
    "Ransomware",
    "SuspiciousActivity",
    "UnwantedSoftware",
)
"""Alert categories as the portal's CSV spells them ("Import indicators", column Category)."""


def _severity(value: object) -> object:
    return word_of(value, parse_severity, "severity", [severity.value for severity in Severity])


def _action(value: object) -> object:
    if value == "skip":
        return None
    names = [*(action.value for action in Action), "skip"]
    return word_of(value, parse_action, "action", names)


def term(value: object) -> object:
    """Read a term of a TOML file for pydantic; a timedelta and None stay as they are."""
    if isinstance(value, timedelta) or value is None:
        return value
    if not isinstance(value, str):
        raise ValueError('must be a term in quotes, such as "30d", "12h" or "never"')  # noqa: TRY004 - pydantic collects ValueError only
    return parse_term(value)


def _category(value: str) -> str:
    folded = {name.casefold(): name for name in CATEGORIES}
    key = value.replace(" ", "").casefold()
    if value and key not in folded:
        raise ValueError(f'unknown category "{plain(value)}"{suggestion(value, CATEGORIES)}')
    return folded.get(key, "")


TermField = Annotated[timedelta | None, BeforeValidator(term)]
Template = Annotated[str, AfterValidator(check_template)]

TEXTS = ("title", "description", "recommended_actions")
"""What of an outcome is a template."""

INHERITED = ("severity", "groups", "expires", *TEXTS)
"""What a rule takes from `[default]` where it says none of its own."""


class Then(Table):
    """What becomes of an indicator. `action` None is `skip`: it is rejected as `policy_skip`.

    `expires` is a term counted from the feed's latest evidence; None means never. `title`,
    `description` and `recommended_actions` are templates (template.py); empty leaves what the feed
    says. An empty `category` is the one that the indicator's context has, if any.
    """

    action: Annotated[Action | None, BeforeValidator(_action)]
    severity: Annotated[Severity, BeforeValidator(_severity)] = Severity.MEDIUM
    groups: Words = ()
    expires: TermField = timedelta(days=14)
    category: Annotated[str, AfterValidator(_category)] = ""
    title: Template = ""
    description: Template = ""
    recommended_actions: Template = ""


class Default(Then):
    """What becomes of an indicator that no rule matches."""

    action: Annotated[Action | None, BeforeValidator(_action)] = Action.ALERT_ONLY


class Rule(Table):
    """One line of the policy; the first whose `when` is met decides."""

    name: Annotated[str, Field(min_length=1)]
    when: When = When()
    then: Then
