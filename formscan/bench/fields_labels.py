"""Labels and types proposed, held against the hand-made templates under ``forms/``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from formscan.designer.cells import iou
from formscan.designer.fold import fold
from formscan.designer.proposed import ProposedField
from formscan.model.template import FieldSpec, FormTemplate

_ALIKE: Final = 0.85
_TIMES: Final = {"gio", "phut", "ph", "ngay", "ng", "thang", "th", "nam"}
_LEAST_CELL_IOU: Final = 0.4


@dataclass(frozen=True, slots=True)
class LabelVerdict:
    """One field of a template: whether a proposal has its place, its label and its type."""

    field_id: str
    page: int
    found: bool
    label: bool
    type: bool
    told: str = ""
    wanted: str = ""


def verdicts(
    template: FormTemplate, proposed: Sequence[ProposedField], pages: Iterable[int]
) -> list[LabelVerdict]:
    """Every field of those pages; of tables the first row alone, as the others repeat it."""
    out: list[LabelVerdict] = []
    for number in pages:
        mine = [f for f in proposed if f.page == number]
        wanted = [spec for spec in template.fields_of(number) if spec.row is None or spec.row == 1]
        out += [_verdict(spec, mine) for spec in wanted]
    return out


def _verdict(spec: FieldSpec, proposed: Sequence[ProposedField]) -> LabelVerdict:
    votes: Counter[int] = Counter()
    for cell in spec.cells:
        best = max(
            (
                (max(iou(cell.area, c.writing), iou(cell.area, c.printed)), at)
                for at, field in enumerate(proposed)
                for c in field.cells
            ),
            default=(0.0, -1),
        )
        if best[0] >= _LEAST_CELL_IOU:
            votes[best[1]] += 1
    if not votes or votes.most_common(1)[0][1] * 2 < len(spec.cells):
        return LabelVerdict(spec.id, spec.page, found=False, label=False, type=False, wanted=spec.label_vi)
    field = proposed[votes.most_common(1)[0][0]]
    return LabelVerdict(
        spec.id,
        spec.page,
        found=True,
        label=same_label(field.label, spec.label_vi),
        type=field.type is spec.type,
        told=f"{field.label} [{field.type.value}]",
        wanted=f"{spec.label_vi} [{spec.type.value}]",
    )


def same_label(told: str, wanted: str) -> bool:
    """Whether a label says the same as a template's.

    Accents, case, punctuation and words in brackets do not count (the templates tell fields with one printed
    label apart by a word in brackets); of ``heading: label`` the label alone is enough, of a date the words
    before its parts; ``row: column`` is ``row (column)``; 85 % of the letters in order must be the same.
    """
    mine, whole = _plain(told), _plain(wanted)
    last = wanted.rsplit(": ", 1)[-1]
    wishes = {whole, _plain(last), _plain(last.replace("(", " ").replace(")", " "))}
    first, _, rest = wanted.partition(": ")
    if rest and not set(_plain(rest).split()) - _TIMES:
        wishes.add(_plain(first))
    answers = {mine, _plain(told.rsplit(": ", 1)[-1])}
    return any(a and w and SequenceMatcher(None, a, w).ratio() >= _ALIKE for a in answers for w in wishes)


def _plain(text: str) -> str:
    out = re.sub(r"\(.*?(\)|$)", " ", text)
    return re.sub(r"[^a-z0-9]+", " ", fold(out)).replace(" ma ", " ").removesuffix(" ma").strip()
