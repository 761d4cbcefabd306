"""Moments that are known only in part, as spans of time that can be compared without guessing."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Span:
    """All moments a partial date stands for, local time without zone.

    Attributes:
        first: Earliest.
        last: Latest, to the minute.
        exact: Written to the minute.
    """

    first: datetime
    last: datetime
    exact: bool


def span(normalised: str) -> Span | None:
    """The span of ``1957``, ``1957-03``, ``1957-03-12``, ``...T08`` or ``...T08:30``, else ``None``."""
    date, _, time = normalised.partition("T")
    try:
        numbers = [int(part) for part in date.split("-")]
        clock = [int(part) for part in time.split(":")] if time else []
        year, month, day = [*numbers, 0, 0][:3]
        hour, minute = [*clock, -1, -1][:2]
        first = datetime(year, month or 1, day or 1, max(hour, 0), max(minute, 0))  # noqa: DTZ001 (paper has no zone)
        end_month = month or 12
        end_day = day or calendar.monthrange(year, end_month)[1]
        last = datetime(year, end_month, end_day, 23 if hour < 0 else hour, 59 if minute < 0 else minute)  # noqa: DTZ001
    except (ValueError, OverflowError):
        return None
    return Span(first, last, minute >= 0)


def age_between(born: Span, at: Span) -> tuple[int, int]:
    """Smallest and largest completed years of life possible at a moment."""
    return _years(born.last, at.first), _years(born.first, at.last)


def days_between(first: Span, then: Span) -> tuple[int, int]:
    """Smallest and largest difference in calendar days."""
    return (then.first.date() - first.last.date()).days, (then.last.date() - first.first.date()).days


def _years(born: datetime, at: datetime) -> int:
    return max(0, at.year - born.year - ((at.month, at.day) < (born.month, born.day)))
