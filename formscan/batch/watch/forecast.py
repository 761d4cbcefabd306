"""How fast the night goes and when it will be done."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Final

SPAN_S: Final = 900.0
"""The pace is that of the last quarter of an hour: long enough for a hard file, short enough to follow."""
LEAST_S: Final = 20.0
"""Before that much was seen nothing is foretold."""


class Forecast:
    """Pages done over time. Time without work (paused, out of hours) is left out by ``rest``."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()

    def note(self, at_s: float, done: int) -> None:
        """Note how many pages are done at a time (seconds that only go up)."""
        self._marks.append((at_s, done))
        while at_s - self._marks[0][0] > SPAN_S and len(self._marks) > 2:
            self._marks.popleft()

    def rest(self) -> None:
        """Work stopped for a while; the pace begins anew afterwards."""
        self._marks.clear()

    @property
    def pages_a_minute(self) -> float:
        """Pace; 0 while nothing can be said."""
        if len(self._marks) < 2:
            return 0.0
        (begin, first), (end, last) = self._marks[0], self._marks[-1]
        return (last - first) / (end - begin) * 60 if end - begin >= LEAST_S else 0.0

    def done_by(self, now: datetime, waiting: int) -> datetime | None:
        """When what waits will be done; ``None`` while nothing can be said."""
        pace = self.pages_a_minute
        if not waiting:
            return now
        return now + timedelta(minutes=waiting / pace) if pace > 0 else None
