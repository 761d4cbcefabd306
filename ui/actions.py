"""Every step a person can take, as data: name, keys and where it counts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Place(StrEnum):
    """Where an operation is offered."""

    ANYWHERE = "anywhere"
    INBOX = "inbox"
    REVIEW = "review"
    DESK = "desk"
    """On every desk (``ui.desk``)."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A named step.

    Attributes:
        id: Stable; the views perform it under this name.
        text: English source of its name, translated where it is shown.
        keys: Key sequences in Qt's portable spelling; the first one is shown.
        place: Where it is offered: a ``Place`` or the id of a desk.
        menu: The menu it stands in, by English source; empty for none.
        editing: The keys mean something else to a line edit and are taken from it on purpose.
    """

    id: str
    text: str
    keys: tuple[str, ...]
    place: str
    menu: str = ""
    editing: bool = False

    @property
    def repeats(self) -> bool:
        """A key that is held down does it again; never where something is decided nobody has looked at."""
        return self.id in _REPEATING


_REPEATING: Final = frozenset({"previous", "next", "page_before", "page_after", "zoom_in", "zoom_out"})

OPERATIONS: Final = (
    Operation("digitise_files", "Digitise files …", ("Ctrl+O",), Place.ANYWHERE, "File"),
    Operation("digitise_folder", "Digitise a folder …", ("Ctrl+Shift+O",), Place.ANYWHERE, "File"),
    Operation("open_draft", "Open the draft", ("Return", "Enter"), Place.INBOX),
    Operation("refresh", "Load again", ("F5",), Place.INBOX, "File"),
    Operation("search", "Search", ("Ctrl+F",), Place.INBOX, "File"),
    Operation("quit", "Quit", ("Ctrl+Q",), Place.ANYWHERE, "File"),
    Operation("accept", "Confirm and go on", ("Return", "Enter"), Place.REVIEW, "Review", editing=True),
    Operation(
        "previous", "Field before", ("Ctrl+Up", "Up", "Shift+Return"), Place.REVIEW, "Review", editing=True
    ),
    Operation("next", "Field after", ("Ctrl+Down", "Down"), Place.REVIEW, "Review", editing=True),
    Operation("next_doubt", "Next doubtful field", ("F7",), Place.REVIEW, "Review"),
    Operation("undo", "Undo", ("Ctrl+Z",), Place.REVIEW, "Review", editing=True),
    Operation("redo", "Redo", ("Ctrl+Y", "Ctrl+Shift+Z"), Place.REVIEW, "Review", editing=True),
    Operation("blanks", "Look at all blank fields and confirm them", ("F9",), Place.REVIEW, "Review"),
    Operation("ask", "Ask the supervisor and go on", ("Ctrl+K",), Place.REVIEW, "Review"),
    Operation("release", "Release the entry", ("F12", "Ctrl+S"), Place.REVIEW, "Review"),
    Operation("back", "Back to the inbox", ("Ctrl+W",), Place.REVIEW, "Review"),
    Operation("cancel", "Close the message", ("Esc",), Place.REVIEW, "", editing=True),
    Operation("blank", "Blank", ("F2",), Place.REVIEW, "Field"),
    Operation("illegible", "Illegible", ("F3",), Place.REVIEW, "Field"),
    Operation("struck_out", "Struck out", ("F4",), Place.REVIEW, "Field"),
    Operation("covered", "Covered", ("F5",), Place.REVIEW, "Field"),
    Operation("not_applicable", "Not applicable", ("F6",), Place.REVIEW, "Field"),
    Operation("take_1", "Take choice 1", ("Alt+1",), Place.REVIEW, "Field"),
    Operation("take_2", "Take choice 2", ("Alt+2",), Place.REVIEW, "Field"),
    Operation("take_3", "Take choice 3", ("Alt+3",), Place.REVIEW, "Field"),
    Operation("take_4", "Take choice 4", ("Alt+4",), Place.REVIEW, "Field"),
    Operation("next_word", "Next doubtful word", ("F10",), Place.REVIEW, "Field", editing=True),
    Operation("page_before", "Page before", ("PgUp",), Place.REVIEW, "View", editing=True),
    Operation("page_after", "Page after", ("PgDown",), Place.REVIEW, "View", editing=True),
    Operation("zoom_in", "Zoom in", ("Ctrl++", "Ctrl+="), Place.REVIEW, "View"),
    Operation("zoom_out", "Zoom out", ("Ctrl+-",), Place.REVIEW, "View"),
    Operation("whole_page", "Whole page", ("F8",), Place.REVIEW, "View"),
    Operation("leave_desk", "Leave this desk", ("Ctrl+W",), Place.DESK, "Desks"),
    Operation("typing", "Typing: system, Telex, VNI", ("F11",), Place.ANYWHERE, "View"),
    Operation("keys", "Keys", ("F1",), Place.ANYWHERE, "View"),
)
"""All of them, in the order of the menus."""

MENUS: Final = ("File", "Review", "Field", "Desks", "View")

STATES: Final = ("blank", "illegible", "struck_out", "covered", "not_applicable")
"""Operations that give a field a state; the id is the state."""

BY_ID: Final = {operation.id: operation for operation in OPERATIONS}


def plain(keys: str) -> bool:
    """Whether a key moves or answers by itself in lists, menus and editors, so that it cannot be a shortcut.

    Views and the key filter of the editors perform these.
    """
    return keys in {"Return", "Enter", "Shift+Return", "Up", "Down", "PgUp", "PgDown", "Esc", "Space"}


def spelled(keys: str) -> str:
    """A key as it is printed on keyboards."""
    return keys.replace("Return", "Enter").replace("PgDown", "PgDn")
