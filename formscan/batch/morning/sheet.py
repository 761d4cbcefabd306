"""The report laid out in words, before it is HTML, PDF or a view: what stands where, in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from formscan.batch.morning.figures import HeldGroup, HeldItem, Morning
from formscan.batch.morning.remedies import remedies_for
from formscan.batch.morning.words import FORMATS, Words
from formscan.model.files import FREE_FORM
from formscan.model.ledger import Balance
from formscan.paths import short_folder

TERMS: Final = ("released", "drafted", "held", "quarantined", "duplicates")
"""In = the sum of these; the rarer ones are told where there are any."""
RARER: Final = ("gated", "discarded", "set_aside", "waiting")

Named = Callable[[str], str]
"""Turns a form's id into its title."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the report; the first column is words, the others are numbers."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class SheetItem:
    """A held page as it is shown."""

    label: str
    origin: str
    image_sha256: str


@dataclass(frozen=True, slots=True)
class SheetGroup:
    """Held pages of one reason as they are shown."""

    say: str
    do: str
    remedies: str
    count: int
    more: int
    quarantined: bool
    items: tuple[SheetItem, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole report.

    Attributes:
        terms: Names of the counts that add up to what came in.
        bars: Hour and pages.
    """

    since: str
    until: str
    balance: Balance
    terms: tuple[str, ...]
    tables: tuple[Table, ...]
    bars: tuple[tuple[str, int], ...]
    pace: str
    groups: tuple[SheetGroup, ...]


def lay_out(morning: Morning, words: Words, named: Named = str) -> Sheet:
    """Put a morning into words.

    Args:
        morning: The figures.
        words: The language.
        named: Titles of forms.
    """
    form = FORMATS[words.language]

    def told(form_id: str) -> str:
        return words("free_form") if form_id == FREE_FORM else named(form_id)

    return Sheet(
        since=morning.since.strftime(form),
        until=morning.until.strftime(form),
        balance=morning.balance,
        terms=terms_of(morning.balance),
        tables=_tables(morning, words, told),
        bars=tuple((f"{at:%H}", pages) for at, pages in morning.hours),
        pace=number(morning.pages_an_hour, words),
        groups=tuple(_group(group, words) for group in morning.held),
    )


def terms_of(balance: Balance) -> tuple[str, ...]:
    """The counts that add up, the rare ones only where there are any."""
    return (*TERMS, *(name for name in RARER if getattr(balance, name)))


def number(value: float, words: Words) -> str:
    """One digit behind the point, or the comma."""
    text = f"{value:.1f}"
    return text.replace(".", ",") if words.language == "vi" else text


def _share(value: float, words: Words) -> str:
    return f"{number(100 * value, words)} %"


def _tables(morning: Morning, words: Words, named: Named) -> tuple[Table, ...]:
    total = max(1, morning.balance.taken_in)
    forms = tuple(
        (named(form), str(pages), _share(pages / total, words))
        for form, pages in sorted(morning.forms.items(), key=lambda item: -item[1])
    )
    reasons = tuple((_reason(group, words), str(group.count)) for group in morning.held)
    return (
        Table(words("by_form"), (words("form"), words("pages"), words("share")), forms),
        _counted(words("by_folder"), words("folder"), morning.folders, words, words("no_folder")),
        _counted(words("by_scanner"), words("scanner"), morning.scanners, words, words("no_scanner")),
        Table(words("by_reason"), (words("reason"), words("pages")), reasons),
        *_split(morning, words),
        _queues(morning, words, named),
        _trend(morning, words),
    )


def _reason(group: HeldGroup, words: Words) -> str:
    return words.reason(group.items[0].held)[0]


def _counted(title: str, first: str, counts: Mapping[str, Balance], words: Words, nameless: str) -> Table:
    names = ("taken_in", *TERMS, "waiting")
    rows = tuple(
        (short_folder(name) or nameless, *(str(getattr(balance, each)) for each in names))
        for name, balance in counts.items()
    )
    return Table(title, (first, *(words(name) for name in names)), rows)


def _queues(morning: Morning, words: Words, named: Named) -> Table:
    names = ("documents", "pages", "open_fields", "flagged", "problems")
    rows = tuple(
        (named(queue.form[0]), *(str(getattr(queue, name)) for name in names)) for queue in morning.queues
    )
    return Table(words("queues"), (words("form"), *(words(name) for name in names)), rows)


def _split(morning: Morning, words: Words) -> tuple[Table, ...]:
    """Files of several pages, where there are any."""
    split = morning.split
    if not split.files:
        return ()
    names = ("files", "records", "documents", "by_hand")
    rows = [(words(f"split_{name}"), str(getattr(split, name))) for name in names]
    rows += [(words.summed(code), str(count)) for code, count in split.problems.items()]
    return (Table(words("split"), ("", words("count_of")), tuple(rows)),)


def _trend(morning: Morning, words: Words) -> Table:
    head = tuple(words(name) for name in ("day", "taken_in", "held_share", "flagged_share"))
    rows = tuple(
        (_day(day.day, words), str(day.balance.taken_in), _share(day.held_share, words),
         _share(day.flagged_share, words))
        for day in morning.days
    )  # fmt: skip
    return Table(words("trend"), head, rows)


def _day(day: str, words: Words) -> str:
    year, month, date = day.split("-")
    return f"{date}/{month}/{year}" if words.language == "vi" else day


def _group(group: HeldGroup, words: Words) -> SheetGroup:
    say, do = words.reason(group.items[0].held)
    told = ", ".join(words(f"remedy.{remedy.value}") for remedy in remedies_for(group.reason))
    items = tuple(_item(item, words) for item in group.items)
    return SheetGroup(say, do, told, group.count, group.count - len(items), group.quarantined, items)


def _item(item: HeldItem, words: Words) -> SheetItem:
    origin = item.scanner or (words("from", folder=short_folder(item.folder)) if item.folder else "")
    return SheetItem(item.held.source.label, origin, item.image_sha256)
