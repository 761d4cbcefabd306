"""The hours in which the night may work: ``18:00`` to ``06:00``, over midnight too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Hours:
    """A span of every day.

    Attributes:
        begin: Work begins; ``None`` for at once.
        until: Work ends; ``None`` for never.
    """

    begin: time | None = None
    until: time | None = None

    def open_at(self, now: datetime) -> bool:
        """Whether work may go on at a local time."""
        at = now.time()
        if self.begin is None:
            return True  # the end is a moment after the start: see ``end_after``
        if self.until is None:
            return at >= self.begin
        if self.begin <= self.until:
            return self.begin <= at < self.until
        return at >= self.begin or at < self.until

    def end_after(self, start: datetime) -> datetime | None:
        """The first end after a start; ``None`` where there is none."""
        if self.until is None:
            return None
        end = start.replace(
            hour=self.until.hour, minute=self.until.minute, second=self.until.second, microsecond=0
        )
        return end if end > start else end + timedelta(days=1)


def parse_time(text: str) -> time:
    """``06:00`` or ``6:00`` to a time of day.

    Raises:
        ValueError: If it is none.
    """
    hour, colon, minute = text.strip().partition(":")
    if not (colon and hour.isdigit() and minute.isdigit() and len(minute) == 2):
        raise ValueError(f"not a time of day: {text}")
    return time(int(hour), int(minute))
