"""Filled forms with exact truth: blanks, invented patients and ink put together, then scanned.

``Composer.page`` gives one scanned page; every ink item, its state and its place are known, and
``ComposedPage.mapping`` says where any point of the blank page lies in the scan.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np

from formscan.bench.answers import Answer, answer
from formscan.bench.damage import CANVAS_DPI, Damage, Mapping
from formscan.bench.hand import RealInk
from formscan.bench.letters import HANDS, PRINTERS, fonts
from formscan.bench.paper import Paper
from formscan.bench.pens import FontHand, Pen, Printer, RealHand
from formscan.bench.people import People
from formscan.bench.presets import Severity, draw
from formscan.bench.scanner import scan
from formscan.bench.truth import FieldTruth, PageTruth, Split
from formscan.bench.writer import Writer
from formscan.model.geometry import MM_PER_INCH, POINTS_PER_INCH
from formscan.model.page import Grey, Pixels
from formscan.model.template import FormTemplate
from formscan.paths import resources_dir


class Style(StrEnum):
    """Who filled the form."""

    PRINT = "print"
    HAND = "hand"
    FONT = "font"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True, eq=False)
class ComposedPage:
    """A scanned page with everything that is true of it.

    Attributes:
        pixels: Grey or RGB, as scanned.
        dpi: Of ``pixels``.
        mapping: From points of the blank page to ``pixels``.
    """

    pixels: Pixels
    dpi: float
    mapping: Mapping
    damage: Damage
    truth: PageTruth


@dataclass(frozen=True, slots=True)
class Order:
    """Which page to compose.

    Attributes:
        people: Number of the invented stay; pages with the same number belong together.
        seed: Of everything random on this page.
        base: ``own`` or ``official``, a note for the truth.
        colour: Blue ink and red stamps in RGB, else grey.
        told: What to write in some fields (id, text) instead of what the stay says.
    """

    number: int
    people: int
    seed: int
    severity: Severity
    style: Style
    base: str = "own"
    colour: bool = False
    told: tuple[tuple[str, str], ...] = ()


class Composer:
    """Fills pages of forms.

    Args:
        data: Development data.
        split: Whose ink is used.
        digit_split: Which half a digit's index belongs to; hashed where not given.
        shippable_only: Nothing but ink that may be committed: digits, fonts, drawn marks.
    """

    def __init__(
        self,
        data: Path,
        split: Split,
        digit_split: Callable[[int], Split] | None = None,
        *,
        shippable_only: bool = False,
    ) -> None:
        self._split = split
        self._people = People(data)
        self._ink = RealInk(data, split, digit_split, shippable_only=shippable_only)
        folders = (resources_dir() / "fonts", data / "fonts_vn")
        self._printers = fonts(folders, PRINTERS)
        self._hands = fonts(folders, HANDS)

    def page(
        self, template: FormTemplate, blank: Grey, order: Order, back: Grey | None = None
    ) -> ComposedPage:
        """Fill one page and scan it.

        Args:
            template: The form.
            order: Which page, by whom, how worn.
            blank: Raster of the blank page at ``CANVAS_DPI``; its corner is the page's.
            back: The other side, for bleed-through.
        """
        damage = draw(order.severity, np.random.default_rng([order.seed, order.number, 77]))
        return self.worn(template, blank, order, damage, back)

    def worn(
        self, template: FormTemplate, blank: Grey, order: Order, damage: Damage, back: Grey | None = None
    ) -> ComposedPage:
        """Like ``page``, with damage of your own; only its seed is taken from the order."""
        damage = replace(damage, seed=order.seed)
        filled, truths = self.fill(template, blank, order)
        pixels, mapping = scan(filled, damage, back)
        told = tuple(_stamped_over(truth, damage) for truth in truths)
        name = f"{template.id}-p{order.number}-{order.base}-{order.severity}-{order.seed}"
        head = (name, template.id, template.version, order.number, order.base, order.severity.value)
        truth = PageTruth(*head, self._split, order.seed, order.people, told)
        return ComposedPage(pixels, damage.dpi, mapping, damage, truth)

    def fill(self, template: FormTemplate, blank: Grey, order: Order) -> tuple[Pixels, list[FieldTruth]]:
        """The page with its ink, before it is scanned, and what stands in each field."""
        rng = np.random.default_rng([order.seed, order.number, 78])
        stay = self._people.stay(order.people)
        paper = Paper(blank, colour=order.colour)
        first, rest, darkness = self._pens(order, rng)
        hand = Writer(paper, template.page(order.number), self._ink, (first, rest), darkness, rng)
        specs = template.fields_of(order.number)
        told = {field: Answer(text, normalised=text) for field, text in order.told}
        truths = [hand.field(s, told.get(s.id) or answer(s, stay, order.people)) for s in specs]
        return paper.pixels(), truths

    def _pens(self, order: Order, rng: np.random.Generator) -> tuple[Pen, Pen, float]:
        """Pens for the head of a form and for the rest, and the darkness of the ink."""
        size = rng.uniform(9.5, 12.0) / POINTS_PER_INCH * CANVAS_DPI
        printer = Printer(self._printers[int(rng.integers(len(self._printers)))], size)
        font = FontHand(self._hands[int(rng.integers(len(self._hands)))], rng.uniform(11, 14) * 300 / 72)
        real = RealHand(self._ink, font)
        pens: dict[Style, tuple[Pen, Pen]] = {
            Style.PRINT: (printer, printer),
            Style.HAND: (real, real),
            Style.FONT: (font, font),
            Style.MIXED: (printer, real),
        }
        first, rest = pens[order.style]
        faint = order.severity is not Severity.CLEAN and rng.random() < 0.08
        return first, rest, float(rng.uniform(0.35, 0.5) if faint else rng.uniform(0.7, 1.0))


def _stamped_over(truth: FieldTruth, damage: Damage) -> FieldTruth:
    """Marks a truth whose ink a stamp lies over."""
    if not truth.box or not damage.stamps:
        return truth
    left, top, right, bottom = (v / POINTS_PER_INCH * MM_PER_INCH for v in truth.box)
    for x, y, radius, _ in damage.stamps:
        near = (min(max(x, left), right), min(max(y, top), bottom))
        if math.hypot(near[0] - x, near[1] - y) <= radius:
            return replace(truth, over=True)
    return truth
