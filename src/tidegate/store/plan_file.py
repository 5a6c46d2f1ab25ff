"""A plan as a file, to be looked at now and applied later.

The same plan gives the same bytes. Owns the format and its checksum; refuses a file that was
changed by hand, since what was reviewed must be what is applied, and fields that no plan has.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson

from tidegate.errors import UsageError
from tidegate.indicators.plan import PlanCounts, SyncPlan
from tidegate.store.handout import write_out
from tidegate.store.plan_fields import FORMAT, check_plan
from tidegate.store.records import (
    change_record,
    indicator_record,
    read_change_record,
    read_indicator_record,
    read_suppression_record,
    suppression_record,
)

_OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS


def _record(plan: SyncPlan) -> dict[str, Any]:
    counts = plan.counts
    return {
        "format": FORMAT,
        "lineage": plan.lineage,
        "serial": plan.serial,
        "door": plan.door,
        "reason": plan.reason,
        "undoes": plan.undoes,
        "counts": {
            "kept": counts.kept,
            "keep": counts.keep,
            "waiting": counts.waiting,
            "merged": counts.merged,
            "suppressed": counts.suppressed,
            "covered": counts.covered,
            "saved": counts.saved,
        },
        "changes": [change_record(c, indicator_record) for c in plan.changes],
        "suppressions": [change_record(c, suppression_record) for c in plan.suppressions],
        "held": [change_record(c, indicator_record) for c in plan.held],
        "held_reason": plan.held_reason,
    }


def _digest(record: dict[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).hexdigest()


def write_plan(path: Path, plan: SyncPlan) -> None:
    """Write a plan, 0600, whole or not at all. Raises UsageError where nothing can be written."""
    record = _record(plan)
    record["sha256"] = _digest(record)
    try:
        write_out(path, orjson.dumps(record, option=_OPTIONS) + b"\n")
    except OSError as fault:
        raise UsageError(
            f"the plan cannot be written to {path}: {fault.strerror}", "choose another file"
        ) from fault


def read_plan(path: Path) -> SyncPlan:
    """Read a plan written by `write_plan`. Raises UsageError naming the file and the fault."""
    hint = "make it again with `tidegate plan --out FILE`"
    try:
        record: dict[str, Any] = orjson.loads(path.read_bytes())
        digest = record.pop("sha256")
        if record["format"] != FORMAT or _digest(record) != digest:
            raise UsageError(f"{path} was changed after it was planned", hint)
        check_plan(record)
        return SyncPlan(
            lineage=record["lineage"],
            serial=record["serial"],
            door=record["door"],
            reason=record["reason"],
            undoes=record["undoes"],
            counts=PlanCounts(**record["counts"]),
            changes=tuple(read_change_record(c, read_indicator_record) for c in record["changes"]),
            suppressions=tuple(
                read_change_record(c, read_suppression_record) for c in record["suppressions"]
            ),
            held=tuple(read_change_record(c, read_indicator_record) for c in record["held"]),
            held_reason=record["held_reason"],
        )
    except FileNotFoundError as fault:
        raise UsageError(f"there is no {path}", hint) from fault
    except OSError as fault:
        raise UsageError(f"{path} cannot be read: {fault.strerror}", hint) from fault
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise UsageError(f"{path} is no plan of Tidegate: {fault}", hint) from fault
