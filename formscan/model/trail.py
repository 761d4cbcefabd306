"""What somebody wants to see of the trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TrailQuery:
    """Which lines; everything that is empty lets all through.

    Attributes:
        person: Id of who did it.
        action: The action, or what it begins with up to a dot (``field`` for all about fields).
        subject: Id of the record it happened to, or its beginning.
        since: At this time or later, with zone.
        until: Before this time, with zone.
    """

    person: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def everything(self) -> bool:
        """No line is left out."""
        return self == TrailQuery()


@dataclass(frozen=True, slots=True)
class TrailStretch:
    """What a look at a stretch of the trail found.

    Attributes:
        found: Numbers of the lines that match, newest first.
        below: Where the next stretch begins; 0 when the beginning of the trail was reached.
    """

    found: tuple[int, ...]
    below: int
