"""Arguments of the verbs that hand indicators on and take them in."""

from __future__ import annotations

from typing import Any

from tidegate.cli.verbs.shared import FILTER_HELP, dry_run, path, verb, yes


def share_verbs(verbs: Any) -> None:  # noqa: ANN401 - see shared.verb
    """Add `export` and `import`."""
    p = verb(
        verbs,
        "export",
        "write indicators as a STIX 2.1 bundle or as the portal's CSV",
        "tidegate export --filter 'type:domain conf>=60' --out share.json --tlp-max green",
    )
    p.add_argument("--filter", default="", metavar="FILTER", help=FILTER_HELP)
    p.add_argument("--out", type=path, metavar="FILE", required=True, help="where to write")
    p.add_argument("--format", default="stix", metavar="NAME", help="stix or portal-csv")
    p.add_argument(
        "--previous",
        type=path,
        action="append",
        default=[],
        metavar="FILE",
        help="a CSV that the portal holds: also list what to delete there; may be repeated",
    )
    p.add_argument("--tlp-max", default="green", metavar="LEVEL", help="withhold what is above")
    p.add_argument("--identity", default="Tidegate", metavar="NAME", help="who the bundle is from")
    p = verb(
        verbs,
        "import",
        "take in indicators from a STIX file or the portal's CSV",
        "tidegate import tenant.csv --origin foreign",
    )
    p.add_argument("file", type=path, metavar="FILE")
    p.add_argument(
        "--origin",
        choices=("manual", "foreign"),
        default="manual",
        help="manual: yours from now on; foreign: made by others, takes slots, never edited",
    )
    p.add_argument(
        "--replace",
        action="store_true",
        help="with --origin foreign: FILE lists all of them, so remove those it lacks",
    )
    dry_run(p)
    yes(p)
