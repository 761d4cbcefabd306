"""Dates and times as people write them on Vietnamese forms; partial ones stay partial.

Machine forms are ISO 8601 at the precision of the paper: ``1957``, ``1957-03``, ``1957-03-12``,
``2024-03-12T08`` (the minutes were not written), ``2024-03-12T08:30``; times ``08:30`` or ``08``.

Rule for years of two digits: they are never expanded, except in moments of the stay itself (``episode``),
where 00 to 89 is read as 20xx and 90 to 99 as 19xx; both are flagged. A year of birth is never guessed.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from typing import Final

from formscan.model.reading import Flag
from formscan.pipeline.flag_codes import flag
from formscan.pipeline.rules.outcome import Outcome

YEARS: Final = (1850, 2150)
"""First and last year taken for plausible on a hospital form."""
_TIME: Final = re.compile(
    r"(?P<hour>\d{1,2}|__)\s*(?:giờ|gio|h|g|:)\s*(?:(?P<minute>\d{1,2}|__)\s*(?:phút|phut|ph|p|')?)?",
    re.IGNORECASE,
)
_WORDS: Final = re.compile(r"\b(?:ngày|ngay|tháng|thang|năm|nam|lúc|luc|hồi|vào)\b", re.IGNORECASE)
_SEPARATORS: Final = re.compile(r"\s*[/\-.,|]\s*|\s+")


@dataclass(frozen=True, slots=True)
class _Parts:
    """Day, month and year as written; empty where not written."""

    day: str
    month: str
    year: str


def check_date(text: str, episode: bool = False) -> Outcome:
    """Understand a date.

    Args:
        text: e.g. ``12/03/1957``, ``3/1957``, ``00/00/1957``, ``__/__/1957``, ``ngày 12 tháng 3 năm 1957``.
        episode: A moment of the stay: see the rule for years of two digits.

    Returns:
        ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``; empty where the date is impossible or not understood.
    """
    parts = _split(text)
    return Outcome("", (flag("date.format"),)) if parts is None else _date(parts, episode)


def check_time(text: str) -> Outcome:
    """Understand a time of day: ``08:30``, ``8h30``, ``8 giờ 30 ph``, ``0830``, ``8h``.

    Returns:
        ``HH:MM``, or ``HH`` where no minute is written.
    """
    bare = text.strip()
    compact = re.fullmatch(r"(\d\d)(\d\d)", bare)
    if compact:
        return _time(compact[1], compact[2])
    found = _TIME.fullmatch(bare)
    if found is None:
        return Outcome("", (flag("time.format"),))
    return _time(found["hour"].strip("_"), (found["minute"] or "").strip("_"))


def check_datetime(text: str, episode: bool = True, *, row: bool = False) -> Outcome:
    """Understand a moment: a date with or without a time before or after it.

    Args:
        text: e.g. ``08:30 12/03/2024``, ``8h30 ngày 12/3/2024``, ``12/3/2024``.
        episode: A moment of the stay: see the rule for years of two digits.
        row: In a row of a table, where people leave out a date that is that of the row above.

    Returns:
        A date as of ``check_date``, with ``THH:MM`` or ``THH`` where the whole date is known.
    """
    found = _TIME.search(text)
    if found is None:
        return check_date(text, episode)
    rest = f"{text[: found.start()]} {text[found.end() :]}".strip(" ,;-|")
    time = _time(found["hour"].strip("_"), (found["minute"] or "").strip("_"))
    if not rest:
        return Outcome("", (*time.flags, flag("date.as_above" if row else "date.part_missing")))
    return _joined(check_date(rest, episode), time)


def rendered_parts(text: str) -> str:
    """The parts ``hour|minute|day|month|year`` as people write a moment; blank parts show as ``__``."""
    hour, minute, day, month, year = (part.strip() for part in text.split("|"))
    date = _rendered_date(day, month, year)
    clock = f"{hour or '__'}:{minute or '__'}" if hour or minute else ""
    return " ".join(bit for bit in (clock, date) if bit)


def rendered_date_parts(text: str) -> str:
    """The parts ``day|month|year`` as people write a date."""
    return _rendered_date(*(part.strip() for part in text.split("|")))


def _rendered_date(day: str, month: str, year: str) -> str:
    if not (day or month or year):
        return ""
    if not day and (not month or year):
        return "/".join(bit for bit in (month, year) if bit)
    return "/".join((day or "__", month or "__", year or "____"))


def _joined(date: Outcome, time: Outcome) -> Outcome:
    flags = (*date.flags, *time.flags)
    if len(date.normalised) == len("2024-03-12") and time.normalised:
        return Outcome(f"{date.normalised}T{time.normalised}", flags)
    if date.normalised and time.normalised:
        flags = (*flags, flag("date.part_missing"))
    return Outcome(date.normalised, flags)


def _time(hour: str, minute: str) -> Outcome:
    if not hour:
        return Outcome("", (flag("date.part_missing"),))
    if not hour.isdecimal() or (minute and not minute.isdecimal()):
        return Outcome("", (flag("time.format"),))
    if int(hour) > 23 or int(minute or "0") > 59:
        return Outcome("", (flag("time.impossible"),))
    if not minute:
        return Outcome(f"{int(hour):02d}", (flag("date.part_missing"),))
    return Outcome(f"{int(hour):02d}:{int(minute):02d}")


def _split(text: str) -> _Parts | None:
    bare = _WORDS.sub(" ", text).strip(" \t\n/-.,|")
    if re.fullmatch(r"\d{8}", bare):
        return _Parts(bare[:2], bare[2:4], bare[4:])
    pieces = _SEPARATORS.split(bare) if bare else []
    if not 1 <= len(pieces) <= 3 or not all(re.fullmatch(r"[\d_]*", piece) for piece in pieces):
        return None
    if len(pieces) < 3 and not re.fullmatch(r"\d{4}", pieces[-1]):
        return None
    if any("_" in piece and piece.strip("_") for piece in pieces):
        return None
    day, month, year = ["", "", *pieces][-3:]
    return _Parts(day.replace("_", ""), month.replace("_", ""), year.replace("_", ""))


def _date(parts: _Parts, episode: bool) -> Outcome:
    if any(part and not part.isdecimal() for part in (parts.day, parts.month, parts.year)):
        return Outcome("", (flag("date.format"),))
    year, flags = _year(parts.year, episode)
    day, month = int(parts.day or "0"), int(parts.month or "0")
    if month > 12 or day > 31:
        return Outcome("", (*flags, flag("date.impossible")))
    if month and day > calendar.monthrange(year or 2000, month)[1]:
        return Outcome("", (*flags, flag("date.impossible")))
    if year is None:
        return Outcome("", flags)
    if day and month:
        return Outcome(f"{year:04d}-{month:02d}-{day:02d}", flags)
    flags = (*flags, flag("date.part_missing") if day else flag("date.partial"))
    return Outcome(f"{year:04d}-{month:02d}" if month else f"{year:04d}", flags)


def _year(text: str, episode: bool) -> tuple[int | None, tuple[Flag, ...]]:
    """The year, or ``None`` with the reason why there is none."""
    if not text:
        return None, (flag("date.part_missing"),)
    if len(text) == 2:
        number = int(text)
        guess = (2000 if number < 90 else 1900) + number
        return (guess if episode else None), (flag("date.two_digit_year"),)
    if len(text) != 4:
        return None, (flag("date.format"),)
    if not YEARS[0] <= int(text) <= YEARS[1]:
        return None, (flag("date.year_implausible"),)
    return int(text), ()
