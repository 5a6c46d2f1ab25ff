"""Arguments of the verbs that hand indicators on and take them in."""

from __future__ import annotations

from typing import Any

from tidegate.cli.verbs.shared import FILTER_HELP, count, dry_run, path, verb, yes


def share_verbs(verbs: Any) -> None:  # noqa: ANN401 - see shared.verb
    """Add `export`, `partners` and `import`."""
    _export(verbs)
    _partners(verbs)
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


def _export(verbs: Any) -> None:  # noqa: ANN401 - see shared.verb
    p = verb(
        verbs,
        "export",
        "write indicators as a STIX 2.1 bundle or as the portal's CSV, or share with a partner",
        "tidegate export --filter 'type:domain conf>=60' --out share.json --tlp-max green\n"
        "  tidegate export --partner sector-isac --preview",
    )
    p.add_argument("--out", type=path, metavar="FILE", help="where to write")
    free = p.add_argument_group("a free export, to a file")
    free.add_argument("--filter", metavar="FILTER", help=FILTER_HELP)
    free.add_argument(
        "--format",
        metavar="NAME",
        help="stix or portal-csv (default: as FILE ends)",
    )
    free.add_argument(
        "--previous",
        type=path,
        action="append",
        metavar="FILE",
        help="a CSV that the portal holds: also list what to delete there; may be repeated",
    )
    free.add_argument("--tlp-max", metavar="LEVEL", help="withhold what is above (default: green)")
    free.add_argument("--identity", metavar="NAME", help="who the bundle is from")
    partner = p.add_argument_group("sharing with a partner: what is new, changed and withdrawn")
    add = partner.add_argument
    add("--partner", metavar="ID", help="as `tidegate partners list` shows it")
    add("--full", action="store_true", help="all that they may have, also what they have already")
    add("--preview", action="store_true", help="show what would go, what stays and why")
    add("--send", action="store_true", help="deliver, and note what arrived")
    add("--record", action="store_true", help="with --out: the file counts as delivered")
    add(
        "--withdraw",
        type=count,
        default=0,
        metavar="N",
        help="agree to so many withdrawals where they are a great part of what the partner has",
    )


def _partners(verbs: Any) -> None:  # noqa: ANN401 - see shared.verb
    p = verb(
        verbs,
        "partners",
        "see whom you share with, what they may have and what they were given",
        "tidegate partners list",
    )
    what = p.add_subparsers(
        dest="what", metavar="list|show|add|check|given|template", required=True
    )
    verb(what, "list", "list the partners of this home", "tidegate partners list")
    for name, does in (
        ("show", "show a partner's profile and the deliveries so far"),
        ("check", "say what they would get and whether their door would take it; send nothing"),
    ):
        q = verb(what, name, does, f"tidegate partners {name} sector-isac")
        q.add_argument("id", metavar="ID", help="as `tidegate partners list` shows it")
    q = verb(
        what,
        "given",
        "say who was given a value, as which version, and when",
        "tidegate partners given evil.example.com",
    )
    q.add_argument("value", metavar="VALUE", help="in any spelling; any hash of a file")
    q = verb(
        what, "add", "copy a partner's file into the home", "tidegate partners add ./acme.toml"
    )
    q.add_argument("file", type=path, metavar="FILE", help="see `tidegate partners template`")
    q.add_argument("--replace", action="store_true", help="replace the partner of the same id")
    q = verb(
        what,
        "template",
        "print a partner's file to begin with",
        "tidegate partners template sector-isac",
    )
    q.add_argument("id", nargs="?", default="sector-isac", metavar="ID", help="the partner's id")
