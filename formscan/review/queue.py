"""The order of the inbox: what needs a person most comes first."""

from __future__ import annotations

from collections.abc import Iterable

from formscan.model.record import DraftState, DraftSummary


def ordered(drafts: Iterable[DraftSummary]) -> tuple[DraftSummary, ...]:
    """Open drafts before closed ones; among them begun before untouched, then by trouble, then by age.

    What somebody is working on in another window, and what is decided and only waits for second looks,
    comes after everything that can be worked on now.
    A begun draft comes first, so that nothing lies half done. Then the highest priority. Then drafts with
    problems of the whole document (a missing or foreign page may mean going back to the paper), then those
    with most wrong values to be expected, in steps of half a value, then by the share of fields that are
    flagged, most first, then the oldest. Equal ones keep a stable order by id.
    """
    return tuple(sorted(drafts, key=_place))


def _place(draft: DraftSummary) -> tuple[bool, bool, bool, int, int, int, float, float, str]:
    share = draft.flagged / draft.fields if draft.fields else 0.0
    return (
        draft.state is not DraftState.OPEN,
        bool(draft.held_by) or (draft.waiting > 0 and draft.reviewed == draft.fields),
        not draft.reviewed,
        -draft.priority,
        -draft.problems,
        -round(2 * draft.expected),
        -share,
        draft.created_at.timestamp(),
        draft.id,
    )
