"""The code lists that ship: complete, found by code and by name, and made by the script that is kept."""

from __future__ import annotations

import gzip
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from formscan.paths import resources_dir
from formscan.pipeline.lexicon import CATALOGUES, code_list, find_codes, folded, icd10, insurance_kinds


@pytest.mark.parametrize(
    ("name", "rows", "code", "label"),
    [
        ("ethnic", 56, "01", "Kinh"),
        ("occupation", 13, "05", "Nông dân"),
        ("provinces_2024", 63, "91", "Tỉnh Kiên Giang"),
        ("provinces_2025", 34, "91", "An Giang"),
        ("citizen_provinces", 63, "001", "Thành phố Hà Nội"),
    ],
)
def test_that_each_list_is_whole(name: str, rows: int, code: str, label: str) -> None:
    found = code_list(name)
    assert len(found) == rows
    assert found[code] == label


def test_that_icd10_has_its_chapters_and_no_signs_in_its_codes() -> None:
    codes = icd10()
    assert len(codes) > 12_000
    assert {code[0] for code in codes} == set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert all(code.replace(".", "").isalnum() and title for code, title in codes.items())
    assert codes["A00.0"].startswith("Bệnh tả")


def test_that_kinds_of_insured_persons_are_two_letters() -> None:
    kinds = insurance_kinds()
    assert {"DN", "TE", "GD", "HT"} <= kinds
    assert all(len(kind) == 2 and kind.isalpha() and kind.isupper() for kind in kinds)


def test_that_names_are_found_however_they_are_written() -> None:
    assert find_codes("province", "tp. hồ chí minh") == {"provinces_2024": "79", "provinces_2025": "79"}
    assert find_codes("ethnic", "H'Mông") == find_codes("ethnic", "08")
    assert find_codes("ethnic", "Kính") == {}
    assert folded("Bru - Vân Kiều") == folded("Bru-Vân Kiều")
    assert find_codes("no such list", "01") == {}
    assert all(len(code_list(name)) > 0 for names in CATALOGUES.values() for name in names)


def test_that_the_kept_script_makes_the_lists_again(
    repository: Path, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = _load(repository / "tools" / "compile_lexicons.py")
    monkeypatch.setattr(script, "DATA", shared_data)
    monkeypatch.setattr(script, "REFERENCE", shared_data.parent / "reference")
    monkeypatch.setattr(script, "OUT", tmp_path)
    script.main()
    shipped = resources_dir() / "lexicons"
    made = sorted(path.name for path in tmp_path.iterdir())
    by_hand = {"family_names.tsv", "middle_names.tsv", "given_names.tsv", "drugs.tsv"}
    lists = (path.name for path in shipped.iterdir() if path.suffix in (".tsv", ".gz"))
    assert made == sorted(name for name in lists if name not in by_hand)
    for name in made:
        assert _text(tmp_path / name) == _text(shipped / name), name


def _text(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("compile_lexicons", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.pop(spec.name, None)
    spec.loader.exec_module(module)
    return module
