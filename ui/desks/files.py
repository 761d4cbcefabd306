"""The desk of thick files."""

from __future__ import annotations

from formscan.model.people import Role
from ui.actions import Operation
from ui.desk import Desk, DeskParts
from ui.views.desk_view import DeskView


def _make(parts: DeskParts) -> DeskView:
    from ui.views.files_view import FilesView

    return FilesView(parts)


DESK = Desk(
    id="files",
    title="Thick files",
    keys=("Ctrl+Shift+F",),
    make=_make,
    roles=frozenset({Role.REVIEWING_CLERK, Role.SUPERVISOR}),
    order=25,
    operations=(
        Operation("files_next", "Next that is doubtful", ("F3",), "files", "Review"),
        Operation("files_part", "Part the document before this page", ("F4",), "files", "Review"),
        Operation("files_join", "Join with the document before it", ("F6",), "files", "Review"),
        Operation("files_up", "Move the page to the document before", ("Alt+Up",), "files", "Review"),
        Operation("files_down", "Move the page to the document behind", ("Alt+Down",), "files", "Review"),
        Operation("files_begin", "A record begins here", ("F7",), "files", "Review"),
        Operation("files_join_record", "Join with the record before", ("F8",), "files", "Review"),
        Operation("files_open", "Open the document", ("Return", "Enter"), "files", "Review"),
        Operation("files_stack", "Choose the stack", ("F2",), "files", "View"),
        Operation("files_load", "Load again", ("F5",), "files", "File"),
    ),
)
