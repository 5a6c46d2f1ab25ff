"""Finds the STIX objects in a decoded JSON document, whatever they are wrapped in.

Owns the shapes seen in the wild: bundle, nested bundle, TAXII envelope, list, bare object, stream
event, dump of a whole server. Refuses to judge the objects: what is no indicator is counted by
whoever asked. The walk is a loop with a fixed depth, so no document can exhaust the stack.
"""

from __future__ import annotations

from tidegate.stix.lenient_json import storable

MAX_DEPTH = 32
"""Deepest nesting of containers; what lies deeper counts as one entry that is no object."""


def objects_in(document: object) -> tuple[list[dict[str, object]], int]:
    """Return every STIX object in document order, and the number of entries that are none.

    An entry counts as junk when it stands where an object belongs (in a bundle, an envelope or a
    list at the top) and is not even a JSON object; when it is nested too deep; or when it is an
    object with something unreadable in it (see lenient_json.py).
    """
    found: list[dict[str, object]] = []
    junk = 0
    # Each entry: the thing, its depth, and whether it stands where an object belongs.
    waiting: list[tuple[object, int, bool]] = [(document, 0, True)]
    while waiting:
        thing, depth, expected = waiting.pop()
        if isinstance(thing, dict):
            inner = _inner(thing, expected=expected and depth > 0)
            if inner is None:
                if storable(thing):
                    found.append(thing)
                else:
                    junk += 1
                continue
        elif isinstance(thing, list):
            inner = [(item, expected) for item in thing]
        else:
            junk += expected
            continue
        if depth >= MAX_DEPTH:
            junk += 1
            continue
        waiting.extend((item, depth + 1, wanted) for item, wanted in reversed(inner))
    return found, junk


def _inner(thing: dict[str, object], *, expected: bool) -> list[tuple[object, bool]] | None:
    """List what a container holds; None when the thing is an object itself."""
    stix_id = thing.get("id")
    named = isinstance(stix_id, str) and "--" in stix_id
    objects = thing.get("objects")
    if thing.get("type") == "bundle" or (isinstance(objects, list) and not named):
        return [(item, True) for item in objects] if isinstance(objects, list) else []
    if named and ("type" in thing or "pattern" in thing):
        return None
    if thing.get("type") == "indicator" or (expected and "data" not in thing):
        return None
    return [(item, False) for item in thing.values() if isinstance(item, (dict, list))]
