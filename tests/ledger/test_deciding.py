"""Counts of what each rule decided: mapped and skipped, none for a rule that nothing meets."""

from __future__ import annotations

from pathlib import Path

from strategies.builders import candidate, evaluated
from tidegate.ledger.deciding import decided_by
from tidegate.ledger.judging import save_evaluation
from tidegate.ledger.ledger import Ledger
from tidegate.mapping.candidate import Outcome, Rejection, Standing
from tidegate.mapping.judge import POLICY_SKIP, skipped_by


def test_mapped_and_skipped_values_count_and_others_do_not(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    wanted = [candidate(number, feed="f", rule="loud") for number in range(2)]
    outcomes = [Outcome(one.stix_id, Standing.MAPPED, (one,)) for one in wanted]
    refused = [
        Rejection("f", "indicator--8", POLICY_SKIP, skipped_by('so "quiet"')),
        Rejection("f", "indicator--9", "cidr", skipped_by("loud")),
    ]
    save_evaluation(ledger, *evaluated("f", outcomes), refused)
    rules = ("loud", 'so "quiet"', "never met")
    assert decided_by(ledger, "f", rules) == {"loud": 2, 'so "quiet"': 1, "never met": 0}
    assert decided_by(ledger, "g", rules) == dict.fromkeys(rules, 0)
