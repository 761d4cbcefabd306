"""Readings worth a key: what a person can put into the editor instead of typing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from formscan.model.reading import Alternative, CheckedField, FieldState

MOST: Final = 4
"""Choices that have a key."""
WORTH_A_KEY: Final = 0.005
"""Probability of a reading below which it is not offered; the likeliest one is, where nothing stands."""


def other_readings(
    proposal: CheckedField, standing: str, rendered: Callable[[str], str]
) -> tuple[Alternative, ...]:
    """Other readings of a field, the most probable first.

    Args:
        proposal: What was read there.
        standing: What stands in the field already; empty for nothing.
        rendered: A text as the form writes it.

    Returns:
        At most ``MOST``, each another text than ``standing``.
    """
    found: dict[str, float] = {}
    for reading in proposal.readings:
        said = [Alternative(reading.text, reading.confidence)] if reading.state is FieldState.VALUE else []
        for other in (*said, *reading.alternatives):
            text = rendered(other.text)
            if text.strip() and text != standing:
                found[text] = max(other.confidence, found.get(text, 0.0))
    ordered = sorted(found.items(), key=lambda pair: -pair[1])
    always = 0 if standing else 1
    return tuple(
        Alternative(text, sure)
        for place, (text, sure) in enumerate(ordered[:MOST])
        if place < always or sure >= WORTH_A_KEY
    )
