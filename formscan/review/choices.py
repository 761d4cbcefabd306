"""Readings worth a key: what a person can put into the editor instead of typing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from formscan.model.reading import Alternative, CheckedField, FieldState

_WITH_TEXT: Final = frozenset({FieldState.VALUE, FieldState.UNVERIFIED})
"""A text its reader does not stand behind (a comb with one doubtful cell) may be worth a key, too."""
MOST: Final = 4
"""Choices that have a key."""
WORTH_A_KEY: Final = 0.005
"""Probability of a reading below which it is not offered; the likeliest one is, where nothing stands."""
WORTH_A_DOUBT: Final = 0.02
"""Probability of another reading from which it makes words of a text a reader stands behind doubtful. On 15
forms of the tuning half 1,100 words were read otherwise by something: 39 of them were wrong, 37 of these by
readings as probable as this; of the 1,061 right ones 530."""


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
        said = [Alternative(reading.text, reading.confidence)] if reading.state in _WITH_TEXT else []
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


def doubting(proposal: CheckedField, others: Iterable[Alternative]) -> tuple[str, ...]:
    """The other readings that say something about the words of a text: where no reader stands behind it, all.

    Args:
        proposal: What was read.
        others: What else it may be.
    """
    least = WORTH_A_DOUBT if proposal.value.state is FieldState.VALUE else 0.0
    return tuple(other.text for other in others if other.confidence >= least)
