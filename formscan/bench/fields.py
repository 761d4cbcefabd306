"""``formscan bench fields``: how well the fields of blank forms are found, with comparisons."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from subprocess import SubprocessError
from typing import Any, Final

import cv2
import numpy as np

from formscan.bench.damage import Damage, Mapping
from formscan.bench.fields_labels import LabelVerdict, verdicts
from formscan.bench.fields_rivals import boxdetect, contours
from formscan.bench.fields_score import LEVELS, FieldTally, book, matched, table
from formscan.bench.fields_truth import TUNED, PageTruth, WidgetPage, acroform_truth, official_truth
from formscan.bench.intervals import wilson
from formscan.bench.official import OURS, OfficialPage, render
from formscan.bench.presets import Severity, draw
from formscan.bench.scanner import encode_jpeg, scan
from formscan.bench.shared import shared_data
from formscan.designer.detect import BlankPage, fields_of, sheet_from_pixels, take_apart
from formscan.designer.from_pixels import read_pixels
from formscan.designer.printed import PrintedSheet
from formscan.designer.proposed import PlaceKind, ProposedField
from formscan.designer.vector import read_pages
from formscan.model.geometry import Area
from formscan.model.page import Grey
from formscan.model.template import PageTemplate
from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary

CONDITIONS: Final = ("vector", "200", "300", "scan-clean", "scan-office")
LABEL_GROUPS: Final = ("tuned on", "held out")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; see ``--help``."""
    parser = argparse.ArgumentParser(prog="formscan bench fields", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of development data")
    parser.add_argument("--tuned", action="store_true", help="the eight forms tuned on, not the other eight")
    parser.add_argument("--parts", default="official,acroforms,labels", help="what to measure")
    parser.add_argument("--conditions", default=",".join(CONDITIONS))
    parser.add_argument("--boxdetect", type=Path, help="a Python interpreter with boxdetect")
    parser.add_argument("--out", type=Path, help="folder for fields.json and fields.md")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    data = given.data or shared_data()
    if data is None or not data.is_dir():
        sys.stderr.write("no development data: give --data or set FORMSCAN_DATA\n")
        return 2
    cv2.setNumThreads(1)
    out = measure(data, given)
    text = markdown(out)
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
        (given.out / "fields.json").write_text(json.dumps(out, indent=1, ensure_ascii=False) + "\n", "utf-8")
        (given.out / "fields.md").write_text(text, "utf-8")
    sys.stdout.write(json.dumps(out, ensure_ascii=False) + "\n" if given.json else text)
    return 0


def measure(data: Path, given: argparse.Namespace) -> dict[str, Any]:
    """All figures asked for."""
    parts = set(given.parts.split(","))
    out: dict[str, Any] = {"forms": "tuned on" if given.tuned else "held out"}
    if "official" in parts:
        pages = list(official_truth(data, tuned=given.tuned))
        out["official"] = {c: official(pages, c) for c in given.conditions.split(",")}
        out["rivals"] = rivals(pages, given.boxdetect)
    if "acroforms" in parts:
        pages_of = list(acroform_truth(data))
        out["acroforms"] = {how: acroforms(pages_of, how) for how in ("vector", "200")}
    if "labels" in parts:
        out["labels"] = {how: labels(data, how) for how in ("vector", "200", "300")}
    return out


def official(pages: Sequence[PageTruth], condition: str) -> dict[str, Any]:
    """Boxes and lines on official pages under one condition."""
    tally, seconds = FieldTally(), []
    layers: dict[Path, tuple[PageTemplate, ...]] = {}
    for number, truth in enumerate(pages):
        if condition == "vector":
            started = time.process_time()
            if truth.page.path not in layers:
                layers = {truth.page.path: read_pages(truth.page.path)}
            layer = layers[truth.page.path][truth.page.number - 1]
            sheet = take_apart(BlankPage(truth.page.number, layer=layer))
            seconds.append(time.process_time() - started)
            book(tally, truth, sheet.cells, _dotted(sheet))
            continue
        grey, dpi, mapping = picture(truth.page, condition, number)
        started = time.process_time()
        pixels = read_pixels(grey, dpi)
        seconds.append(time.process_time() - started)
        sheet = sheet_from_pixels(BlankPage(truth.page.number, grey, dpi), pixels, ())
        cells, lines = sheet.cells, _dotted(sheet)
        if mapping is not None:
            cells = tuple(_on_blank(sheet, a, mapping) for a in cells)
            lines = [_on_blank(sheet, a, mapping) for a in lines]
        book(tally, truth, cells, lines)
    return {"figures": tally.figures(), "seconds": _seconds(seconds)}


def _dotted(sheet: PrintedSheet) -> list[Area]:
    return [line.area for line in sheet.leaders if not line.solid]


def picture(page: OfficialPage, condition: str, number: int) -> tuple[Grey, float, Mapping | None]:
    """A page as a file is rendered, or as it comes back from a scanner, the right way up."""
    if condition in {"200", "300"}:
        return render(page, float(condition)), float(condition), None
    damage = damage_of(condition, number)
    image, mapping = scan(render(page), damage)
    if damage.jpeg:
        coded = np.frombuffer(encode_jpeg(image, damage.jpeg), np.uint8)
        image = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return image, damage.dpi, mapping


def damage_of(condition: str, number: int) -> Damage:
    """The damage of the ``number``-th page: 200 and 300 dpi in turn, never lying on its side."""
    severity = Severity.CLEAN if condition == "scan-clean" else Severity.OFFICE
    rng = np.random.default_rng([7, number])
    return replace(draw(severity, rng), dpi=(200.0, 300.0)[number % 2], turn=0)


def _on_blank(sheet: PrintedSheet, area: Area, mapping: Mapping) -> Area:
    """An area found on a scan, in points of the page that was scanned."""
    corners = mapping.to_points(sheet.source_corners(area))
    left, right = corners[[0, 3], 0].mean(), corners[[1, 2], 0].mean()
    top, bottom = corners[[0, 1], 1].mean(), corners[[2, 3], 1].mean()
    return Area(float(left), float(top), max(float(right), left + 0.1), max(float(bottom), top + 0.1))


def _seconds(values: Sequence[float]) -> dict[str, float]:
    return {"median": float(np.median(values)), "p95": float(np.percentile(values, 95)), "n": len(values)}


def rivals(pages: Sequence[PageTruth], python: Path | None) -> dict[str, Any]:
    """Boxes as others find them, on the same pictures at 200 dpi."""
    pictures = [(render(truth.page, 200.0), 200.0) for truth in pages]
    tally = FieldTally()
    for truth, (grey, dpi) in zip(pages, pictures, strict=True):
        book(tally, truth, contours(grey, dpi), None)
    out: dict[str, Any] = {"contours": tally.figures()}
    if python is None:
        out["boxdetect"] = "not run: no interpreter with it was given"
        return out
    try:
        found = boxdetect(pictures, python)
    except (SubprocessError, OSError) as error:
        out["boxdetect"] = f"not run: {type(error).__name__}"
        return out
    tally = FieldTally()
    for truth, areas in zip(pages, found, strict=True):
        book(tally, truth, areas or [], None)
    out["boxdetect"] = tally.figures()
    out["boxdetect_failed_pages"] = sum(areas is None for areas in found)
    return out


def acroforms(pages: Sequence[WidgetPage], how: str) -> dict[str, Any]:
    """Text fields and check boxes of real forms whose widgets are the truth; nothing was tuned on them."""
    tally, seconds = FieldTally(), []
    for page in pages:
        if how == "vector":
            blank = BlankPage(page.number, layer=_layer(page))
            if not blank.layer or len(blank.layer.texts) < 5:
                blank = BlankPage(page.number, render(OfficialPage(page.path, page.number), 200.0), 200.0)
        else:
            blank = BlankPage(page.number, render(OfficialPage(page.path, page.number), 200.0), 200.0)
        started = time.process_time()
        fields = fields_of([take_apart(blank)])
        seconds.append(time.process_time() - started)
        text, check = _as_widgets(fields)
        for kind, found, true in (("text", text, page.text), ("check", check, page.check)):
            for level in LEVELS:
                mine, hit = matched(found, true, level)
                tally.add(kind, level, (len(hit), len(found) - len(mine), len(true) - len(hit)))
    return {"figures": tally.figures(), "seconds": _seconds(seconds)}


def _layer(page: WidgetPage) -> PageTemplate | None:
    """The vector layer of a page; ``None`` where the file's page tree is broken for the reader of layers."""
    try:
        return read_pages(page.path, [page.number])[0]
    except IndexError:
        return None


def _as_widgets(fields: Iterable[ProposedField]) -> tuple[list[Area], list[Area]]:
    """Proposals as widgets: one text field a line or comb, one check box a tick box."""
    text: list[Area] = []
    check: list[Area] = []
    for field in fields:
        if field.kind in {PlaceKind.TICK, PlaceKind.CHOICE}:
            check += [cell.printed for cell in field.cells]
        elif field.kind is PlaceKind.COMB:
            text.append(field.area)
        elif field.kind is not PlaceKind.CODE:
            text += [cell.printed for cell in field.cells]
    return text, check


def labels(data: Path, how: str) -> dict[str, Any]:
    """Labels and types of the forms that have a template, by text layer or by Tesseract."""
    library = TemplateLibrary.load(forms_dir())
    told: dict[str, list[LabelVerdict]] = {}
    seconds: list[float] = []
    for form, (name, count) in OURS.items():
        path = data / "vn_moh_forms" / name
        sheets = []
        layers = read_pages(path) if how == "vector" else ()
        for number in range(1, count + 1):
            if layers:
                blank = BlankPage(number, layer=layers[number - 1])
            else:
                blank = BlankPage(number, render(OfficialPage(path, number), float(how)), float(how))
            started = time.process_time()
            sheets.append(take_apart(blank))
            seconds.append(time.process_time() - started)
        told[form] = verdicts(library.get(form), fields_of(sheets), range(1, count + 1))
    groups: dict[str, list[LabelVerdict]] = {name: [] for name in LABEL_GROUPS}
    for form, mine in told.items():
        groups[LABEL_GROUPS[not OURS[form][0].startswith(TUNED)]] += mine
    out = {name: _shares(mine) for name, mine in groups.items()}
    out["forms"] = {form: _shares(mine) for form, mine in told.items()}
    wrong = [asdict(v) for mine in told.values() for v in mine if not (v.found and v.label and v.type)]
    return {**out, "seconds": _seconds(seconds), "wrong": wrong}


def _shares(told: Sequence[LabelVerdict]) -> dict[str, Any]:
    found = [v for v in told if v.found]
    return {
        "found": _share(len(found), len(told)),
        "label": _share(sum(v.label for v in found), len(found)),
        "type": _share(sum(v.type for v in found), len(found)),
        "all three": _share(sum(v.label and v.type for v in found), len(told)),
    }


def _share(right: int, n: int) -> dict[str, Any]:
    low, high = wilson(right, n)
    return {"share": right / n if n else None, "n": n, "interval": [round(low, 4), round(high, 4)]}


def markdown(out: dict[str, Any]) -> str:
    """The figures as tables."""
    lines = [f"Forms: {out['forms']}.", ""]
    head = ["| kind | n | F1 at IoU 0.5 | F1 at IoU 0.75 |", "|---|---|---|---|"]
    for part in ("official", "acroforms"):
        for name, one in out.get(part, {}).items():
            s = one["seconds"]
            lines += [f"**{part}, {name}** (median {s['median']:.2f} s a page, n = {s['n']})", "", *head]
            lines += [*table(one["figures"]), ""]
    for name, figures in out.get("rivals", {}).items():
        if isinstance(figures, dict):
            lines += [f"**{name}, 200 dpi**", "", *head, *table(figures), ""]
        else:
            lines += [f"{name}: {figures}", ""]
    if "labels" in out:
        lines += ["| labels | forms | place found | label right | type right |", "|---|---|---|---|---|"]
    for how, groups in out.get("labels", {}).items():
        for group in LABEL_GROUPS:
            cells = [_told(groups[group][key]) for key in ("found", "label", "type")]
            lines.append(f"| {how} | {group} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def _told(one: dict[str, Any]) -> str:
    if one["share"] is None:
        return "-"
    low, high = one["interval"]
    return f"{one['share']:.3f} ({low:.3f}-{high:.3f}), n = {one['n']}"
