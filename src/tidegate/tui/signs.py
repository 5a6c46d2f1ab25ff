"""The signs before the rows of a review, for the rows themselves and for the help.

Refuses to know which row bears which; `reviewing.py` does, and needs the service for it.
"""

HELD = "!"
"""What the brake holds; before another sign."""

HEADING = "▾"
BY_LIMIT = "↓"
BY_COVER = "⊘"

SIGNS = {
    "+": "comes to the list",
    "~": "changes",
    "-": "leaves: its feed withdrew it, or its policy refuses it",
    BY_LIMIT: "leaves by the limit: others are worth more",
    BY_COVER: "leaves, as another row covers it",
    f"{HELD}-": "is held by the brake until you say so",
    HEADING: "a heading: verbs on it mean all under it",
}
"""The signs before a row and what they mean; the help screen lists them."""
