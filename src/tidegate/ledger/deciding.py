"""How many values of a feed each rule of its policy decided in the last evaluation.

Owns the count that tells a rule which nothing ever meets, such as one with a name that the feed
spells otherwise. Derived data, like the outcomes. Refuses to know the policy.
"""

from __future__ import annotations

from tidegate.ledger.ledger import Ledger
from tidegate.mapping.judge import POLICY_SKIP, skipped_by


def decided_by(ledger: Ledger, feed: str, rules: tuple[str, ...]) -> dict[str, int]:
    """The values that each of the named rules mapped or skipped; guards may refuse more."""
    mapped = ledger.link.execute(
        "SELECT rule, COUNT(*) FROM proposal WHERE feed = ? GROUP BY rule",
        (feed,),
    )
    skipped = ledger.link.execute(
        "SELECT detail, COUNT(*) FROM rejection WHERE feed = ? AND code = ? GROUP BY detail",
        (feed, POLICY_SKIP),
    )
    made, left_out = dict(mapped), dict(skipped)
    return {rule: made.get(rule, 0) + left_out.get(skipped_by(rule), 0) for rule in rules}
