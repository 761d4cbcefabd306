"""Thick files split into records and documents (``formscan bench files``).

Each file has 200 sides of paper and 40 documents of several records: forms in any order, sheets printed on
one side or both, blank backs, separator sheets (patch T, patch 2, barcode) before half of the records, paper
of no known form, pages exchanged, reversed, gone or lying apart. Every side is composed and scanned anew,
cleaned, identified and aligned once; only fields are read that say whose it is and what it counts.
Names and numbers are printed or set in handwriting-like fonts: nobody's real ink is a name of these patients.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import zxingcpp

from formscan.bench.compose import Composer, Order, Style
from formscan.bench.damage import CANVAS_DPI
from formscan.bench.files_plan import Kind, Side, plan_file
from formscan.bench.intervals import wilson
from formscan.bench.presets import Severity, draw
from formscan.bench.scanner import scan
from formscan.bench.shared import shared_data
from formscan.bench.sheet import number_sheet
from formscan.bench.truth import Split
from formscan.errors import UnknownFormError
from formscan.model.page import Grey, Held, Page, Source
from formscan.model.record import ReadPage
from formscan.paths import forms_dir
from formscan.pipeline.collate import COVER, SHEET_COUNT, Collator, Pile, draft_of, passing
from formscan.pipeline.identify import FormIndex
from formscan.pipeline.read import load_readers
from formscan.pipeline.run import Line, LineResult, read_page, single_thread
from formscan.pipeline.same_patient import NAME, NUMBERS
from formscan.templates import TemplateLibrary, render_page
from formscan.templates.separator import draw_separator

EVIDENCE: Final = frozenset({NAME, *NUMBERS, *COVER, SHEET_COUNT, "sheet.number"})
"""Fields that are read."""
DOUBTS: Final = ("split.", "pages.")
AT: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Figures:
    """Counts of one file, or of several together.

    Attributes:
        sides: Sides of paper.
        lost: Sides that are in no document, not held and not set aside.
        doubled: Sides that are in two.
        held: Pages of known forms that were held.
        wrong_form: Pages taken for another page than they are.
        cuts: (found and true, found, true) boundaries between form pages that follow each other.
        record_cuts: The same, of records.
        naive_cuts: The same, where every first page begins a document and nothing else does.
        documents: True ones.
        exact: Of these, found with exactly their pages.
        exact_naive: The same, by the naive rule.
        in_order: Found documents whose pages stand in the form's order.
        found: Documents found.
        mixed: Found documents with pages of several true ones.
        mixed_patients: Of these, with pages of several patients.
        mixed_unflagged: Documents with pages of several patients that nobody is told to look at.
        wrong_unflagged: Documents that are not exact and that nobody is told to look at.
        flagged: Documents with something to look at about their pages.
        flagged_exact: Of these, exact ones.
        separators: (found, true) separator sheets.
        false_separators: Other pages taken for separators.
        counts_right: Covers whose number of sheets was rightly found fitting or not.
        counts: Covers with such a number.
        seconds: Process time of cleaning to reading, and of splitting.
    """

    files: int = 0
    sides: int = 0
    lost: int = 0
    doubled: int = 0
    held: int = 0
    wrong_form: int = 0
    cuts: list[int] = field(default_factory=lambda: [0, 0, 0])
    record_cuts: list[int] = field(default_factory=lambda: [0, 0, 0])
    naive_cuts: list[int] = field(default_factory=lambda: [0, 0, 0])
    documents: int = 0
    exact: int = 0
    exact_naive: int = 0
    in_order: int = 0
    found: int = 0
    mixed: int = 0
    mixed_patients: int = 0
    mixed_unflagged: int = 0
    wrong_unflagged: int = 0
    flagged: int = 0
    flagged_exact: int = 0
    separators: list[int] = field(default_factory=lambda: [0, 0])
    false_separators: int = 0
    counts_right: int = 0
    counts: int = 0
    seconds: float = 0.0

    def add(self, other: Figures) -> None:
        """Take up another file's counts."""
        for name, value in asdict(other).items():
            mine = getattr(self, name)
            if isinstance(mine, list):
                setattr(self, name, [a + b for a, b in zip(mine, value, strict=True)])
            else:
                setattr(self, name, mine + value)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print one JSON document.

    Returns:
        0; 2 without development data.
    """
    parser = argparse.ArgumentParser(prog="formscan bench files", description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102])
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--documents", type=int, default=40)
    parser.add_argument(
        "--out", type=Path, help="folder that gets a JSON file a seed; seeds there are reused"
    )
    given = parser.parse_args(argv)
    data = given.data or shared_data()
    if data is None or not data.is_dir():
        sys.stderr.write("no development data: give --data or set FORMSCAN_DATA\n")
        return 2
    total, worked = Figures(), list[str]()
    bench: ThickFiles | None = None
    for seed in given.seeds:
        kept = given.out / f"files-{seed}.json" if given.out else None
        if kept is not None and kept.is_file():
            total.add(Figures(**json.loads(kept.read_text("utf-8"))))
            continue
        bench = bench or ThickFiles(data)
        figures = bench.measure(seed, given.pages, given.documents)
        worked.append(f"seed {seed}: {figures.sides} sides")
        sys.stderr.write(worked[-1] + "\n")
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(asdict(figures)) + "\n", "utf-8")
        total.add(figures)
    sys.stdout.write(json.dumps(told(total), indent=1) + "\n")
    return 0


class ThickFiles:
    """Composes files and splits them.

    Args:
        data: Development data.
    """

    def __init__(self, data: Path) -> None:
        single_thread()
        self._library = TemplateLibrary.load(forms_dir())
        self._forms = {form.key: form for form in self._library.forms}
        self._composer = Composer(data, Split.REPORT)
        self._line = EvidenceLine(self._library)
        self._foreign = number_sheet()

    def measure(self, seed: int, pages: int, documents: int) -> Figures:
        """Compose a file, split it, compare."""
        plan = plan_file(seed, pages, documents)
        started = time.process_time()
        spent = 0.0
        read: list[ReadPage | Held] = []
        for index, side in enumerate(plan):
            page = self._page(side, seed, index, len(plan))
            began = time.process_time()
            read.append(self._line.look(page))
            spent += time.process_time() - began
        began = time.process_time()
        piles = split(read, self._forms)
        figures = compare(plan, read, piles, self._forms)
        figures.seconds = round(spent + time.process_time() - began, 1)
        sys.stderr.write(f"seed {seed}: {time.process_time() - started:.0f} s with composing\n")
        return figures

    def _page(self, side: Side, seed: int, index: int, count: int) -> Page:
        rng = np.random.default_rng([seed, index])
        pixels, dpi = self._paper(side, seed, index, rng)
        return Page(Source("thick.pdf", f"{seed:064x}", index, count), pixels, dpi)

    def _paper(self, side: Side, seed: int, index: int, rng: np.random.Generator) -> tuple[Grey, float]:
        number = seed * 1000 + index
        style = (Style.MIXED, Style.FONT, Style.PRINT)[max(side.patient, 0) % 3]
        if side.kind in {Kind.FORM, Kind.UNKNOWN}:
            form = self._library.get(side.form) if side.kind is Kind.FORM else self._foreign
            order = Order(
                side.number or 1, side.patient, number, Severity.OFFICE, style, "own", told=side.told
            )
            page = self._composer.page(form, render_page(form, side.number or 1, CANVAS_DPI), order)
            return np.asarray(page.pixels), page.dpi
        paper = np.full((3508, 2480), 252, np.uint8) if side.kind is Kind.BLANK else _separator(rng)
        damage = draw(Severity.OFFICE, rng)
        pixels, _ = scan(paper, damage)
        return np.asarray(pixels), damage.dpi


class EvidenceLine:
    """The line, reading only what says whose a page is."""

    def __init__(self, library: TemplateLibrary) -> None:
        readers = load_readers()
        self._line = Line(FormIndex(library), readers, render_page, only=EVIDENCE)

    def look(self, page: Page) -> ReadPage | Held:
        """A page cleaned, identified, aligned, and its evidence read."""
        try:
            result = self._line.run(page)
        except UnknownFormError as error:
            return Held(page.source, "identify", error.code)
        if isinstance(result, LineResult):
            return read_page(result, f"{page.source.index:064x}", "image/png")
        return result


def _separator(rng: np.random.Generator) -> Grey:
    """A sheet with bars on all edges or the upper one only, or with nothing but a barcode."""
    kind = int(rng.integers(3))
    if kind < 2:
        return draw_separator("T" if rng.random() < 0.7 else "2", CANVAS_DPI, "tlbr" if kind else "t")
    sheet = np.full((3508, 2480), 255, np.uint8)
    code = np.array(zxingcpp.create_barcode("PATCHT", zxingcpp.BarcodeFormat.Code128).to_image(scale=5))
    sheet[600 : 600 + code.shape[0], 600 : 600 + code.shape[1]] = code
    cv2.putText(sheet, "PATCH T", (700, 500), cv2.FONT_HERSHEY_SIMPLEX, 4, 0, 10)
    return sheet


def split(read: Iterable[ReadPage | Held], forms: dict[Any, Any]) -> list[Pile]:
    """Documents of a file, as the night puts them together."""
    collator, done = Collator(forms), list[Pile]()
    for item in read:
        source = item.source if isinstance(item, Held) else item.page.source
        done += collator.complete(source.sha256)
        if isinstance(item, Held):
            collator.pass_by(source, passing(item))
        else:
            collator.add(item)
    return done + collator.complete(None)


def compare(
    plan: Sequence[Side], read: Sequence[ReadPage | Held], piles: Sequence[Pile], forms: dict[Any, Any]
) -> Figures:
    """Figures of one file; see ``Figures``."""
    told = Figures(files=1, sides=len(plan))
    place = {id(item): at for at, item in enumerate(read)}
    found = {place[id(p)]: number for number, pile in enumerate(piles) for p in pile.pages if not pile.held}
    record = {place[id(p)]: pile.placed[0].record for pile in piles for p in pile.pages if not pile.held}
    told.doubled = sum(n - 1 for n in Counter(place[id(p)] for pile in piles for p in pile.pages).values())
    told.lost = sum(
        not isinstance(item, Held) and at not in found and not _is_held(item, piles)
        for at, item in enumerate(read)
    )
    pages = [at for at, side in enumerate(plan) if side.kind is Kind.FORM]
    told.held = sum(at not in found for at in pages)
    told.wrong_form = sum(
        isinstance(item, ReadPage) and (item.form_id, item.page.number) != (plan[at].form, plan[at].number)
        for at, item in enumerate(read)
    )
    told.separators = [
        sum(isinstance(r, Held) and r.stage == "separator" for r, s in zip(read, plan, strict=True)
            if s.kind is Kind.SEPARATOR),
        sum(side.kind is Kind.SEPARATOR for side in plan),
    ]  # fmt: skip
    told.false_separators = sum(
        isinstance(r, Held) and r.stage == "separator" and s.kind is not Kind.SEPARATOR
        for r, s in zip(read, plan, strict=True)
    )
    seen = [at for at in pages if at in found]
    naive = _naive(plan, seen)
    true = {at: plan[at].document for at in seen}
    told.cuts = _cuts(seen, found, true)
    told.naive_cuts = _cuts(seen, naive, true)
    told.record_cuts = _cuts(seen, record, {at: plan[at].record for at in seen})
    _documents(told, plan, piles, place, forms)
    told.exact_naive = _exact(naive, {at: plan[at].document for at in pages})
    return told


def _is_held(item: ReadPage | Held, piles: Sequence[Pile]) -> bool:
    return any(pile.held is not None and item in pile.pages for pile in piles)


def _naive(plan: Sequence[Side], seen: Sequence[int]) -> dict[int, int]:
    """Every first page begins a document, and so does a page of another form."""
    found, number, before = {}, -1, ""
    for at in seen:
        number += plan[at].number == 1 or plan[at].form != before
        found[at], before = number, plan[at].form
    return found


def _cuts(seen: Sequence[int], found: dict[int, int], true: dict[int, int]) -> list[int]:
    pairs = list(pairwise(seen))
    cut = {pair for pair in pairs if found[pair[0]] != found[pair[1]]}
    real = {pair for pair in pairs if true[pair[0]] != true[pair[1]]}
    return [len(cut & real), len(cut), len(real)]


def _exact(found: dict[int, int], true: dict[int, int]) -> int:
    """True documents that were found with exactly their pages."""
    groups = [_groups(each) for each in (found, true)]
    return len(groups[0] & groups[1])


def _groups(of: dict[int, int]) -> set[frozenset[int]]:
    pages: dict[int, set[int]] = {}
    for at, number in of.items():
        pages.setdefault(number, set()).add(at)
    return {frozenset(each) for each in pages.values()}


def _documents(
    told: Figures, plan: Sequence[Side], piles: Sequence[Pile], place: dict[int, int], forms: dict[Any, Any]
) -> None:
    true = _groups({at: side.document for at, side in enumerate(plan) if side.kind is Kind.FORM})
    told.documents = len(true)
    for pile in piles:
        if pile.held is not None:
            continue
        draft = draft_of(pile, forms[pile.form], AT)
        pages = frozenset(place[id(page)] for page in pile.pages)
        exact = pages in true
        flagged = any(problem.code.startswith(DOUBTS) for problem in draft.problems)
        patients = {plan[at].patient for at in pages}
        numbers = [plan[page.source.index].number for page in draft.pages]
        told.found += 1
        told.exact += exact
        told.in_order += numbers == sorted(numbers)
        told.flagged += flagged
        told.flagged_exact += flagged and exact
        told.mixed += len({plan[at].document for at in pages}) > 1
        told.mixed_patients += len(patients) > 1
        told.mixed_unflagged += len(patients) > 1 and not flagged
        told.wrong_unflagged += not exact and not flagged
        _count_sheets(told, plan, pages, draft.problems)


def _count_sheets(
    told: Figures, plan: Sequence[Side], pages: frozenset[int], problems: Sequence[Any]
) -> None:
    """Whether a written number of sheets was rightly called fitting or not."""
    for at in pages:
        written = dict(plan[at].told).get(SHEET_COUNT)
        if written is None:
            continue
        mine = [
            i for i, side in enumerate(plan) if side.record == plan[at].record and side.kind is not Kind.BLANK
        ]
        true = len({i // 2 for i in mine})
        told.counts += 1
        told.counts_right += (int(written) == true) == all(p.code != "record.sheets" for p in problems)


def told(figures: Figures) -> dict[str, Any]:
    """Figures as a document: shares with n and their 95 % intervals."""
    out = asdict(figures)
    for name in ("cuts", "record_cuts", "naive_cuts"):
        out[name] = _f1(getattr(figures, name))
    for name, n in (
        ("exact", figures.documents), ("exact_naive", figures.documents), ("in_order", figures.found),
        ("mixed", figures.found), ("mixed_patients", figures.found), ("mixed_unflagged", figures.found),
        ("wrong_unflagged", figures.found), ("flagged", figures.found), ("lost", figures.sides),
        ("doubled", figures.sides), ("held", figures.sides), ("counts_right", figures.counts),
        ("false_separators", figures.sides),
    ):  # fmt: skip
        out[name] = _share(out[name], n)
    out["separators"] = _share(*figures.separators)
    out["seconds_a_page"] = round(figures.seconds / max(figures.sides, 1), 2)
    return out


def _share(right: int, n: int) -> dict[str, Any]:
    return {"count": right, "n": n, "interval95": [round(v, 4) for v in wilson(right, n)]}


def _f1(counts: Sequence[int]) -> dict[str, Any]:
    """F1; its interval is that of the share of right ones among all found or true (Jaccard), carried over."""
    both, found, true = counts
    f1 = 2 * both / max(found + true, 1)
    low, high = (2 * j / (1 + j) for j in wilson(both, found + true - both))
    return {"f1": round(f1, 4), "interval95": [round(low, 4), round(high, 4)], "right": both, "found": found,
            "true": true}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
