"""The editor of an indicator's fields, shared by edit, add and bulk.

Reads what is typed at every keystroke and shows each error under its field. Refuses to plan or
apply: the sheet around it does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Input, Select, Static

from tidegate.indicators.kinds import Action, Severity
from tidegate.indicators.term import parse_expiry
from tidegate.service.groups import KnownGroups
from tidegate.tui.ends import in_full
from tidegate.tui.fields import FIELDS, Reading, read
from tidegate.tui.safe import content
from tidegate.tui.widgets.editors import SafeInput
from tidegate.tui.widgets.group_suggester import GroupSuggester


class FieldsForm(VerticalScroll, can_focus=False):
    """One line a field; `blank` says what an empty field means, for instance `unchanged`."""

    class Edited(Message):
        """Some field changed; `reading` is what all of them amount to now."""

        def __init__(self, reading: Reading) -> None:
            super().__init__()
            self.reading = reading

    def __init__(
        self,
        initial: Mapping[str, str],
        actions: Sequence[Action],
        blank: str,
        now: datetime,
        groups: KnownGroups,
    ) -> None:
        super().__init__(id="fields")
        self.initial = dict(initial)
        self.clashes: dict[str, str] = {}
        """Fields that were typed in and that somebody else changed meanwhile, as theirs read."""
        self._followed: dict[str, str] = {}
        self._actions = actions
        self._blank = blank
        self._now = now
        self._groups = groups

    def compose(self) -> ComposeResult:
        """Lay the fields out."""
        for field in FIELDS:
            with Horizontal(classes="field"):
                yield Static(content(field.label), classes="label")
                yield self._editor(field.name, field.hint)
            yield Static(id=f"hint-{field.name}", classes="hint")

    def _editor(self, name: str, hint: str) -> Input | Select[str]:
        text = self.initial.get(name, "")
        if name in ("action", "severity"):
            words = self._actions if name == "action" else tuple(Severity)
            return Select(
                [(word.value, word.value) for word in words],
                value=text or Select.NULL,
                allow_blank=not text,
                prompt=self._blank or "choose",
                compact=True,
                id=f"field-{name}",
            )
        return SafeInput(
            text,
            placeholder=f"{self._blank} · {hint}" if self._blank else hint,
            compact=True,
            suggester=GroupSuggester(self._groups.names) if name == "groups" else None,
            id=f"field-{name}",
        )

    def on_descendant_focus(self) -> None:
        """The known groups are named where one is typed."""
        self._judge()

    def _about_groups(self, reading: Reading) -> str:
        typed = reading.values.get("groups")
        if isinstance(typed, tuple) and (doubts := self._groups.doubts(typed)):
            return f"! {doubts}"
        if self._groups.names and self.query_one("#field-groups").has_focus:
            return f"known: {', '.join(self._groups.names)}; → completes"
        return ""

    def texts(self) -> dict[str, str]:
        """What stands in every field."""
        texts = {item.id[6:]: item.value for item in self.query(SafeInput) if item.id}
        for select in self.query(Select):
            if select.id:
                texts[select.id[6:]] = "" if select.value is Select.NULL else str(select.value)
        return texts

    def touched(self) -> list[str]:
        """The labels of the fields that were typed in."""
        texts = self.texts()
        return [it.label for it in FIELDS if texts[it.name] != self.initial.get(it.name, "")]

    def rebase(self, theirs: Mapping[str, str]) -> None:
        """Start from what the row has become meanwhile.

        A field that nobody touched here follows; one that was typed in stays, and shows what it
        would write over.
        """
        texts, before = self.texts(), self.initial
        moved = [name for name, text in theirs.items() if text != before.get(name, "")]
        self.initial = dict(theirs)
        for name in moved:
            if texts[name] != before.get(name, ""):
                self.clashes[name] = theirs[name]
            else:
                self._followed[name] = before.get(name, "")
                self._put(name, theirs[name])
        self._judge()

    def take_theirs(self) -> None:
        """Let go of what was typed where somebody else was quicker."""
        for name, text in self.clashes.items():
            self._put(name, text)
        self.clashes = {}
        self._judge()

    def _put(self, name: str, text: str) -> None:
        field = self.query_one(f"#field-{name}")
        if isinstance(field, Input | Select):
            field.value = text

    def reading(self) -> Reading:
        """What the changed fields amount to."""
        found = read(self.texts(), self.initial, self._now)
        groups = found.values.get("groups")
        doubts = self._groups.doubts(groups) if isinstance(groups, tuple) else ""
        if doubts and self._groups.closed:
            del found.values["groups"]
            found.errors["groups"] = doubts
        return found

    def on_input_changed(self, event: Input.Changed) -> None:
        """Judge anew."""
        event.stop()
        self._judge()

    def on_select_changed(self, event: Select.Changed) -> None:
        """Judge anew."""
        event.stop()
        self._judge()

    def on_mount(self) -> None:
        """Say what the first expiry means."""
        self._judge()

    def _expiry_in_words(self) -> str:
        """The moment that the typed expiry stands for; empty when it is unchanged or unreadable."""
        try:
            when = parse_expiry(self.query_one("#field-expires", SafeInput).value, self._now)
        except ValueError:
            return ""
        return f"= {in_full(when, self._now)}"

    def _meanwhile(self, name: str) -> str:
        if name in self.clashes:
            return f"! theirs, since you opened it: {self.clashes[name] or '(empty)'}"
        if name in self._followed:
            return f"! changed meanwhile, was: {self._followed[name] or '(empty)'}"
        return ""

    def _judge(self) -> None:
        reading = self.reading()
        for field in FIELDS:
            error = reading.errors.get(field.name, "")
            text = f"✗ {error}" if error else ""
            if field.name == "expires" and not error:
                text = self._expiry_in_words()
            if field.name == "groups" and not error:
                text = self._about_groups(reading)
            if told := self._meanwhile(field.name):
                text = f"{text}  {told}".lstrip()
            hint = self.query_one(f"#hint-{field.name}", Static)
            hint.display = bool(text)
            hint.set_class(bool(error), "error")
            hint.update(content(text))
        self.post_message(self.Edited(reading))
