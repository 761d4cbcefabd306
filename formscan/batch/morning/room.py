"""Everything a person does about the night: see how it stands, pause it, read its report, help its pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from formscan.batch.morning.figures import HeldGroup, Morning, held_groups, morning_of
from formscan.batch.morning.remedies import Remedy, remedy
from formscan.batch.watch.status import NightBoard, NightStatus
from formscan.model.ledger import PageKey
from formscan.model.people import Permission, Person
from formscan.store import Scope, Store
from formscan.templates import TemplateLibrary

NIGHT_H: Final = 14.0
"""Hours a night goes back where nothing else is said: from the evening to the morning."""
SHOWN: Final = 500
"""Held pages of one reason that are listed one by one."""


class NightRoom:
    """What the window and the command line ask about the night.

    Args:
        store: The memory; used in the thread that made it.
        library: All templates.
        home: Folder of the database, where the night puts up its status.
        person: Who is here now.
        need: Refuses where that person may not.
        hospital: Name for the head of the report.
    """

    def __init__(
        self,
        store: Store,
        library: TemplateLibrary,
        home: Path,
        person: Callable[[], Person],
        need: Callable[[Permission], None],
        hospital: str = "",
    ) -> None:
        self._store, self._library, self._board = store, library, NightBoard(home)
        self._person, self._need, self._hospital = person, need, hospital
        self.files_page: Callable[[PageKey], str] | None = None
        """Files a page of no known form as a document; ``None`` where nobody can."""

    def status(self) -> NightStatus | None:
        """How the night stands; ``None`` where there was none yet."""
        return self._board.read()

    @property
    def paused(self) -> bool:
        """Whether a pause was asked for."""
        return self._board.paused

    def pause(self, *, on: bool) -> None:
        """Ask the night for a pause, or to go on."""
        self._need(Permission.SCAN)
        self._board.pause(on=on)

    def morning(self, hours: float = NIGHT_H) -> Morning:
        """The report of the last hours."""
        until = datetime.now().astimezone() + timedelta(seconds=1)
        return morning_of(self._store, until - timedelta(hours=hours), until)

    def held(self) -> tuple[HeldGroup, ...]:
        """All that is held now, whenever it came, by reason."""
        return held_groups(self._store, Scope(), SHOWN)

    def remedy(self, keys: Sequence[PageKey], what: Remedy, value: str = "") -> int:
        """Do something about pages; see ``remedies.remedy``."""
        self._need(Permission.SCAN)
        if what is Remedy.FILE:
            return sum(bool(self.files_page(key)) for key in keys if key.index >= 0) if self.files_page else 0
        return remedy(self._store, keys, what, self._person().id, value)

    def titles(self) -> dict[str, str]:
        """Titles of the forms by id."""
        return {form.id: f"{form.code} {form.title_vi}" for form in self._library.forms}

    def write(self, morning: Morning, path: Path, language: str) -> None:
        """Write the report as HTML, or as PDF where the name ends so.

        Raises:
            OSError: Where the file cannot be written.
        """
        from formscan.batch.morning.html import write_html
        from formscan.batch.morning.pdf import write_pdf
        from formscan.batch.morning.pictures import thumbnail
        from formscan.batch.morning.sheet import lay_out
        from formscan.batch.morning.words import Words

        words, titles = Words.load("en" if language == "en" else "vi"), self.titles()
        sheet = lay_out(morning, words, lambda form: titles.get(form, form))
        write = write_pdf if path.suffix.casefold() == ".pdf" else write_html
        write(sheet, words, lambda sha256: thumbnail(self._store, sha256), path, self._hospital)
