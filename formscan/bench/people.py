"""Invented patients whose data agree with each other: names, numbers, dates, addresses, diagnoses.

Names, places and codes come from the lexicons of the development data; nobody of them exists.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from formscan.paths import resources_dir

INSURED: Final = ("DN", "HX", "CH", "TK", "HC", "HT", "BT", "CN", "HN", "DT", "TE", "GD", "HS", "SV")
WORKPLACES: Final = (
    "Công ty May Việt Tiến",
    "Trường THCS Lê Lợi",
    "Ủy ban nhân dân phường",
    "Hợp tác xã Tân Thành",
    "Ở nhà",
    "Làm ruộng",
    "Nhà máy giấy Bãi Bằng",
    "Tự do",
)
DEPARTMENTS: Final = (
    "Nội tổng hợp",
    "Nội tim mạch",
    "Nội tiêu hóa",
    "Nội thận",
    "Hô hấp",
    "Nội tiết",
    "Lão khoa",
)
COMPLAINTS: Final = (
    "Đau thượng vị, buồn nôn",
    "Sốt cao, ho có đờm",
    "Khó thở khi gắng sức",
    "Đau ngực trái từng cơn",
    "Phù hai chân, tiểu ít",
    "Chóng mặt, đau đầu",
    "Đau khớp gối hai bên",
    "Ăn uống kém, sụt cân",
)
PHRASES: Final = (
    "Bệnh nhân tỉnh, tiếp xúc tốt",
    "Da niêm mạc hồng",
    "Không phù, không xuất huyết dưới da",
    "Hạch ngoại vi không sờ thấy",
    "Tim đều, T1 T2 rõ",
    "Phổi thông khí đều, không rale",
    "Bụng mềm, không chướng",
    "Gan lách không to",
    "Không có dấu hiệu thần kinh khu trú",
    "Ăn uống được, ngủ được",
    "Đại tiểu tiện bình thường",
    "Tiền sử tăng huyết áp 5 năm",
    "Chưa ghi nhận dị ứng thuốc",
    "Điều trị nội khoa, theo dõi sát",
    "Kháng sinh, giảm đau, bù dịch",
    "Bệnh đỡ, cho ra viện",
    "Tái khám sau 2 tuần",
    "Nghỉ ngơi, ăn nhạt, uống thuốc theo đơn",
    "Công thức máu, sinh hóa máu, X-quang phổi",
    "Siêu âm bụng, điện tim",
)


@dataclass(frozen=True, slots=True)
class Patient:
    """Who came; every number agrees with every other."""

    name: str
    sex: str
    born: date
    citizen_id: str
    insurance: str
    phone: str
    house: str
    street: str
    ward: str
    district: str
    district_code: str
    province: str
    province_code: str
    ethnic: str
    ethnic_code: str
    occupation: str
    occupation_code: str
    workplace: str
    relative: str


@dataclass(frozen=True, slots=True)
class Stay:
    """What happened, in the right order of time."""

    patient: Patient
    admitted: datetime
    to_ward: datetime
    transferred: datetime
    discharged: datetime
    insured_until: date
    days: int
    department: str
    bed: str
    room: str
    complaint: str
    codes: tuple[tuple[str, str], ...]
    pulse: int
    temperature: float
    systolic: int
    diastolic: int
    breaths: int
    weight: float
    height: int
    doctor: str
    record_no: str
    storage_no: str
    hospital: str


class People:
    """A seeded source of stays.

    Args:
        data: The development data; ``lexicons`` is read.
    """

    def __init__(self, data: Path) -> None:
        self._lexicons = data / "lexicons"

    def stay(self, number: int) -> Stay:
        """The ``number``-th patient and stay; always the same one."""
        rng = np.random.default_rng([20260101, number])
        patient = self._patient(rng)
        admitted = datetime(2024, 1, 1) + timedelta(minutes=int(rng.integers(0, 900 * 24 * 60)))  # noqa: DTZ001
        to_ward = admitted + timedelta(minutes=int(rng.integers(20, 600)))
        transferred = to_ward + timedelta(hours=int(rng.integers(10, 70)))
        discharged = transferred + timedelta(hours=int(rng.integers(20, 300)))
        systolic = int(rng.integers(95, 175))
        return Stay(
            patient=patient,
            admitted=admitted,
            to_ward=to_ward,
            transferred=transferred,
            discharged=discharged,
            insured_until=date(admitted.year, 12, 31),
            days=(discharged.date() - admitted.date()).days + 1,
            department=_pick(rng, DEPARTMENTS),
            bed=str(rng.integers(1, 40)),
            room=str(rng.integers(101, 420)),
            complaint=_pick(rng, COMPLAINTS),
            codes=tuple(_pick(rng, _diagnoses(self._lexicons)) for _ in range(6)),
            pulse=int(rng.integers(58, 118)),
            temperature=round(float(rng.uniform(36.2, 39.6)), 1),
            systolic=systolic,
            diastolic=int(systolic * rng.uniform(0.55, 0.7)),
            breaths=int(rng.integers(15, 28)),
            weight=round(float(rng.uniform(38, 82)), 1),
            height=int(rng.integers(145, 182)),
            doctor=self._name(rng, str(rng.choice(["nam", "nu"]))),
            record_no=f"{rng.integers(1000, 99999)}",
            storage_no=f"{str(admitted.year)[2:]}.{rng.integers(10000, 99999):06d}",
            hospital="Đa khoa "
            + _pick(rng, ("tỉnh Hòa Bình", "Vạn Phúc", "khu vực 2", "Thành Nam", "Đông Hải")),
        )

    def _patient(self, rng: np.random.Generator) -> Patient:
        sex = "nam" if rng.random() < 0.5 else "nu"
        born = date(1934, 1, 1) + timedelta(days=int(rng.integers(0, 72 * 365)))
        row = _pick(rng, _places(self._lexicons))
        ethnic_code, ethnic = _pick(rng, _codes("ethnic")[:54]) if rng.random() < 0.3 else ("01", "Kinh")
        occupation_code, occupation = _occupation(rng, 2025 - born.year)
        century = (0 if born.year < 2000 else 2) + (sex == "nu")
        return Patient(
            name=self._name(rng, sex),
            sex=sex,
            born=born,
            citizen_id=f"0{row[0]}{century}{born.year % 100:02d}{rng.integers(1, 10**6):06d}",
            insurance=f"{_pick(rng, INSURED)}{rng.integers(1, 6)}{row[0]}{rng.integers(10**9, 10**10)}",
            phone=f"0{_pick(rng, ('3', '5', '7', '8', '9'))}{rng.integers(10**7, 10**8)}",
            house=str(rng.integers(1, 320)),
            street=_pick(rng, ("Thôn ", "Tổ ", "Khu phố ", "Ấp ")) + str(rng.integers(1, 15)),
            ward=row[5],
            district=row[3],
            district_code=row[2][-2:],
            province=row[1],
            province_code=row[0],
            ethnic=ethnic,
            ethnic_code=ethnic_code,
            occupation=occupation,
            occupation_code=occupation_code,
            workplace=_pick(rng, WORKPLACES),
            relative=self._name(rng, str(rng.choice(["nam", "nu"]))),
        )

    def _name(self, rng: np.random.Generator, sex: str) -> str:
        family = _weighted(rng, _counts(self._lexicons / "names_family.tsv", 60))
        given = _weighted(rng, _counts(self._lexicons / "names_given.tsv", 150))
        middle = _weighted(rng, _counts(self._lexicons / "names_middle.tsv", 60))
        if rng.random() < 0.5:
            middle = "Văn" if sex == "nam" else "Thị"
        return unicodedata.normalize("NFC", f"{family} {middle} {given}")


def _pick(rng: np.random.Generator, options: Any) -> Any:
    return options[int(rng.integers(len(options)))]


def _occupation(rng: np.random.Generator, age: int) -> tuple[str, str]:
    """One of the form's occupations that fits the age."""
    listed = _codes("occupation")
    place = 1 if age < 22 else 2 if age > 60 else int(rng.integers(3, 10))
    return listed[place]


def _weighted(rng: np.random.Generator, counted: tuple[tuple[str, int], ...]) -> str:
    weights = np.array([count for _, count in counted], dtype=np.float64)
    return counted[int(rng.choice(len(counted), p=weights / weights.sum()))][0]


@lru_cache(maxsize=8)
def _counts(path: Path, most: int) -> tuple[tuple[str, int], ...]:
    rows = [row.split("\t") for row in path.read_text("utf-8").splitlines() if row.count("\t") == 1]
    plain = [(name, int(count)) for name, count in rows if name.isalpha() and name.istitle()]
    return tuple(plain[:most])


@lru_cache(maxsize=2)
def _places(folder: Path) -> tuple[tuple[str, ...], ...]:
    rows = (folder / "admin_2024_legacy.tsv").read_text("utf-8").splitlines()
    return tuple(tuple(row.split("\t")) for row in rows[::7] if row.count("\t") == 5)


@lru_cache(maxsize=2)
def _diagnoses(folder: Path) -> tuple[tuple[str, str], ...]:
    """Four-character codes of internal medicine with short Vietnamese titles."""
    found = []
    for row in (folder / "icd10_vi.tsv").read_text("utf-8").splitlines():
        parts = row.split("\t")
        if len(parts) >= 3 and parts[0][:1] in "AEIJKMN" and len(parts[0]) == 5 and parts[0][3] == ".":
            title = parts[2].strip()
            if (
                parts[0][1:3].isdigit()
                and parts[0][4].isdigit()
                and 8 <= len(title) <= 42
                and "[" not in title
            ):
                found.append((parts[0], unicodedata.normalize("NFC", title)))
    return tuple(found)


@lru_cache(maxsize=4)
def _codes(word: str) -> tuple[tuple[str, str], ...]:
    """A code list that ships with the program, as (code, name)."""
    rows = (resources_dir() / "lexicons" / f"{word}.tsv").read_text("utf-8").splitlines()
    pairs = [row.split("\t") for row in rows]
    return tuple((pair[0], pair[1]) for pair in pairs if len(pair) >= 2)
