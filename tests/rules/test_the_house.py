"""House rules as tests: the doors, swallowed errors, places and words."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def _tree_with(repository: Path, into: Path, name: str, text: str) -> Path:
    """A copy of the packages with one file more."""
    for package in ("formscan", "ui"):
        ignored = shutil.ignore_patterns("__pycache__", "_data")
        shutil.copytree(repository / package, into / package, ignore=ignored)
    shutil.copy(repository / "pyproject.toml", into)
    planted = into / name
    planted.write_text(text, encoding="utf-8")
    return into


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(program), "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def _ruff(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("ruff")
    return subprocess.run(
        [str(program), "check", "--no-cache", "--config", "pyproject.toml", name],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("formscan/pipeline/planted.py", '"""Planted."""\n\nimport formscan.store\n'),
        ("formscan/model/planted.py", '"""Planted."""\n\nimport formscan.pipeline\n'),
        ("formscan/store/planted.py", '"""Planted."""\n\nimport PySide6.QtCore\n'),
        ("formscan/emr/planted.py", '"""Planted."""\n\nimport sqlalchemy\n'),
        ("formscan/review/planted.py", '"""Planted."""\n\nimport cv2\n'),
        ("formscan/app_planted.py", '"""Planted."""\n\nimport ui\n'),
        ("ui/planted.py", '"""Planted."""\n\nimport formscan.bench\n'),
    ],
)
def test_that_a_planted_import_across_a_door_is_found(
    repository: Path, tmp_path: Path, name: str, text: str
) -> None:
    result = _lint_imports(_tree_with(repository, tmp_path, name, text))
    assert result.returncode != 0
    assert "planted" in result.stdout


def test_that_the_doors_are_shut_as_things_are(repository: Path) -> None:
    assert _lint_imports(repository).returncode == 0


@pytest.mark.parametrize(
    "body",
    [
        "    except:\n        pass\n",
        "    except Exception:\n        pass\n",
        "    except ValueError:\n        pass\n",
    ],
)
def test_that_a_planted_swallowed_error_is_found(repository: Path, tmp_path: Path, body: str) -> None:
    text = '"""Planted."""\n\n\ndef work() -> None:\n    """Work."""\n    try:\n        print\n' + body
    folder = _tree_with(repository, tmp_path, "formscan/planted.py", text)
    result = _ruff(folder, "formscan/planted.py")
    assert result.returncode != 0
    assert re.search(r"\b(E722|BLE001|S110|SIM105)\b", result.stdout)


def test_that_qt_widgets_stay_in_views_and_widgets(repository: Path, tmp_path: Path) -> None:
    text = '"""Planted."""\n\nfrom PySide6.QtWidgets import QLabel\n\n__all__ = ["QLabel"]\n'
    folder = _tree_with(repository, tmp_path, "ui/viewmodels/planted.py", text)
    assert "TID251" in _ruff(folder, "ui/viewmodels/planted.py").stdout


def _own_texts(repository: Path) -> list[Path]:
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=repository, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    endings = {".py", ".md", ".toml", ".sh", ".json", ".tsv", ".qss", ".yml"}
    return [repository / name for name in tracked if Path(name).suffix in endings]


def test_that_no_path_of_a_machine_is_written_down(repository: Path) -> None:
    files = _own_texts(repository)
    if not files:
        pytest.skip("this tree is no git checkout")
    machine = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|opt/wheels)/")
    found = [
        str(path) for path in files if path.is_file() and machine.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_that_modules_stay_readable_in_size(repository: Path) -> None:
    long = {
        str(path.relative_to(repository)): lines
        for package in ("formscan", "ui")
        for path in (repository / package).rglob("*.py")
        if "_data" not in path.parts and (lines := len(path.read_text(encoding="utf-8").splitlines())) > 450
    }
    assert long == {}


def test_that_mypy_has_no_override_list(repository: Path) -> None:
    text = (repository / "pyproject.toml").read_text(encoding="utf-8")
    assert "tool.mypy.overrides" not in text
    assert "strict = true" in text
