"""What a label says about its field: type, unit and id.

Words are compared without accents, as a scan's Tesseract may lose one. First the meanings known on Vietnamese
hospital forms (Circular 32/2023/TT-BYT), then single words, then the kind of place.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from formscan.designer.fold import fold, slug
from formscan.designer.line_places import ROLES
from formscan.designer.proposed import Place, PlaceKind
from formscan.model.template import ValueType


@dataclass(frozen=True, slots=True)
class Meaning:
    """Id (not yet unique), type and unit proposed for a label, and how sure (0..1)."""

    id: str
    type: ValueType
    unit: str | None
    sure: float


_KNOWN: Final[tuple[tuple[str, str, ValueType], ...]] = tuple(
    (pattern, name, ValueType(kind))
    for pattern, name, kind in (
        (r"^so y te", "facility.department_of_health", "text"),
        (r"^(benh vien|bv|co so k)", "facility.name", "text"),
        (r"^khoa$", "facility.department", "text"),
        (r"^buong|^phong$", "stay.room", "text"),
        (r"^giuong", "stay.bed", "text"),
        (r"^so luu tru", "record.archive_number", "text"),
        (r"^so vao vien", "record.admission_number", "text"),
        (r"^so ngoai tru", "record.outpatient_number", "text"),
        (r"^ma y ?t", "record.medical_code", "text"),
        (r"^ma (so )?(nguoi benh|benh nhan)", "patient.code", "text"),
        (r"^to so", "sheet.number", "integer"),
        (r"^ho.{0,6}(ten|dia chi).*(nguoi nha|than nhan|bao tin)", "relative.name_address", "text"),
        (r"^ho.{0,4}ten (bo|cha)", "father.name", "person_name"),
        (r"^ho.{0,4}ten me", "mother.name", "person_name"),
        (r"^ho.{0,4}ten.*(in hoa|nguoi benh|benh nhan)", "patient.name", "person_name"),
        (r"^sinh ngay|^ngay.{0,12}sinh", "patient.birth_date", "date"),
        (r"^tuoi", "patient.age", "integer"),
        (r"^gioi( tinh)?$", "patient.sex", "choice"),
        (r"nghe nghiep", "patient.occupation", "text"),
        (r"^dan toc", "patient.ethnicity", "text"),
        (r"^(ngoai kieu|quoc tich)", "patient.nationality", "text"),
        (r"so nha$", "patient.address.house", "text"),
        (r"^thon", "patient.address.street", "text"),
        (r"^xa\b", "patient.address.ward", "text"),
        (r"^huyen", "patient.address.district", "text"),
        (r"^tinh( |,|/)*(thanh|tp)|^tinh$", "patient.address.province", "text"),
        (r"^noi lam viec", "patient.workplace", "text"),
        (r"^doi tuong", "payer.kind", "choice"),
        (r"can cuoc|cccd|cmnd|dinh danh|ho chieu", "patient.citizen_id", "citizen_id"),
        (r"(bhyt|bao hiem).*(ngay|gia tri)|^co gia tri", "insurance.valid_to", "date"),
        (r"so the( bhyt)?|^the bhyt", "insurance.number", "insurance_number"),
        (r"dien thoai|^sdt|^dt so", "relative.phone", "phone"),
        (r"^vao vien$|^den kham", "admission.at", "datetime"),
        (r"^truc tiep vao", "admission.via", "choice"),
        (r"^noi gioi thieu", "admission.referral", "choice"),
        (r"lan thu", "admission.times", "integer"),
        (r"^chuyen vien", "transfer.kind", "choice"),
        (r"^chuyen den", "transfer.to", "text"),
        (r"^ra vien$", "discharge.at", "datetime"),
        (r"^tong so ngay", "stay.total_days", "integer"),
        (r"^noi chuyen den", "diagnosis.referral", "text"),
        (r"^kkb", "diagnosis.emergency", "text"),
        (r"^khi vao khoa", "diagnosis.admission", "text"),
        (r"^benh chinh", "diagnosis.main", "text"),
        (r"^benh kem", "diagnosis.secondary", "text"),
        (r"^phan biet", "diagnosis.differential", "text"),
        (r"^thu thuat$", "treatment.procedure", "boolean"),
        (r"^phau thuat$", "treatment.surgery", "boolean"),
        (r"^tai bien$", "treatment.accident", "boolean"),
        (r"^bien chung$", "treatment.complication", "boolean"),
        (r"^ket qua dieu tri", "outcome", "choice"),
        (r"^giai phau benh", "pathology", "choice"),
        (r"^nguyen nhan.*tu vong", "death.main_cause", "text"),
        (r"^kham nghiem tu thi", "autopsy.done", "boolean"),
        (r"^tinh hinh tu vong", "death.at", "datetime"),
        (r"^ly do (vao|kham)", "complaint.reason", "text"),
        (r"^vao ngay thu", "complaint.day_of_illness", "integer"),
        (r"^qua trinh benh ly.*lam sang", "summary.course", "text"),
        (r"^qua trinh benh ly", "history.present", "text"),
        (r"^ban than", "history.personal", "text"),
        (r"^gia dinh", "history.family", "text"),
        (r"^toan than", "exam.general", "text"),
        (r"^mach\b", "vital.pulse", "integer"),
        (r"^nhiet do", "vital.temperature", "decimal"),
        (r"^huyet ap|^ha$", "vital.blood_pressure", "blood_pressure"),
        (r"^nhip tho", "vital.respiratory_rate", "integer"),
        (r"^can nang|^trong luong", "vital.weight", "decimal"),
        (r"^chieu cao", "vital.height", "decimal"),
        (r"^vong dau", "vital.head_circumference", "decimal"),
        (r"^tien luong", "prognosis", "text"),
        (r"^huong dieu tri va", "summary.followup", "text"),
        (r"^huong dieu tri", "plan.treatment", "text"),
        (r"^phuong phap dieu tri", "summary.treatment", "text"),
        (r"^tinh trang nguoi benh ra vien", "summary.condition", "text"),
        (r"^tom tat ket qua", "summary.results", "text"),
        (r"^tom tat benh an", "exam.summary", "text"),
        (r"^ngay, thang, nam$", "signed_on", "date"),
    )
)
_WORDS: Final[tuple[tuple[str, ValueType], ...]] = tuple(
    (pattern, ValueType(kind))
    for pattern, kind in (
        (r"\bicd", "icd10"),
        (r"email|dia chi|address|ghi chu|note|mo ta", "text"),
        (r"dien thoai|phone|telephone|fax", "phone"),
        (r"ngay.{0,8}(gio|luc)|gio.{0,20}ngay|date and time", "datetime"),
        (r"\bdate\b|\bdob\b|tu ngay|den ngay|^ngay (thang|cap|sinh|pt|vao|ra|mo|lam)", "date"),
        (
            r"ho.{0,4}ten|\bname\b|^bac s[iy]\b.{0,40}$|^phau thuat vien|^nguoi (giao|nhan|lam|ghi)",
            "person_name",
        ),
        (
            r"so (to|luong|lan|ngay|thang|con)\b|\btuoi\b|tinh theo thang|lan thu|\bage\b|number of",
            "integer",
        ),
        (r"nhiet do|can nang|chieu cao|bmi|\bcm\b|\bkg\b", "decimal"),
    )
)
_UNITS: Final = re.compile(
    r"^[\s./…]*(lần\s*/\s*ph(?:út)?|l/ph|mmHg|°\s*C|o\s*C|0\s*C|độ C|kg|gram|gr|g|cm|mm|ml|lít|tháng|tuần)\b"
    r"|^[\s./…]*(%|°C)",
    re.IGNORECASE,
)
_CODED: Final = re.compile(r"\(ma\)|: ma$|\bma\b")
_CATALOGUES: Final = re.compile(r"nghe nghiep|dan toc|ngoai kieu|quoc tich|^tinh\b|^huyen|^xa\b|thanh pho")


def meaning_of(place: Place) -> Meaning:
    """Type, unit and id of a place by its label and kind."""
    plain = fold(place.label)
    known = next(((name, kind) for pattern, name, kind in _KNOWN if re.search(pattern, plain)), None)
    unit = _unit(place)
    kind, sure = _type(place, plain, known, unit)
    name = known[0] if known else slug(place.label) or place.kind.value
    if place.kind is PlaceKind.COMB and _CODED.search(plain):
        name = f"{name}.code"
    if place.kind is PlaceKind.SIGNATURE:
        name = f"signature.{slug(place.label)}"
    return Meaning(name if name[0].isalpha() else f"item_{name}", kind, unit, sure)


def _type(
    place: Place, plain: str, known: tuple[str, ValueType] | None, unit: str | None
) -> tuple[ValueType, float]:
    fixed = {
        PlaceKind.SIGNATURE: ValueType.PRESENCE,
        PlaceKind.DRAWING: ValueType.PRESENCE,
        PlaceKind.CHOICE: ValueType.CHOICE,
        PlaceKind.TICK: ValueType.BOOLEAN,
        PlaceKind.CODE: ValueType.TEXT,
    }
    if place.kind in fixed:
        return fixed[place.kind], 0.95
    named = {cell.name for cell in place.cells}
    if named & set(ROLES):
        timed = named & {"hour", "minute"} and named & {"day", "month", "year"}
        return (ValueType.DATETIME, 0.9) if timed else _date_or_time(named)
    if "systolic" in named:
        return ValueType.BLOOD_PRESSURE, 0.95
    if place.kind is PlaceKind.COMB:
        return _comb_type(place, plain, known)
    if known is not None:
        usual = known[1]
        if usual not in {ValueType.CHOICE, ValueType.BOOLEAN, ValueType.DATETIME}:
            return usual, 0.9
    if place.kind is PlaceKind.TEXT_AREA:
        return ValueType.TEXT, 0.85
    word = next((kind for pattern, kind in _WORDS if re.search(pattern, plain)), None)
    if word is not None:
        return word, 0.7
    return (ValueType.DECIMAL, 0.6) if unit and unit != "tháng" else (ValueType.TEXT, 0.6 if plain else 0.4)


def _date_or_time(named: Collection[str]) -> tuple[ValueType, float]:
    return (ValueType.DATE, 0.9) if set(named) & {"day", "month", "year"} else (ValueType.TIME, 0.8)


def _comb_type(place: Place, plain: str, known: tuple[str, ValueType] | None) -> tuple[ValueType, float]:
    """Combs hold numbers of answers, dates (2 + 2 + 4), codes of a list, ICD-10 or numbers."""
    if place.answers:
        return ValueType.CHOICE, 0.85
    count = len(place.cells)
    if count == 8 or place.groups in {(2, 2, 4), (2, 2, 2)}:
        return ValueType.DATE, 0.9
    if known is not None and known[1] in {
        ValueType.INSURANCE_NUMBER,
        ValueType.CITIZEN_ID,
        ValueType.PHONE,
        ValueType.INTEGER,
    }:
        return known[1], 0.9
    if count == 12:
        return ValueType.CITIZEN_ID, 0.7
    if count in {9, 10, 15}:
        return (ValueType.INSURANCE_NUMBER if count == 15 else ValueType.PHONE), 0.5
    if _CATALOGUES.search(plain):
        return ValueType.CATALOGUE, 0.85
    if 3 <= count <= 7 and _CODED.search(plain):
        return ValueType.ICD10, 0.8
    return ValueType.INTEGER, 0.6


def _unit(place: Place) -> str | None:
    found = _UNITS.match(place.after)
    if found:
        text = re.sub(r"\s+", "", found.group(1) or found.group(2))
        return {"oC": "°C", "0C": "°C", "độC": "°C"}.get(text, text)
    inside = re.search(r"\((?:tính theo )?(kg|cm|mmHg|°C|tháng|lần/ph(?:út)?)\)", place.label)
    return inside.group(1) if inside else None
