"""A desk: a view that fills the window, beside inbox and review, and is built when it is first shown.

How to add one:

1. Write the view in ``ui/views/``: a subclass of ``ui.views.desk_view.DeskView`` (``set_theme``,
   ``retranslate``, ``focus``, ``perform``, ``end``), with its view-model in ``ui/viewmodels/``.
2. Write ``ui/desks/<id>.py`` with one name, ``DESK = Desk(id=..., title=..., keys=..., make=...)``; ``make``
   is a function that imports the view inside itself and returns it, made of ``DeskParts``.
3. List what can be done there in ``operations`` (``place`` is the desk's id; the same keys may be used on
   other desks). ``Ctrl+W`` leaves a desk and ``F1`` shows its keys by themselves.
4. Put the Vietnamese of its texts into ``resources/translations/vi.<id>.json`` (and ``codes.vi.<id>.json``,
   ``codes.en.<id>.json`` for codes); English needs entries only where the wording differs.
5. Nothing else: files in ``ui/desks`` are found, get a line in the menu "Desks", are offered to people who
   have one of the roles, and opened by ``DeskParts.go(id)`` or ``MainWindow.show_desk(id)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from formscan.model.people import Person, Role
from ui.actions import Operation

if TYPE_CHECKING:  # a desk that nobody opens costs nothing
    from ui.speech import Speech
    from ui.tasks import TaskRunner
    from ui.theme import Theme
    from ui.viewmodels.backend import Backend
    from ui.viewmodels.pictures import PictureShelf
    from ui.views.desk_view import DeskView


@dataclass(frozen=True, slots=True)
class DeskParts:
    """What a desk is made of.

    Attributes:
        backend: The core; call it in the database thread.
        database: That thread.
        pixels: Threads for everything else.
        shelf: Pictures of pages.
        speech: Sentences and labels.
        theme: Colours now; ``set_theme`` follows when they change.
        resources: Folder of data.
        go: Shows another desk by id; ``inbox`` shows the inbox.
        open_draft: Opens a draft for review by id.
        person_changed: To be called when somebody else sits down: menus and desks are offered anew.
    """

    backend: Backend
    database: TaskRunner
    pixels: TaskRunner
    shelf: PictureShelf
    speech: Speech
    theme: Theme
    resources: Path
    go: Callable[[str], None]
    open_draft: Callable[[str], None]
    person_changed: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Desk:
    """One desk.

    Attributes:
        id: Stable, lower-case ASCII; the name of its file in ``ui/desks``.
        title: English source of its name in the menu, translated where it is shown.
        keys: Key sequences that open it, in Qt's portable spelling.
        make: Builds its view; called once, when it is first opened. Imports lazily.
        roles: Who may open it; empty for everybody.
        order: Place in the menu; equal ones are ordered by id.
        operations: What can be done there.
        locked: Nothing else is offered while it is shown (signing in).
    """

    id: str
    title: str
    keys: tuple[str, ...]
    make: Callable[[DeskParts], DeskView]
    roles: frozenset[Role] = frozenset()
    order: int = 50
    operations: tuple[Operation, ...] = ()
    locked: bool = False

    def open_to(self, person: Person) -> bool:
        """Whether this person may open it."""
        return not self.roles or bool(self.roles & person.roles)
