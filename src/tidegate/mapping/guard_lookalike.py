"""Names that look like a protected one and are not: `micrоsoft.com` with a Cyrillic о.

Owns the skeleton of a name (what the eye takes it for) and the table behind it, kept to what can
imitate a-z. Refuses a verdict: an impostor is just what people want to block, so guard.py only
says what it resembles. Full-width letters and the like need no row: the canonical form of a name
has turned them into the plain ones already.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from tidegate.mapping.guard_names import NameSet

_IMITATORS = {
    "a": "аαɑ",
    "b": "ьƅβв",
    "c": "сϲ",
    "d": "ԁđɗ",
    "e": "еεєɛ",
    "f": "ƒẝ",
    "g": "ɡցǥ",
    "h": "һհħ",
    "j": "јյ",
    "k": "кκ",
    "l": "1iӏіιıɩłǀ",  # i and l are one: a 1 stands for either
    "m": "м",
    "n": "ոηп",
    "o": "0оοօσøɵ",
    "p": "рρ",
    "q": "ԛզ",
    "r": "гɼ",
    "s": "5ѕʂ",
    "t": "тτŧ",
    "u": "υսʋц",
    "v": "νѵ",
    "w": "ԝωաѡ",
    "x": "хχ",
    "y": "уγүყ",
    "z": "ᴢʐ",
}
_TABLE = str.maketrans({sign: letter for letter, signs in _IMITATORS.items() for sign in signs})
_ACE = "xn--"


def skeleton(name: str) -> str:
    """Return what the eye takes a canonical name for. Names that look alike have the same one."""
    if _ACE in name:
        name = ".".join(_shown(label) for label in name.split("."))
        # Accents go: to a hurried reader ó is o. The table is asked before, too: taking signs
        # apart may make others of them.
        apart = unicodedata.normalize("NFKD", name.translate(_TABLE).casefold())
        name = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return name.translate(_TABLE).replace("rn", "m").replace("vv", "w")


def _shown(label: str) -> str:
    """Return a label as a browser may show it; one that cannot be decoded stays as it is."""
    if not label.startswith(_ACE):
        return label
    try:
        return label.removeprefix(_ACE).encode("ascii").decode("punycode")
    except UnicodeError:
        return label


class Lookalikes:
    """Protected names by their skeleton."""

    __slots__ = ("_names", "_skeletons")

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {skeleton(name): name for name in names}
        self._skeletons = NameSet(self._names)

    def resembled(self, name: str) -> str:
        """Return the name that `name`, or one above it, looks like; empty when there is none.

        A name is its own likeness, too: ask only about names that are not protected themselves.
        """
        found = self._skeletons.over(skeleton(name))
        return self._names[found] if found else ""
