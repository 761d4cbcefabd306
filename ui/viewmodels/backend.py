"""What the window needs from the core; ``ui.backing`` makes it of ``formscan.app.Application``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from formscan.model.page import Held
from formscan.model.people import Person
from formscan.model.reading import FieldValue, Flag
from formscan.model.record import Draft, DraftSummary
from formscan.model.template import FieldSpec, FormTemplate
from formscan.review.completion import Suggestion
from formscan.review.groups import GroupSession, Tile
from formscan.review.session import ReviewSession


@dataclass(frozen=True, slots=True)
class Digitised:
    """What became of the files somebody took in.

    Attributes:
        pages: Pages that came in.
        drafts: Documents made of them.
        held: Pages and files that were not read.
        cancelled: The rest was left because somebody said so.
    """

    pages: int
    drafts: int
    held: tuple[Held, ...]
    cancelled: bool = False


class Backend(Protocol):
    """The core as the window sees it.

    Everything but ``check``, ``suggest``, ``learn`` and ``digitise`` is called in one thread, the database's,
    and nowhere else. Those are called in other threads and must not share the store's connection with it.
    """

    @property
    def person(self) -> Person:
        """Who decides."""

    def form(self, form_id: str, version: str) -> FormTemplate | None:
        """A template; ``None`` where it is not installed."""

    def drafts(self) -> Sequence[DraftSummary]:
        """Open drafts, the most urgent first."""

    def get_draft(self, draft_id: str) -> Draft:
        """A draft with all its fields."""

    def open_session(self, draft_id: str) -> ReviewSession:
        """Begin or resume its review."""

    def group_tiles(self, draft_id: str) -> Sequence[Tile]:
        """The open fields of a draft that may be decided among look-alikes."""

    def open_groups(self) -> GroupSession:
        """Begin to decide look-alikes."""

    def image(self, sha256: str) -> bytes:
        """The stored bytes of a page image."""

    def held(self) -> Sequence[Held]:
        """Pages and files that were not read and wait for a person."""

    def check(self, form: FormTemplate, spec: FieldSpec, text: str) -> tuple[FieldValue, tuple[Flag, ...]]:
        """Understand a text that is being typed and tell the rules it breaks; keeps nothing."""

    def suggest(self, spec: FieldSpec, text: str, around: Mapping[str, str]) -> Sequence[Suggestion]:
        """Values that begin as a text that is being typed; ``around`` are the texts of the other fields."""

    def learn(self, spec: FieldSpec, text: str) -> None:
        """A value was decided; it may be suggested at the same field again."""

    def digitise(
        self, paths: Sequence[Path], progress: Callable[[int, str], None], cancelled: Callable[[], bool]
    ) -> Digitised:
        """Turn files and folders into drafts."""

    def close(self) -> None:
        """Let go of the store."""
