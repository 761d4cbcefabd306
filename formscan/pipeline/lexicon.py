"""The code lists values are checked against; loaded once, from ``resources/lexicons``."""

from __future__ import annotations

import gzip
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from formscan.model.words import without_diacritics
from formscan.paths import resources_dir

CATALOGUES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "ethnic": ("ethnic",),
        "occupation": ("occupation",),
        "province": ("provinces_2024", "provinces_2025"),
        "provinces": ("provinces_2024", "provinces_2025"),
    }
)
"""Lists behind each catalogue name a form may use; provinces have two editions."""


def _folder() -> Path:
    return resources_dir() / "lexicons"


def _rows(path: Path) -> list[list[str]]:
    packed = path.read_bytes()
    text = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8")
    return [line.split("\t") for line in text.splitlines() if line]


@lru_cache(maxsize=1)
def icd10() -> Mapping[str, str]:
    """Vietnamese title by code with dot (``A00.0``), marks left out; about 12,000 codes."""
    return MappingProxyType({code: title for code, _, title in _rows(_folder() / "icd10.tsv.gz")})


@lru_cache(maxsize=8)
def code_list(name: str) -> Mapping[str, str]:
    """Name by code of one list, e.g. ``ethnic``.

    Raises:
        FileNotFoundError: If no such list ships.
    """
    return MappingProxyType({row[0]: row[-1] for row in _rows(_folder() / f"{name}.tsv")})


@lru_cache(maxsize=8)
def _codes_by_name(name: str) -> Mapping[str, str]:
    return MappingProxyType({folded(label): code for code, label in code_list(name).items()})


def insurance_kinds() -> frozenset[str]:
    """The two letters a health insurance number may begin with, as far as they are known here."""
    return frozenset(code_list("insurance_kinds"))


@lru_cache(maxsize=1)
def _family_names() -> tuple[frozenset[str], frozenset[str]]:
    names = {unicodedata.normalize("NFC", name).casefold() for name in code_list("family_names")}
    return frozenset(names), frozenset(without_diacritics(name) for name in names)


def misspelt_family_name(word: str) -> bool:
    """Whether a word is no known family name but becomes one when its diacritics change."""
    known, bare = _family_names()
    folded_word = unicodedata.normalize("NFC", word).casefold()
    return folded_word not in known and without_diacritics(folded_word) in bare


def places() -> tuple[tuple[str, str, str], ...]:
    """Ward, district and province of all wards, those before 1 July 2025 first; no district since then."""
    files = ("places_2024", "places_2025")
    return tuple((row[0], row[1], row[2]) for name in files for row in _rows(_folder() / f"{name}.tsv.gz"))


def find_codes(catalogue: str, text: str) -> Mapping[str, str]:
    """Codes a written code or name stands for, by list.

    Args:
        catalogue: A name of ``CATALOGUES``.
        text: A code as written (``01``) or a name (``Kinh``, ``Hà Nội``).

    Returns:
        Code by list name; empty where nothing in the lists matches.
    """
    found = {}
    for name in CATALOGUES.get(catalogue, ()):
        code = text if text in code_list(name) else _codes_by_name(name).get(folded(text))
        if code is not None:
            found[name] = code
    return found


def folded(text: str) -> str:
    """A name for comparison: lower case, kind of unit and punctuation left out, diacritics kept."""
    lowered = unicodedata.normalize("NFC", text).casefold()
    for word in ("tỉnh ", "thành phố ", "tp. ", "tp.", "tp ", "dân tộc "):
        lowered = lowered.removeprefix(word)
    return "".join(letter for letter in lowered if letter.isalnum())
