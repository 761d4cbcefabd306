"""What is known about a proposed value besides the engine's own score, as numbers by name.

No engine is named here: each reading's engine becomes a clue of its own (``engine:...``), found in the data.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

from formscan.model.reading import CheckedField, FieldState, FieldValue, Reading, Severity
from formscan.model.record import DraftPage
from formscan.model.template import CODED, FieldKind, FieldSpec, ValueType

ENGINE: Final = "engine"
"""Clues that begin so belong to one engine and are 0 for all others."""
PROVEN_RESIDUAL_MM: Final = 1.0
"""A field lies where it should when printed structure near it is off by no more than this."""
_UNPROVEN_MM: Final = 3.0
_SURE: Final = 1e-4
_UNKNOWN: Final = frozenset(
    {"catalogue.unknown", "icd.unknown", "insurance.kind_unknown", "name.family_doubtful"}
)
"""Flags of a value that is not in its list."""
_SYLLABLE: Final = re.compile(
    r"(ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
    r"(uyê|iêu|yêu|oai|oay|oao|oeo|uay|uây|uôi|ươi|ươu|uya|uyu|iê|yê|uô|ươ|oa|oă|oe|uâ|uê|uy|uơ|ia|ya|ua|ưa|"
    r"ai|ao|au|ay|âu|ây|eo|êu|iu|oi|ôi|ơi|ui|ưi|ưu|[aăâeêioôơuưy])"
    r"(ng|nh|ch|[cmnpt])?"
)
"""Initial, rhyme and final of a Vietnamese syllable without its tone (Doan Thien Thuat 1977)."""
_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")


def kind_of(spec: FieldSpec, value: FieldValue) -> str:
    """The kind a proposal is judged by: how it is written, and apart from that whether it is blank."""
    written = "number" if spec.type in CODED else "text"
    name = written if spec.kind is FieldKind.TEXT else spec.kind.value
    return f"{name}.{value.state.value}" if value.state is not FieldState.VALUE else name


def put_forward(field: CheckedField) -> Reading | None:
    """The reading a proposal comes from: the surest of those that stand behind something."""
    sure = [reading for reading in field.readings if reading.state is not FieldState.UNVERIFIED]
    return max(sure, key=lambda reading: reading.confidence, default=None)


def engine_of(reading: Reading) -> str:
    """Engine with its weights, as a fit's card lists them."""
    return f"{reading.engine} {reading.model}".strip()


def agreeing(field: CheckedField) -> tuple[Reading, ...]:
    """Readings of other engines that say the same as the one put forward: independent second opinions."""
    first = put_forward(field)
    if first is None:
        return ()
    others = {engine_of(r): r for r in field.readings if engine_of(r) != engine_of(first) and _same(first, r)}
    return tuple(others.values())


def barred(spec: FieldSpec, field: CheckedField) -> str:
    """Why a proposal is for a person whatever its probability; empty where it is not.

    A broken rule, a doubt, a place that is not proven, and a critical field without a second reading.
    """
    if field.value.state is FieldState.UNVERIFIED:
        return "unverified"
    if any(flag.severity is not Severity.INFO for flag in field.flags):
        return "flagged"
    if not field.residual_mm <= PROVEN_RESIDUAL_MM:
        return "place"
    return "critical" if spec.critical and len(set(field.supporters)) < 2 else ""


def clues_of(
    spec: FieldSpec, field: CheckedField, page: DraftPage, history: Mapping[str, float], form_id: str
) -> dict[str, float]:
    """All clues about one proposed field.

    Args:
        spec: The field on the form.
        field: As read and checked.
        page: The page it is on.
        history: Log odds by ``form/field``, see ``Calibration.history``.
        form_id: Of the form.

    Returns:
        Finite numbers by name; empty where nothing is put forward.
    """
    first = put_forward(field)
    if first is None or field.value.state is FieldState.UNVERIFIED:
        return {}
    found = _of_reading(first) | _of_text(spec, field) | _of_place(field, page)
    agreed = agreeing(field)
    contradicted = any(flag.code == "readers.disagree" for flag in field.flags)
    found["second.agrees"] = float(bool(agreed))
    found["second.score"] = max((log_odds(reading.confidence) for reading in agreed), default=0.0)
    found["second.differs"] = float(contradicted)
    found["history"] = history.get(f"{form_id}/{spec.id}", 0.0)
    return found


def log_odds(probability: float) -> float:
    """ln(p / (1 - p)), within +-9.2."""
    kept = min(max(probability, _SURE), 1 - _SURE)
    return math.log(kept / (1 - kept))


def _of_reading(reading: Reading) -> dict[str, float]:
    rival = max((other.confidence for other in reading.alternatives), default=0.0)
    cells = [cell.confidence for cell in reading.cells if cell.state is not FieldState.BLANK]
    score = log_odds(reading.confidence)
    told = reading.words  # where the reader tells words from each other: else these clues count for nothing
    words = {"worst_word": log_odds(min(told)), "all_words": log_odds(math.prod(told))} if told else {}
    return words | {
        "score": score,
        "rival": log_odds(rival),
        "rivals": float(len(reading.alternatives)),
        "worst_cell": log_odds(min(cells)) if cells else score,
        f"{ENGINE}:{reading.engine}": 1.0,
        f"{ENGINE} score:{reading.engine}": score,
    }


def _of_text(spec: FieldSpec, field: CheckedField) -> dict[str, float]:
    text = field.value.text
    own = [flag for flag in field.flags if not flag.code.startswith(("readers.", "registration."))]
    words = re.findall(r"\w+", text)
    letters = sum(letter.isalpha() for letter in text)
    odd = sum(not (letter.isalnum() or letter in " ,./-:%()") for letter in text)
    return {
        "well_formed": float(bool(field.value.normalised)),
        "rules_broken": float(sum(flag.severity is not Severity.INFO for flag in own)),
        "listed": float(not any(flag.code in _UNKNOWN for flag in own)),
        "syllables": _share([w for w in words if w.isalpha()], is_syllable),
        "mixed_words": float(sum(any(c.isdigit() for c in w) and any(c.isalpha() for c in w) for w in words)),
        "odd_signs": float(odd),
        "length": math.log1p(len(text)),
        "words": math.log1p(len(words)),
        "short_words": float(sum(len(w) == 1 for w in words)),
        "letters": letters / len(text) if text else 0.0,
        "free_text": float(spec.type is ValueType.TEXT),
        "name": float(spec.type is ValueType.PERSON_NAME),
        "cells": math.log1p(len(spec.cells)),
    }


def _of_place(field: CheckedField, page: DraftPage) -> dict[str, float]:
    seen = dict(field.measures)
    near = field.residual_mm if math.isfinite(field.residual_mm) else _UNPROVEN_MM
    clues = {
        "residual_mm": min(near, _UNPROVEN_MM),
        "page_residual_mm": min(page.residual_mm, _UNPROVEN_MM),
        "page_score": page.score,
        "dpi": page.dpi / 300,
        "skew_deg": abs(page.skew_deg),
    }
    if seen:
        clues |= {
            "ink_share": math.log(seen.get("ink_share", 0.0) + 0.002),
            "ink_depth": seen.get("ink_depth", 0.0),
            "paper_noise": math.log(seen.get("paper_noise", 0.0) + 0.001),
        }
    return clues


def is_syllable(word: str) -> bool:
    """Whether a word has the shape of one Vietnamese syllable; tones are not looked at."""
    apart = unicodedata.normalize("NFD", word.casefold())
    bare = unicodedata.normalize("NFC", "".join(letter for letter in apart if letter not in _TONES))
    return _SYLLABLE.fullmatch(bare) is not None


def _share(words: list[str], holds: Callable[[str], bool]) -> float:
    return sum(holds(word) for word in words) / len(words) if words else 1.0


def _same(one: Reading, other: Reading) -> bool:
    return one.state is other.state and "".join(one.text.split()) == "".join(other.text.split())
