"""The hospital's own weights: which are in use, what each was worth, and the way back."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

_IN_USE = "lines.onnx"
_ONE_SIDED: Final = 0.05


@dataclass(frozen=True, slots=True)
class Compared:
    """Old and new weights on the same held-out lines.

    Attributes:
        lines: How many.
        old_cer, new_cer: Character error rates.
        old_exact, new_exact: Whole lines right.
        chance: Share of resampled sets on which the new ones are no better (paired bootstrap, Efron 1979).
        lines_used: Confirmed lines trained on.
    """

    lines: int
    old_cer: float
    new_cer: float
    old_exact: int
    new_exact: int
    chance: float
    lines_used: int

    @property
    def better(self) -> bool:
        """Whether the new weights make fewer errors, and not by chance."""
        return self.new_cer < self.old_cer and self.chance < _ONE_SIDED


@dataclass(frozen=True, slots=True)
class Lesson:
    """One adaptation and what came of it: a point of the learning curve.

    Attributes:
        at: When, with zone.
        person: Who asked for it.
        digest: First 12 hexadecimal digits of the weights' SHA-256.
        compared: Old and new on held-out confirmed lines.
        installed: Whether the new weights were better and are used since.
    """

    at: datetime
    person: str
    digest: str
    compared: Compared
    installed: bool


class WeightShelf:
    """A folder of adapted weights.

    Args:
        folder: Made when something is installed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def in_use(self) -> Path | None:
        """The hospital's own weights, if any are installed."""
        path = self._folder / _IN_USE
        return path if path.is_file() else None

    @property
    def digest_in_use(self) -> str:
        """Digest of the hospital's own weights, as lessons name them; empty for those that ship."""
        path = self.in_use
        return "" if path is None else _digest(path)

    def lessons(self) -> list[Lesson]:
        """All adaptations, first one first."""
        path = self._folder / "lessons.jsonl"
        if not path.is_file():
            return []
        return [_lesson(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]

    def keep(self, weights: Path, compared: Compared, person: str, at: datetime) -> Lesson:
        """Note an adaptation; its weights are installed if they are better, and kept either way."""
        self._folder.mkdir(parents=True, exist_ok=True)
        digest = _digest(weights)
        shutil.copyfile(weights, self._folder / f"lines-{digest}.onnx")
        lesson = Lesson(at, person, digest, compared, compared.better)
        if compared.better:
            self._install(digest)
        with (self._folder / "lessons.jsonl").open("a", encoding="utf-8") as book:
            told = {**asdict(lesson), "at": at.isoformat()}
            book.write(json.dumps(told, ensure_ascii=False) + "\n")
            book.flush()
            os.fsync(book.fileno())
        return lesson

    def back(self, digest: str = "") -> Path | None:
        """Install earlier weights again; without a digest the ones that ship.

        Returns:
            What is in use now; None for what ships.

        Raises:
            FileNotFoundError: If there are none of that digest.
        """
        if digest:
            self._install(digest)
        else:
            (self._folder / _IN_USE).unlink(missing_ok=True)
        return self.in_use

    def _install(self, digest: str) -> None:
        fresh = self._folder / "lines.partial"
        shutil.copyfile(self._folder / f"lines-{digest}.onnx", fresh)
        with fresh.open("rb+") as written:
            os.fsync(written.fileno())
        fresh.replace(self._folder / _IN_USE)


def _digest(weights: Path) -> str:
    return hashlib.sha256(weights.read_bytes()).hexdigest()[:12]


def _lesson(told: dict[str, object]) -> Lesson:
    compared = told["compared"]
    assert isinstance(compared, dict)
    return Lesson(
        datetime.fromisoformat(str(told["at"])),
        str(told["person"]),
        str(told["digest"]),
        Compared(**compared),
        bool(told["installed"]),
    )
