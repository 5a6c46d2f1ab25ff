"""Real feeds through `sync`: no traceback, counts that add up, a second sync that plans nothing.

A seeded slice of the folder; all of it with TIDEGATE_SOAK=1. Skipped where there is no real data.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from driving.homes import Cli, assert_adds_up, write_feed

SLICE = 25


def chosen(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.glob("*/*") if path.is_file())
    if os.environ.get("TIDEGATE_SOAK") == "1":
        return files
    small = [path for path in files if path.stat().st_size < 2_000_000]
    return random.Random(7).sample(small, min(SLICE, len(small)))  # noqa: S311 - a seeded slice


@pytest.mark.timeout(900)  # all of it takes minutes
def test_real_bundles_sync_or_say_why_not(real_data: Path, tmp_path: Path) -> None:
    for number, path in enumerate(chosen(real_data)):
        cli = Cli(tmp_path / f"home-{number}")
        made = write_feed(
            tmp_path / f"made-{number}" / "real",
            source=f'kind = "bundle"\npath = "{path.resolve()}"\n',
            default='action = "Alert only"\nseverity = "Low"\nexpires = "never"\n',
        )
        cli.subscribe(made.folder)
        ran = cli("sync", "--yes", "--json")
        assert ran.code in (0, 7), (path, ran.err)
        assert_adds_up(ran.json)
        if ran.code == 7:
            assert path.name in ran.err, path
            with pytest.raises(ValueError, match="line"):  # nothing else excuses exit 7
                json.loads(path.read_bytes())
            assert ran.json["feeds"][0]["mapped"] == 0, path
            continue
        assert len(cli.rows()) == ran.json["plan"]["create"], path
        rejected = cli("rejections", "--json").lines
        named = {line["stix_id"] for line in rejected if line["stix_id"]}
        assert len(named) >= ran.json["feeds"][0]["rejected"], path
        again = cli("sync", "--yes", "--json")
        assert again.code == 0, (path, again.err)
        plan = again.json["plan"]
        assert not any(plan[op] for op in ("create", "update", "remove", "held")), path
