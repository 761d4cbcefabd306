"""What stands in a field: an answer for any field of any form, true to one invented stay.

Fields are told by their id and their Vietnamese label; what is not told gets an answer of its type.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np

from formscan.bench.people import DEPARTMENTS, PHRASES, Stay
from formscan.model.template import FieldKind, FieldSpec, ValueType

RARE: Final = re.compile(r"death|autops|mortem|tử vong|tử thi|tai biến|biến chứng|complication|giải phẫu")
_FILLED: Final = {
    FieldKind.TEXT: 0.75,
    FieldKind.COMB: 0.8,
    FieldKind.CHOICE: 0.85,
    FieldKind.MARK: 0.3,
    FieldKind.SIGNATURE: 0.7,
    FieldKind.DRAWING: 0.0,
    FieldKind.CODE: 0.0,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What to write.

    Attributes:
        text: For text and combs; paragraphs for tall cells.
        parts: Cell name -> text, for fields split by printed words.
        chosen: Values of choices to mark.
        normalised: Machine form where it is fixed.
    """

    text: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    chosen: tuple[str, ...] = ()
    normalised: str = ""


def answer(spec: FieldSpec, stay: Stay, number: int) -> Answer | None:
    """The answer for a field of the ``number``-th document; None where it stays blank."""
    told = f"{spec.id} {spec.label_vi}".lower()
    rng = np.random.default_rng([number, *spec.id.encode()])
    share = 0.06 if RARE.search(told) else 0.1 if "nationality" in told else _FILLED[spec.kind]
    if not spec.required and rng.random() >= share:
        return None
    if spec.type is ValueType.CHOICE:
        return _choice(spec, stay, told, rng)
    if spec.kind in {FieldKind.MARK, FieldKind.SIGNATURE, FieldKind.DRAWING}:
        return Answer("present" if spec.kind is not FieldKind.MARK else "true")
    if spec.type in {ValueType.DATE, ValueType.DATETIME, ValueType.TIME}:
        return _moment(spec, _when(told, stay, rng))
    return _by_type(spec, stay, told, rng)


def _choice(spec: FieldSpec, stay: Stay, told: str, rng: np.random.Generator) -> Answer:
    values = [choice.value for choice in spec.choices]
    if re.search(r"\bsex\b|gender|giới", told):
        wanted = "nam" if stay.patient.sex == "nam" else "nữ"
        fitting = [c.value for c in spec.choices if wanted in c.label_vi.lower()]
        chosen = fitting[:1] or values[:1]
    else:
        count = 2 if spec.multiple and len(values) > 2 and rng.random() < 0.4 else 1
        places = sorted(rng.choice(len(values), count, replace=False))
        chosen = [values[int(place)] for place in places]
    return Answer(";".join(chosen), chosen=tuple(chosen), normalised=";".join(chosen))


_MOMENTS: Final[tuple[tuple[str, Callable[[Stay], date]], ...]] = (
    (r"birth|sinh ngày|ngày sinh", lambda s: s.patient.born),
    (r"insur|bhyt", lambda s: s.insured_until),
    (r"^stay\.1", lambda s: s.to_ward),
    (r"^stay\.2", lambda s: s.transferred),
    (r"^stay\.", lambda s: s.transferred + timedelta(hours=9)),
    (r"^(discharg|summary|death|treatment\.to)|ra viện|đến ngày", lambda s: s.discharged),
    (r"^(admission|treatment\.from)|vào viện|đến khám|từ ngày", lambda s: s.admitted),
)


def _when(told: str, stay: Stay, rng: np.random.Generator) -> date:
    for pattern, take in _MOMENTS:
        if re.search(pattern, told):
            return take(stay)
    return stay.to_ward + timedelta(hours=int(rng.integers(1, 100)))


def _moment(spec: FieldSpec, when: date) -> Answer:
    """A date and time, split as the cells are, or as one text."""
    at = when if isinstance(when, datetime) else None
    named = {
        "hour": f"{at.hour:02d}" if at else "08",
        "minute": f"{at.minute:02d}" if at else "00",
        "day": f"{when.day:02d}",
        "month": f"{when.month:02d}",
        "year": str(when.year),
    }
    time = f"{named['hour']}:{named['minute']}"
    normalised = {
        ValueType.DATE: when.strftime("%Y-%m-%d"),
        ValueType.TIME: time,
        ValueType.DATETIME: f"{when.strftime('%Y-%m-%d')}T{time}",
    }[spec.type]
    parts = tuple((cell.name, named[cell.name]) for cell in spec.cells if cell.name in named)
    if spec.kind is FieldKind.TEXT and len(parts) == len(spec.cells):
        return Answer("|".join(text for _, text in parts), parts, normalised=normalised)
    day = f"{named['day']}/{named['month']}/{named['year']}"
    text = {ValueType.DATE: day, ValueType.TIME: time, ValueType.DATETIME: f"{time} {day}"}[spec.type]
    if spec.kind is FieldKind.COMB:
        digits = re.sub(r"\D", "", text)
        short = len(spec.cells) < len(digits)
        text = digits[:4] + digits[6:] if short and spec.type is ValueType.DATE else digits
    return Answer(text, normalised=normalised)


def _by_type(spec: FieldSpec, stay: Stay, told: str, rng: np.random.Generator) -> Answer:
    patient = stay.patient
    fixed = {ValueType.CITIZEN_ID: patient.citizen_id, ValueType.PHONE: patient.phone}
    if spec.type in fixed:
        return Answer(fixed[spec.type], normalised=fixed[spec.type])
    if spec.type is ValueType.INSURANCE_NUMBER:
        return _card(spec, patient.insurance)
    if spec.type is ValueType.ICD10:
        return _icd(spec, stay, told)
    if spec.type is ValueType.BLOOD_PRESSURE:
        return _pressure(spec, stay)
    if spec.type in {ValueType.INTEGER, ValueType.DECIMAL}:
        return _number(spec, stay, told, rng)
    if spec.type is ValueType.CATALOGUE or spec.catalogue:
        return _catalogue(spec, stay, told)
    return _plain(spec, stay, told, rng)


def _plain(spec: FieldSpec, stay: Stay, told: str, rng: np.random.Generator) -> Answer:
    """Words, or short runs of digits where a number is split by printed strokes."""
    words = _words(spec, stay, told, rng)
    if re.search(r"part\d", " ".join(cell.name for cell in spec.cells)):
        runs = [str(rng.integers(10 ** (k + 1), 10 ** (k + 2)))[: k + 2] for k in range(len(spec.cells))]
        return Answer("|".join(runs), tuple((c.name, r) for c, r in zip(spec.cells, runs, strict=True)))
    return Answer(words)


def _card(spec: FieldSpec, number: str) -> Answer:
    """An insurance number: whole, its last ten digits, or dealt to a few boxes."""
    if len(spec.cells) == 1 or len(spec.cells) >= 10:
        whole = number[5:] if len(spec.cells) == 10 else number
        return Answer(whole, normalised=whole)
    sizes = [2, 1, 2]
    left = len(spec.cells) - len(sizes)
    sizes += [10 // left + (1 if k < 10 % left else 0) for k in range(left)]
    ends = np.cumsum(sizes)
    runs = [number[end - size : end] for end, size in zip(ends, sizes, strict=True)]
    named = tuple((cell.name, run) for cell, run in zip(spec.cells, runs, strict=True))
    return Answer("|".join(runs), named, normalised=number)


def _pressure(spec: FieldSpec, stay: Stay) -> Answer:
    parts = (("systolic", str(stay.systolic)), ("diastolic", str(stay.diastolic)))
    if len(spec.cells) == 2:
        return Answer("|".join(v for _, v in parts), parts)
    return Answer(f"{stay.systolic}/{stay.diastolic}")


def _icd(spec: FieldSpec, stay: Stay, told: str) -> Answer:
    code = _diagnosis(stay, told)[0]
    written = code.replace(".", "") if spec.kind is FieldKind.COMB else code
    return Answer(written, normalised=code)


def _diagnosis(stay: Stay, told: str) -> tuple[str, str]:
    """Which of the stay's diagnoses a field is about, so that code and title agree."""
    order = (
        r"chuyển đến|refer",
        r"kkb|cấp cứu|emerg|khám bệnh",
        r"vào khoa|ward|admi",
        r"kèm|second|comorbid",
    )
    for place, pattern in enumerate(order):
        if re.search(pattern, told):
            return stay.codes[place]
    return stay.codes[5] if re.search(r"death|tử", told) else stay.codes[4]


def _number(spec: FieldSpec, stay: Stay, told: str, rng: np.random.Generator) -> Answer:
    known = (
        (r"tuổi|\bage\b", stay.admitted.year - stay.patient.born.year),
        (r"mạch|pulse|heart", stay.pulse),
        (r"nhiệt|temperature", stay.temperature),
        (r"nhịp thở|respir|breath", stay.breaths),
        (r"cân nặng|weight", stay.weight),
        (r"chiều cao|height", stay.height),
        (r"total_days", stay.days),
        (r"sheet\.number", 1),
    )
    value: float = next((v for pattern, v in known if re.search(pattern, told)), int(rng.integers(1, 9)))
    text = f"{value:.1f}".replace(".", ",") if spec.type is ValueType.DECIMAL else str(int(value))
    if spec.kind is FieldKind.COMB:
        text = re.sub(r"\D", "", text).zfill(len(spec.cells))[-len(spec.cells) :]
    return Answer(text, normalised=text.replace(",", "."))


def _catalogue(spec: FieldSpec, stay: Stay, told: str) -> Answer:
    p = stay.patient
    pairs = {
        "ethnic": (p.ethnic_code, p.ethnic),
        "occupation": (p.occupation_code, p.occupation),
        "province": (p.province_code, p.province),
        "icd10": _diagnosis(stay, told),
    }
    code, name = pairs.get(spec.catalogue or "", (p.district_code, p.district))
    if spec.kind is FieldKind.COMB:
        written = code.replace(".", "")[: len(spec.cells)]
        return Answer(written, normalised=code)
    return Answer(name)


_WORDS: Final[tuple[tuple[str, Callable[[Stay], str]], ...]] = (
    (r"^relative|người nhà|thân nhân", lambda s: s.patient.relative + ", " + s.patient.ward),
    (r"^signature|bác s[ỹĩ]|giám đốc|trưởng khoa|người giao|người nhận", lambda s: s.doctor),
    (r"^patient\.name|họ và tên|họ tên", lambda s: s.patient.name.upper()),
    (r"department_of_health", lambda s: re.sub("^(Tỉnh|Thành phố) ", "", s.patient.province)),
    (r"^(facility|stay(\.\d)?)\.department", lambda s: s.department),
    (r"^facility|bệnh viện|hospital|cơ sở", lambda s: s.hospital),
    (r"\.room|phòng$", lambda s: s.room),
    (r"\.bed|giường$", lambda s: s.bed),
    (r"archive", lambda s: s.storage_no),
    (r"^record|patient\.code|_number", lambda s: s.record_no),
    (r"ethnicity|dân tộc", lambda s: s.patient.ethnic),
    (r"occupation|nghề nghiệp", lambda s: s.patient.occupation),
    (r"nationality|ngoại kiều", lambda _: "Lào"),
    (r"address\.house|số nhà", lambda s: s.patient.house),
    (r"address\.street|thôn", lambda s: s.patient.street),
    (r"address\.ward|xã, phường", lambda s: s.patient.ward),
    (r"address\.district_code", lambda s: s.patient.district_code),
    (r"address\.district|huyện", lambda s: s.patient.district),
    (r"address\.province|tỉnh", lambda s: s.patient.province),
    (r"workplace|nơi làm việc", lambda s: s.patient.workplace),
    (r"^complaint|lý do", lambda s: s.complaint),
    (r"allergen", lambda _: "Penicillin"),
    (r"^(diagnosis|death|autopsy)|chẩn đoán", lambda s: ""),
)


def _words(spec: FieldSpec, stay: Stay, told: str, rng: np.random.Generator) -> str:
    for pattern, take in _WORDS:
        if re.search(pattern, told):
            return take(stay) or _diagnosis(stay, told)[1]
    if spec.id.startswith("transfer"):
        return str(rng.choice(DEPARTMENTS))
    count = max(1, min(6, len(spec.cells) + int(spec.area.height // 60)))
    return ". ".join(str(p) for p in rng.choice(PHRASES, count, replace=False))
