"""What Microsoft's pages leave open about precedence and engines, each as a choice with a name.

Owns the choices, their values and defaults. Refuses everything that the pages do state: that is
written into precedence and the engines. Pages: [F] "Create indicators for files", [N] "Create
indicators for IPs and URLs/domains", [C] "Create indicators based on certificates", [O] "Overview
of indicators". No rule of precedence is known to differ between the first dialect and today's: the
first knows three of the five actions, and the rules say the same about those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Choices:
    """How the engines decide where the pages are silent or contradict each other."""

    hash_order: Literal["strongest", "strictest"] = "strongest"
    """Different hashes of one file, different actions: a SHA-256 Allow against an MD5 Block.

    [F] lets the more secure hash win, whatever the group, for "the same enforcement type and
    target", and in its list of conflicts Block before Allow. `strongest`: the hash decides whatever
    the actions. `strictest`: the action decides, the hash among equal actions only.
    """

    certificate_order: Literal["strictest", "hash"] = "strictest"
    """A hash of a file against the certificate that signed it. [F] has one list for both, which
    says Block before Allow (`strictest`); `hash`: what names the file itself decides."""

    file_group_order: Literal["group", "strictest"] = "group"
    """Rows on one hash, one for the device's group and one for all devices. [F]: "the policy in
    the device group will win" (`group`), against Block before Allow (`strictest`)."""

    file_warn: Literal["under_block", "over_block"] = "under_block"
    """Warn against Block on a file: [F] names both in one step. `under_block`: the block stands.
    `over_block`: the user is asked."""

    alert_only: Literal["last", "over_allow"] = "last"
    """Alert only has no rank on any page. `last`: it yields to every other action, as it enforces
    nothing. `over_allow`: it stands between Allow and Warn, so that files which one row allows and
    another watches raise the alert; on networks Allow comes first either way."""

    allow_reach: Literal["specific", "any"] = "specific"
    """[N] says that the longer path wins, and that any Allow wins over any Block. `specific`: the
    longer path decides first. `any`: one Allow anywhere decides."""

    name_order: Literal["specific", "action"] = "specific"
    """A name against the name above it, or a URL against the name it is on; [N] is silent.
    `specific`: the closer one decides. `action`: Allow > Warn > Block across all."""

    address_order: Literal["action", "name"] = "action"
    """An address against the URL or name connected to; [N] is silent. `action`: Allow > Warn >
    Block across both. `name`: the URL or name decides."""

    group_order: Literal["group", "action", "strictest"] = "group"
    """Rows on one network value, one for the device's group and one for all devices. [N] has an
    example that cannot be read with certainty. `group`: the device's group decides, as for files.
    `action`: Allow > Warn > Block whatever the scope. `strictest`: the stricter of the two."""

    enforcement: Literal["documented", "everything"] = "documented"
    """Whether prevention passes over rows that Defender takes but does not enforce there: the path
    of an HTTPS URL in a process that is known and not Edge [N], a file known not to be a program
    [F]. `documented`: it does. `everything`: each row is taken at its word."""

    detected_warn: Literal["alert", "silent"] = "alert"
    """Cloud detection of what Warn names: "non-deterministic" [O]. `alert`: the generic
    Informational alert, as for Block. `silent`: nothing is raised."""

    investigated_warn: Literal["leaves", "bad"] = "leaves"
    """Automated investigation of what Warn names; no page says. `leaves` the finding as it is;
    `bad`: as Block."""


DEFAULTS = Choices()
"""What the pages come closest to saying."""
