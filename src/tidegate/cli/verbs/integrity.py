"""Arguments of the verbs that look after the files themselves."""

from __future__ import annotations

from typing import Any

from tidegate.cli.verbs.shared import dry_run, verb, yes


def integrity_verbs(verbs: Any) -> None:  # noqa: ANN401 - see shared.verb
    """Add `doctor`, `snapshots` and `restore`."""
    p = verb(
        verbs,
        "doctor",
        "examine the home: list, journal, snapshots, ledger, feeds, permissions and clock",
        "tidegate doctor --json",
    )
    p.add_argument(
        "--fix",
        action="store_true",
        help="mend what is safe to mend, and take the present time for right",
    )
    p.add_argument(
        "--anchor",
        metavar="SERIAL:DIGEST",
        help="the end of the journal as noted earlier, which it must still contain",
    )
    verb(
        verbs,
        "snapshots",
        "list the snapshots: the list as it was before bulk changes and upgrades",
        "tidegate snapshots",
    )
    p = verb(
        verbs,
        "restore",
        "make the list what a snapshot holds, or bring back a damaged list",
        "tidegate restore 000812",
    )
    p.add_argument(
        "id", nargs="?", metavar="ID", help="as `tidegate snapshots` shows it, or its start"
    )
    p.add_argument(
        "--force-lineage", action="store_true", help="take a snapshot of another list, too"
    )
    p.add_argument(
        "--verify-all", action="store_true", help="check that every snapshot could be brought back"
    )
    dry_run(p)
    yes(p)
