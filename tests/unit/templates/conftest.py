"""A small sound form to plant faults in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

SMALL = """\
id = "99-X"
version = "1.0"
code = "99/X"
title = { vi = "PHIẾU THỬ", en = "Trial sheet" }
edition = "none"
source = "tests"

[[sections]]
id = "all"
label = { vi = "Tất cả", en = "All" }

[[fields]]
id = "patient.name"
page = 1
section = "all"
kind = "text"
type = "person_name"
label = { vi = "Họ và tên", en = "Full name" }
cells = [[60, 10, 180, 25]]
critical = true

[[fields]]
id = "patient.birth_date"
page = 1
section = "all"
kind = "comb"
type = "date"
label = { vi = "Sinh ngày", en = "Date of birth" }
cells = [
  [20, 40, 30, 50],
  [30, 40, 40, 50],
  [40, 40, 50, 50],
  [50, 40, 60, 50],
  [60, 40, 70, 50],
  [70, 40, 80, 50],
]
groups = [2, 2, 2]
rules = ["age_matches_birth_date"]

[[fields]]
id = "patient.sex"
page = 1
section = "all"
kind = "choice"
type = "choice"
label = { vi = "Giới", en = "Sex" }
cells = [
  [20, 60, 30, 70, "male"],
  [40, 60, 50, 70, "female"],
]
choices = [
  { value = "male", label = { vi = "Nam", en = "Male" }, code = "1" },
  { value = "female", label = { vi = "Nữ", en = "Female" } },
]

[[fields]]
id = "vital.blood_pressure"
page = 1
section = "all"
kind = "text"
type = "blood_pressure"
label = { vi = "Huyết áp", en = "Blood pressure" }
unit = "mmHg"
cells = [
  [100, 60, 120, 72, "systolic"],
  [125, 60, 145, 72, "diastolic"],
]
fhir = { target = "Observation", code = "85354-9", system = "http://loinc.org", unit = "mm[Hg]" }

[[tables]]
id = "notes"
page = 1
section = "all"
after = "patient.sex"
rows = [
  [80, 95],
  [95, 110],
]

[[tables.columns]]
id = "time"
kind = "text"
type = "datetime"
label = { vi = "Thời gian", en = "Time" }
left = 10
right = 60

[[tables.columns]]
id = "order"
kind = "text"
type = "text"
label = { vi = "Chỉ định", en = "Order" }
left = 60
right = 190

[[pages]]
number = 1
size = [200, 120]
anchors = [
  [8, 8, 60, 26],
]
texts = [
  [10, 22, 45, 12, "bold", "Họ tên:"],
  [60, 22, 120, 12, "regular", "........................................"],
]
rules = [
  [10, 80, 190, 80, 0.5, 0],
  [10, 95, 190, 95, 0.5, 0.5],
]
boxes = [
  [20, 60, 30, 70, 0.7],
]
"""


@pytest.fixture
def small() -> str:
    """The text of the small form."""
    return SMALL


@pytest.fixture
def write_form(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a form where one of its id and version lies."""

    def write(text: str) -> Path:
        path = tmp_path / "99-X" / "1.0" / "form.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write
