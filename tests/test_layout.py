"""The tree keeps its shape: small modules, honest names, one test beside each."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "tidegate"
TESTS = ROOT / "tests"

LINES = 400
VAGUE = frozenset({"util", "utils", "helper", "helpers", "manager", "handler", "handlers", "misc"})

WITHOUT_MIRROR: dict[str, str] = {
    "__main__": "a process: test_main.py runs it",
    **dict.fromkeys(
        (
            "cli/verbs/conflicts",
            "cli/verbs/feeds",
            "cli/verbs/hand",
            "cli/verbs/integrity",
            "cli/verbs/look",
            "cli/verbs/match",
            "cli/verbs/schedule",
            "cli/verbs/shared",
            "cli/verbs/sharing",
        ),
        "arguments without behaviour: test_arguments.py parses with them all",
    ),
    "engines/rules": "criteria and steps: test_precedence.py holds the table of all of them",
    "indicators/filter_fields": "a table of the filter language: test_filter.py reads through it",
    "indicators/filter_network": "a part of the filter language: test_filter.py",
    "indicators/filter_order": "a part of the filter language: test_filter.py",
    "indicators/filter_predicate": "a part of the filter language: test_filter.py",
    "indicators/filter_words": "a part of the filter language: test_filter.py",
    "sources/import_row": "shapes without behaviour",
    "tui/background": "test_feeds.py, test_review.py and test_bench.py of the screens run its work",
    "tui/desks/bench": "one call of the service each, made by the mode's own test",
    "tui/desks/conflicts": "one call of the service each, made by the mode's own test",
    "tui/desks/feeds": "one call of the service each, made by the mode's own test",
    "tui/desks/journal": "one call of the service each, made by the mode's own test",
    "tui/desks/partners": "one call of the service each, made by test_partners.py of the screens",
    "tui/desks/looks": "one call of the service each: test_arranging.py of the screens",
    "tui/desks/quota": "one call of the service each, made by the mode's own test",
    "tui/desks/review": "one call of the service each, made by the mode's own test",
    "tui/screens/check": "test_feeds.py opens it",
    "tui/screens/columns": "test_arranging.py chooses in it",
    "tui/screens/entry": "test_history.py opens it",
    "tui/screens/facets": "test_narrowing.py chooses in it",
    "tui/screens/filtered": "test_history.py and test_conflicts.py type into its bar",
    "tui/screens/reading": "test_conflicts.py and test_bench.py open it",
    "tui/screens/reject": "test_review.py types into it",
    "tui/screens/shipment": "test_partners.py opens it",
    "tui/screens/views": "test_arranging.py chooses in it",
    "tui/screens/what_if": "test_quota.py types into it",
    "tui/widgets/facet_grid": "test_narrowing.py of the screens chooses in it",
    "tui/widgets/grid": "test_table.py: the table of indicators is one",
    "tui/widgets/labelled": "test_quota.py reads what stands under its lines",
    "tui/widgets/pane": "a text in a box; the modes' own tests read it",
    "taxii/limits": "numbers without behaviour: test_session.py and test_pager.py hold to them",
}
"""Modules, by path below the package without suffix, that no test mirrors; and why."""


def _modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def _name(module: Path) -> str:
    return module.relative_to(SOURCE).with_suffix("").as_posix()


def test_every_module_has_its_test_in_the_same_place() -> None:
    missing = []
    for module in _modules():
        if module.name == "__init__.py" or _name(module) in WITHOUT_MIRROR:
            continue
        mirror = (TESTS / module.relative_to(SOURCE)).with_name(f"test_{module.name}")
        if not mirror.is_file():
            missing.append(mirror.relative_to(ROOT).as_posix())
    assert missing == []


def test_every_exception_is_still_one() -> None:
    names = {_name(module) for module in _modules()}
    for name, reason in WITHOUT_MIRROR.items():
        assert name in names, f"{name} is gone"
        assert reason
        assert not (TESTS / name).with_name(f"test_{Path(name).name}.py").exists(), name


def test_no_module_is_longer_than_a_person_reads_at_once() -> None:
    sizes = {_name(m): len(m.read_text(encoding="utf-8").splitlines()) for m in _modules()}
    assert {name: lines for name, lines in sizes.items() if lines > LINES} == {}


def test_names_say_what_a_thing_is() -> None:
    words = {
        path.relative_to(ROOT).as_posix(): set(path.stem.lower().split("_"))
        for folder in (SOURCE, TESTS)
        for path in folder.rglob("*.py")
    }
    assert [path for path, parts in words.items() if parts & VAGUE] == []


def test_every_module_says_what_it_owns() -> None:
    silent = [
        _name(module)
        for module in _modules()
        if not ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
    ]
    assert silent == []
