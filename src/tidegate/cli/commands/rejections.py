"""`rejections`: what feeds said that did not become a candidate, in groups, one by one, anew."""

from __future__ import annotations

import argparse
import dataclasses
from collections import Counter
from collections.abc import Mapping

import orjson

from tidegate.cli import diagnostics, output
from tidegate.cli.opening import wants_json, workspace
from tidegate.errors import ExitCode
from tidegate.mapping.candidate import Rejection
from tidegate.service import look
from tidegate.service.inspecting import Refused, inspect
from tidegate.service.replaying import Replay, replay
from tidegate.service.workspace import Workspace
from tidegate.toml_errors import suggestion

_SHOWN = 20_000
"""Characters of an object that a person is shown."""


def run(args: argparse.Namespace) -> int:
    """Show groups, one reason, one object, or what a replay comes to."""
    with workspace(args) as ws:
        if args.id is not None:
            for refused in inspect(ws, args.id):
                if wants_json(args):
                    output.json_line(refused.record())
                else:
                    _show(refused)
        elif args.replay:
            told = replay(ws, args.feed, args.code)
            if wants_json(args):
                output.json_line(dataclasses.asdict(told))
            else:
                _tell(told)
            _hint(ws, args, told)
        else:
            _list(ws, args)
    return ExitCode.DONE


def _list(ws: Workspace, args: argparse.Namespace) -> None:
    found = look.rejections(ws, feed=args.feed, code=args.code)
    if wants_json(args):
        for item in found:
            output.json_line(dataclasses.asdict(item))
    elif args.code and any(r.value for r in found):
        output.table(
            ("feed", "object", "at", "value", "detail"),
            ((r.feed, r.stix_id, _place(r), r.value, r.detail) for r in found),
            spare=("object", "at"),
        )
    elif args.code and found:
        # Without a value the id alone is what `--id` and `why` take.
        output.table(
            ("feed", "object", "at", "detail"),
            ((r.feed, r.stix_id, _place(r), r.detail) for r in found),
            spare=("at",),
            whole=("object",),
        )
    elif found:
        counts = Counter((r.feed, r.code) for r in found)
        samples = {(r.feed, r.code): r.detail for r in reversed(found)}
        output.table(
            ("feed", "code", "count", "for example"),
            (
                (feed, code, count, samples[feed, code])
                for (feed, code), count in sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))
            ),
        )
    if not found:
        diagnostics.note(_nothing(ws, args.feed, args.code))


def _nothing(ws: Workspace, feed: str | None, code: str | None) -> str:
    """Why no rejection is shown; a wrong name is no good news. Raises ConfigError for a feed."""
    if feed is not None:
        ws.catalogue.get(feed)
    whose = f" of {feed}" if feed else ""
    codes = sorted({item.code for item in look.rejections(ws, feed=feed)})
    if code is None or not codes:
        return f"nothing{whose} was rejected in the last sync"
    return f"no rejection{whose} has the code {code!r}{suggestion(code, codes)}"


def _place(rejection: Rejection) -> str:
    """The property that a rejection is about, and the character of the pattern, from 0."""
    if rejection.position is None:
        return rejection.field
    return f"{rejection.field} {rejection.position:,}"


def _show(refused: Refused) -> None:
    output.text(f"{refused.id}  refused, from {refused.feed}")
    for rejection, remedy in refused.rejections:
        what = f" {rejection.value}" if rejection.value else ""
        output.text(f"  x {rejection.code}{what}: {rejection.detail}", hang=4)
        output.text(f"    at          {_place(rejection) or '-'}", hang=16)
        output.text(f"    decided by  {remedy.decided_by}", hang=16)
        output.text(f"    to change   {remedy.change}", hang=16)
    if refused.grammar:
        output.text(f"  · grammar     {refused.grammar}", hang=16)
    output.text()
    if refused.raw is None:
        output.text("the object is no more in the ledger")
        return
    _object(refused.raw)
    for version in refused.versions:
        differs = ", ".join(version.differs) or "nothing"
        output.text()
        came = f"{version.seen[:10]} {version.seen[11:16]}Z"
        output.text(f"{version.code}, came {came}; differs in {differs}:")
        _object(version.object)


def _object(item: Mapping[str, object]) -> None:
    plain = orjson.dumps(item, option=orjson.OPT_INDENT_2).decode()
    output.verbatim(plain[:_SHOWN] + "\n")
    if len(plain) > _SHOWN:
        output.text(f"… and {len(plain) - _SHOWN:,} characters more; --json has them all")


def _tell(told: Replay) -> None:
    if not told.objects:
        return
    objects = "object" if told.objects == 1 else "objects"
    output.text(f"{told.objects:,} refused {objects} under today's policy and guards:")
    output.text(
        f"  mapped {told.mapped:,}  partly {told.partly:,}  refused {told.refused:,}  "
        f"ended {told.ended:,}  gone {told.gone:,}; values let in {told.values:,}",
        hang=2,
    )
    if told.still:
        output.text()
        output.table(
            ("feed", "still refused", "count", "for example"),
            ((each.feed, each.code, each.count, each.detail) for each in told.still),
        )


def _hint(ws: Workspace, args: argparse.Namespace, told: Replay) -> None:
    for feed in told.left_out:
        diagnostics.note(f"feed {feed} is switched off and left out")
    if not told.objects:
        diagnostics.note(_nothing(ws, args.feed, args.code))
    elif told.values:
        diagnostics.note("nothing is changed yet: `tidegate apply` or `tidegate sync` lets them in")
    else:
        diagnostics.note("`tidegate rejections --id ID` tells what would change the answer")
