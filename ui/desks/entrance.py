"""The entrance: signing in, and the lock."""

from __future__ import annotations

from ui.actions import Operation
from ui.desk import Desk, DeskParts
from ui.views.desk_view import DeskView


def _make(parts: DeskParts) -> DeskView:
    from ui.views.entrance_view import EntranceView

    return EntranceView(parts)


OPERATIONS = (
    Operation("provider", "Sign in with the identity provider", ("F3",), "entrance", "File", editing=True),
)
DESK = Desk(
    id="entrance",
    title="Lock the window",
    keys=("Ctrl+L",),
    make=_make,
    order=90,
    operations=OPERATIONS,
    locked=True,
)
