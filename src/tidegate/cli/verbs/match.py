"""Arguments of `match`: what would Defender do?"""

from __future__ import annotations

from typing import Any

from tidegate.cli.verbs.shared import count, path, verb

ENGINES = ("cloud_detection", "endpoint_prevention", "automated_investigation")
FINDINGS = ("malicious", "suspicious", "clean", "unknown")


def match_verbs(verbs: Any) -> None:  # noqa: ANN401 - see shared.verb
    """Add `match`."""
    p = verb(
        verbs,
        "match",
        "tell what the three engines of Defender would do with events",
        "tidegate match events.jsonl --alerts alerts.jsonl\n"
        "  tidegate match --value c2.example.com\n"
        "  tidegate match --plan monday.plan.json last-week.jsonl.gz\n"
        "  tidegate match --plan monday.plan.json --cases",
    )
    p.add_argument(
        "files",
        nargs="*",
        type=path,
        metavar="FILE",
        help="events of the hunting tables as JSON Lines or CSV, gzipped or not; - for stdin",
    )
    p.add_argument(
        "--engine",
        choices=(*ENGINES, "all"),
        metavar="NAME",
        help=f"only this engine: {', '.join(ENGINES)} (default: all)",
    )
    p.add_argument(
        "--finding",
        choices=FINDINGS,
        default="malicious",
        help="what investigations found where events have no Verdict (default: malicious)",
    )
    p.add_argument(
        "--devices",
        type=path,
        metavar="FILE",
        help="DeviceId or DeviceName, and MachineGroup, for events that name no group",
    )
    p.add_argument("--alerts", type=path, metavar="FILE", help="write the alerts as JSON Lines")
    p.add_argument(
        "--misses",
        action="store_true",
        help="list events that no indicator names, too; --json always does",
    )
    p.add_argument("--limit", type=count, metavar="N", default=10, help="list N hits (default: 10)")
    how = p.add_argument_group("instead of running them as they are")
    how.add_argument(
        "--plan",
        dest="plan_file",
        type=path,
        metavar="FILE",
        help="preview a plan of `tidegate plan --out`: what each of its rows would have met, and "
        "what engines would say otherwise than now; also of --value, --event and --cases",
    )
    how.add_argument(
        "--policy",
        type=path,
        metavar="FILE",
        help="preview this feed.toml as if it were saved, in the same way",
    )
    how.add_argument(
        "--scan",
        metavar="NAME",
        help="cloud detection that remembers: no alert twice, growing files from where they ended, "
        "old events again when the list changed; --alerts is added to",
    )
    one = p.add_argument_group("one event")
    one.add_argument("--value", metavar="VALUE", help="an event that shows this value")
    one.add_argument("--event", metavar="JSON", help="an event as one record of a hunting table")
    one.add_argument("--group", metavar="NAME", default="", help="the group of its device")
    one.add_argument("--save", metavar="NAME", help="keep it and its verdicts as a case")
    cases = p.add_argument_group("saved cases")
    cases.add_argument("--cases", action="store_true", help="ask them again, tell what changed")
    cases.add_argument("--strict", action="store_true", help="exit 3 when a verdict changed")
