"""Which folders are watched, and how what lies in them is worked on: a TOML file, or one beside the pages.

::

    [[folder]]
    path = "khoa-noi"          # relative to this file
    department = "Khoa Nội"
    form = "36-BV2"            # only this form is tried
    priority = 5               # higher goes first
    scanner = "fi-7160"

    [[folder]]
    path = "/kho/luu-tru"
    archive = true             # after everything of today

A file ``.formscan.toml`` in a folder says the same (without ``[[folder]]`` and ``path``) for that folder.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from formscan.errors import FormScanError

SIDECAR: Final = ".formscan.toml"
TODAY: Final = 1000
"""Added to the priority of pages that were scanned today: they go before the archive."""
_KINDS: Final[dict[str, type]] = {
    "path": str, "form": str, "department": str, "scanner": str, "priority": int, "archive": bool,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FolderRule:
    """A watched folder.

    Attributes:
        path: The folder; everything below it belongs to it.
        form: Only this form is tried; empty for all.
        department: Whose clerks get it.
        priority: Higher goes first.
        scanner: Name of the device that scans into it.
        archive: Its pages never go before those of today.
    """

    path: Path
    form: str = ""
    department: str = ""
    priority: int = 0
    scanner: str = ""
    archive: bool = False

    def priority_of(self, scanned: datetime, today: date) -> int:
        """The priority of a file that was scanned at a time."""
        fresh = not self.archive and scanned.date() >= today
        return self.priority + (TODAY if fresh else 0)


def load_rules(file: Path) -> tuple[FolderRule, ...]:
    """Read a TOML file with ``[[folder]]`` tables.

    Raises:
        FormScanError: ``watch.rules`` with file and key where something in it is wrong.
    """
    tables = _read(file).get("folder")
    if not isinstance(tables, list) or not tables:
        raise _wrong(file, "folder", "missing")
    return tuple(_rule(table, file, file.parent) for table in tables)


def with_sidecar(rule: FolderRule) -> FolderRule:
    """The rule with what ``.formscan.toml`` in its folder says, where there is one.

    Raises:
        FormScanError: ``watch.rules``.
    """
    sidecar = rule.path / SIDECAR
    if not sidecar.is_file():
        return rule
    told = _checked(_read(sidecar), sidecar)
    told.pop("path", None)
    return replace(rule, **told)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(file, "", type(error).__name__) from error
    except tomllib.TOMLDecodeError as error:
        raise _wrong(file, "", str(error)) from error


def _rule(table: Any, file: Path, below: Path) -> FolderRule:
    if not isinstance(table, dict) or "path" not in table:
        raise _wrong(file, "path", "missing")
    told = _checked(table, file)
    return FolderRule(**{**told, "path": (below / Path(told["path"]).expanduser()).absolute()})


def _checked(table: dict[str, Any], file: Path) -> dict[str, Any]:
    for key, value in table.items():
        if key not in _KINDS:
            raise _wrong(file, key, "unknown")
        if type(value) is not _KINDS[key]:
            raise _wrong(file, key, f"not a {_KINDS[key].__name__}")
    return dict(table)


def _wrong(file: Path, key: str, why: str) -> FormScanError:
    return FormScanError("watch.rules", file=file.name, key=key, why=why)
