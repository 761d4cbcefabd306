"""Compile the code lists that ship in ``resources/lexicons`` from the development data.

Run from the repository root: ``python tools/compile_lexicons.py``. The sources are named in
``resources/lexicons/README.md``. Output is the same bytes for the same input.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("FORMSCAN_DATA", ROOT.parent / "shared" / "data"))
REFERENCE = DATA.parent / "reference"
OUT = ROOT / "resources" / "lexicons"

ICD_LINE = re.compile(r"^([A-Z]\d\d(?:\.\d{1,2})?)([*†]?)\t")
INSURANCE_KINDS = re.compile(r"2 letters đối tượng \(≈45 codes: ([A-Z ]+)…\)")

Row = tuple[str, ...]

_NAMES = 60
"""How often each name of the lists put together by hand is taken to stand somewhere."""


def icd10() -> list[Row]:
    """Code, mark (``*``, ``†`` or empty) and Vietnamese title; titles broken over lines are joined."""
    lines: list[str] = []
    for line in (DATA / "lexicons" / "icd10_vi.tsv").read_text(encoding="utf-8").splitlines():
        if ICD_LINE.match(line):
            lines.append(line)
        else:
            lines[-1] += " " + line.strip()
    found: dict[str, Row] = {}
    for line in lines:
        code, _, title, *_ = line.split("\t")
        bare = code.rstrip("*†")
        found.setdefault(bare, (bare, code[len(bare) :], " ".join(title.split())))
    return sorted(found.values())


def provinces_2024() -> list[Row]:
    """Code and name of the 63 provinces before 1 July 2025."""
    text = (DATA / "lexicons" / "admin_2024_legacy.tsv").read_text(encoding="utf-8")
    return sorted({(line.split("\t")[0], line.split("\t")[1]) for line in text.splitlines() if line})


def provinces_2025() -> list[Row]:
    """Code and name of the 34 provinces from 1 July 2025."""
    listed = json.loads((REFERENCE / "codes" / "provinces34.json").read_text(encoding="utf-8"))
    return sorted((f"{code:02d}", name) for code, name in listed)


def places_2024() -> list[Row]:
    """Ward, district and province of every ward before 1 July 2025."""
    text = (DATA / "lexicons" / "admin_2024_legacy.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line]
    return sorted({(row[5], row[3], row[1]) for row in rows if len(row) > 5})


def places_2025() -> list[Row]:
    """Ward and province of every ward from 1 July 2025."""
    nested = json.loads((DATA / "lexicons" / "admin_2025_nested.json").read_text(encoding="utf-8"))
    return sorted({(ward["name"], "", province["name"]) for province in nested for ward in province["wards"]})


def concepts(system: str) -> list[Row]:
    """Code and name of one VN Core code system."""
    systems = json.loads((REFERENCE / "codes" / "vncore_codesystems.json").read_text(encoding="utf-8"))
    return [(code, name) for code, name in systems[system]["concepts"]]


def insurance_kinds() -> list[Row]:
    """The two letters that begin a health insurance number."""
    found = INSURANCE_KINDS.search((REFERENCE / "emr.md").read_text(encoding="utf-8"))
    if found is None:
        sys.exit("the list of insurance kinds was not found")
    return sorted((kind,) for kind in set(found.group(1).split()))


def words() -> list[Row]:
    """Words of names, places, diagnoses and procedures, lower case, and how often (twice or more)."""
    found: Counter[str] = Counter()
    folder = DATA / "lexicons"
    for part in ("family", "middle", "given"):
        names = (ROOT / "resources" / "lexicons" / f"{part}_names.tsv").read_text(encoding="utf-8")
        found.update(dict.fromkeys(_words_of(names), _NAMES))
    places = (folder / "admin_2024_legacy.tsv").read_text(encoding="utf-8").splitlines()
    for line in places:
        found.update(_words_of(line.split("\t")[-1]))
    for title in {level for line in places for level in line.split("\t")[1:4:2]}:
        found.update(dict.fromkeys(_words_of(title), 20))
    for _, _, title in icd10():
        found.update(_words_of(title))
    for line in (folder / "icd9cm_procedures_vi.tsv").read_text(encoding="utf-8").splitlines():
        found.update(_words_of(line.split("\t")[-1]))
    return sorted((word, str(count)) for word, count in found.items() if count > 1)


def pairs() -> list[Row]:
    """Words that follow each other in places, diagnoses and procedures, lower case, and how often."""
    found: Counter[tuple[str, str]] = Counter()
    folder = DATA / "lexicons"
    places = [part for row in (*places_2024(), *places_2025()) for part in row]
    titles = [row[-1] for row in icd10()]
    procedures = (folder / "icd9cm_procedures_vi.tsv").read_text(encoding="utf-8").splitlines()
    for text in (*places, *titles, *(line.split("\t")[-1] for line in procedures)):
        words = _chunks(text)
        found.update((one[-1], other[0]) for one, other in pairwise(words) if one and other)
    return sorted((*pair, str(count)) for pair, count in found.items())


def _chunks(text: str) -> list[list[str]]:
    """Runs of letters between blanks, lower case; nothing for a sign or a number, and after a comma."""
    composed = unicodedata.normalize("NFC", text).lower()
    found: list[list[str]] = []
    for word in composed.split():
        found.append(re.findall(r"[^\W\d_]+", word))
        if word[-1] in ",.;:()":
            found.append([])
    return found


def _words_of(text: str) -> list[str]:
    composed = unicodedata.normalize("NFC", text).lower()
    return [word for word in re.findall(r"[^\W\d_]+", composed) if len(word) < 12]


def table(rows: Iterable[Row]) -> str:
    """Tab-separated lines."""
    return "".join("\t".join(row) + "\n" for row in rows)


def main() -> None:
    """Write all lists."""
    OUT.mkdir(parents=True, exist_ok=True)
    old = provinces_2024()
    lists: dict[str, list[Row]] = {
        "provinces_2024": old,
        "provinces_2025": provinces_2025(),
        "citizen_provinces": [(f"0{code}", name) for code, name in old],
        "ethnic": concepts("CodeSystem-vn-core-race-v1.0"),
        "occupation": concepts("CodeSystem-vn-core-occupation-4069-v1.0"),
        "insurance_kinds": insurance_kinds(),
    }
    for name, rows in lists.items():
        (OUT / f"{name}.tsv").write_text(table(rows), encoding="utf-8", newline="\n")
    large = {
        "icd10": icd10(),
        "places_2024": places_2024(),
        "places_2025": places_2025(),
        "words": words(),
        "pairs": pairs(),
    }
    for name, rows in large.items():
        packed = gzip.compress(table(rows).encode(), compresslevel=9, mtime=0)
        (OUT / f"{name}.tsv.gz").write_bytes(packed)


if __name__ == "__main__":
    main()
