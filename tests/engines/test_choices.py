"""Every choice has a default, two settings or more, and a text that says what is open."""

from __future__ import annotations

import ast
import inspect

from strategies.engine_worlds import options
from tidegate.engines import choices
from tidegate.engines.choices import DEFAULTS, Choices


def test_the_default_is_the_first_setting_and_there_are_others() -> None:
    for name, values in options().items():
        assert getattr(DEFAULTS, name) == values[0], name
        assert len(values) > 1, name


def test_every_choice_says_what_each_setting_does() -> None:
    tree = ast.parse(inspect.getsource(choices))
    body = next(n for n in tree.body if isinstance(n, ast.ClassDef)).body[1:]
    told = {}
    for field, text in zip(body[::2], body[1::2], strict=True):
        assert isinstance(field, ast.AnnAssign)
        assert isinstance(field.target, ast.Name)
        assert isinstance(text, ast.Expr)
        assert isinstance(text.value, ast.Constant)
        told[field.target.id] = str(text.value.value)
    assert told.keys() == options().keys()
    for name, values in options().items():
        for value in values:
            assert f"`{value}`" in told[name], (name, value)


def test_choices_are_told_apart_by_value() -> None:
    assert Choices() == DEFAULTS
    assert hash(Choices()) == hash(DEFAULTS)
