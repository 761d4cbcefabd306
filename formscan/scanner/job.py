"""A scan job: sheets in order into a folder, resumed after every stop, none lost and none twice.

A sheet counts when all its sides lie durably in the folder and its line in the journal. Scanners pull
sheets ahead of what they give, so after every stop one rule holds for people: whatever lies after the
last sheet that counts goes back into the feeder. Should the last one go in again, its second picture is
told by the ink and noted as ``scanner.repeated``; it is never dropped on likeness alone.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from formscan.errors import ScannerError
from formscan.model.page import Source
from formscan.pipeline.duplicates import DuplicateIndex
from formscan.scanner.device import Driver, Fed, Halt, Intake, ScanSettings
from formscan.scanner.journal import DONE_NAME, JobJournal, write_durably
from formscan.scanner.side import Side, load_side

ENDS: Final = frozenset({"scanner.feeder_empty", "scanner.next_sheet"})
"""Stops at which nothing went wrong."""
STAGING: Final = ".scanning"
LEAST_FREE: Final = 512 * 2**20
"""Bytes that must be free on the disk before another side is taken."""


@dataclass(frozen=True, slots=True)
class JobOrder:
    """What is to be scanned and how.

    Attributes:
        device: Name of the scanner.
        settings: How to scan.
        sheets: How many sheets the person counted; the job is not finished with fewer.
        keep_blank_backs: Keep backs with nothing on them.
        media: ``jpeg`` or ``png``.
        form: Form id the pages are of, if the person knows.
        department: Where the stack comes from.
        priority: Higher is read earlier.
        person: Who scans.
    """

    device: str
    settings: ScanSettings = field(default_factory=ScanSettings)
    sheets: int | None = None
    keep_blank_backs: bool = False
    media: str = "jpeg"
    form: str = ""
    department: str = ""
    priority: int = 0
    person: str = ""

    @property
    def sides(self) -> int:
        """Sides scanned of each sheet."""
        return 2 if self.settings.intake is Intake.DUPLEX else 1


@dataclass(frozen=True, slots=True)
class KeptSide:
    """A side that was scanned and counts.

    Attributes:
        number: Side of the job, 1-based, blank backs included.
        sheet: Sheet of the job, 1-based.
        file: Name in the folder; empty where a blank back was left out.
        sha256: Of the file.
        bytes: Length of the file.
        width: Pixels.
        height: Pixels.
        dpi: As the scanner states it.
        notes: ``norm.*``, ``scanner.repeated``, ``scanner.blank_back``.
        at: UTC, ISO 8601.
    """

    number: int
    sheet: int
    file: str
    sha256: str
    bytes: int
    width: int
    height: int
    dpi: float
    notes: tuple[str, ...]
    at: str


class ScanJob:
    """One job in its folder; make it with ``begin`` or ``resume``.

    Attributes:
        folder: Of the pages.
        order: What is scanned.
        kept: All sides that count, in order.
        halts: Every stop: after which sheet, why, when.
        done: The job is finished.
    """

    def __init__(self, folder: Path, order: JobOrder) -> None:
        self.folder, self.order = folder, order
        self.kept: list[KeptSide] = []
        self.halts: list[dict[str, Any]] = []
        self.done = (folder / DONE_NAME).exists()
        self._journal = JobJournal(folder)

    @classmethod
    def begin(cls, folder: Path, order: JobOrder) -> ScanJob:
        """A new job in a folder of its own.

        Raises:
            ScannerError: ``scanner.job_exists``.
        """
        folder.mkdir(parents=True, exist_ok=True)
        job = cls(folder, order)
        job._journal.begin(asdict(order))
        return job

    @classmethod
    def resume(cls, folder: Path) -> ScanJob:
        """A job that stopped, for whatever reason, a power cut included.

        Raises:
            ScannerError: ``scanner.no_job``, ``scanner.job_damaged``.
        """
        records = JobJournal(folder).read()
        job = cls(folder, _order(records[0]["order"]))
        for record in records[1:]:
            job.kept += [_kept(side) for side in record.get("sheet", ())]
            job.halts += [record["halt"]] if "halt" in record else []
        job._adopt()
        return job

    @property
    def sheets(self) -> int:
        """Sheets that count."""
        return len(self.kept) // self.order.sides

    @property
    def missing(self) -> int:
        """Sheets the person counted that are not there; negative where there are more."""
        return 0 if self.order.sheets is None else self.order.sheets - self.sheets

    @property
    def last_page(self) -> Path | None:
        """The picture to show: everything after this page goes back into the feeder."""
        return next((self.folder / side.file for side in reversed(self.kept) if side.file), None)

    def run(
        self,
        driver: Driver,
        told: Callable[[KeptSide], None] = lambda _side: None,
        go_on: Callable[[], bool] = lambda: True,
    ) -> Halt:
        """Scan until the paper stops.

        Args:
            driver: The way to the scanner.
            told: Called with every side that counts.
            go_on: Asked after every sheet.

        Returns:
            Why it stopped; the job then waits for ``run`` again or for ``finish``.

        Raises:
            ScannerError: ``scanner.job_done``; and where the scanner cannot be opened.
        """
        if self.done:
            raise ScannerError("scanner.job_done", folder=self.folder.name)
        shutil.rmtree(self.folder / STAGING, ignore_errors=True)  # what does not count is scanned again
        staging = self.folder / STAGING / secrets.token_hex(4)  # nobody else writes there
        staging.mkdir(parents=True)
        first = len(self.kept) + 1
        with driver.feed(self.order.device, self.order.settings, staging, first) as feeding:
            halt = self._keep(feeding, told, go_on)
        shutil.rmtree(self.folder / STAGING, ignore_errors=True)
        self._note_halt(halt)
        return halt

    def finish(self) -> None:
        """State that the job is whole; from then on its pages may be taken in. Twice is once."""
        if not self.done:
            text = json.dumps(self.document() | {"state": "done"}, ensure_ascii=False, indent=1)
            write_durably(self.folder / DONE_NAME, text.encode())
            self.done = True

    def document(self) -> dict[str, Any]:
        """Everything about the job, as written beside the pages and by ``--json``."""
        pages = [side for side in self.kept if side.file]
        last = self.last_page
        return {
            "job": self.folder.name,
            "state": "done" if self.done else "open",
            "order": asdict(self.order),
            "sheets": self.sheets,
            "expected_sheets": self.order.sheets,
            "sides": len(self.kept),
            "pages": len(pages),
            "blank_backs": len(self.kept) - len(pages),
            "last_page": last.name if last else None,
            "notes": {note: self._noted(note) for side in pages for note in side.notes},
            "halts": self.halts,
            "files": [asdict(side) for side in self.kept],
        }

    # -- inside --------------------------------------------------------------------------------

    def _keep(
        self, feeding: Iterator[Fed | Halt], told: Callable[[KeptSide], None], go_on: Callable[[], bool]
    ) -> Halt:
        waiting: list[Path] = []
        fresh = bool(self.halts) and self.halts[-1]["reason"] not in ENDS
        for item in feeding:
            if isinstance(item, Halt):
                return item
            waiting.append(item.path)
            if len(waiting) < self.order.sides:
                continue
            try:
                self._commit(waiting, told, after_halt=fresh)
            except OSError as error:
                return Halt("scanner.no_space", (("errno", str(error.errno)),))
            except ScannerError as error:
                return Halt(error.code, tuple(error.facts.items()))
            waiting, fresh = [], False
            if shutil.disk_usage(self.folder).free < LEAST_FREE:
                return Halt("scanner.no_space")
            if not go_on():
                return Halt("scanner.stopped")
        return Halt("scanner.failed")

    def _commit(
        self, paths: Sequence[Path], told: Callable[[KeptSide], None], *, after_halt: bool = False
    ) -> None:
        """Make a sheet count: pages durable first, then its line."""
        sides = [load_side(path, self.order.settings) for path in paths]
        repeated = after_halt and self._is_repeated(sides[0])
        sheet = [self._kept_side(offset, side) for offset, side in enumerate(sides)]
        if repeated:
            sheet = [replace(side, notes=(*side.notes, "scanner.repeated")) for side in sheet]
        self._journal.add({"sheet": [asdict(side) for side in sheet]})
        self.kept += sheet
        for path in paths:
            path.unlink(missing_ok=True)
        for side in sheet:
            told(side)

    def _kept_side(self, offset: int, side: Side) -> KeptSide:
        number = len(self.kept) + 1 + offset
        page, now = side.page, datetime.now(UTC).isoformat(timespec="milliseconds")
        size = page.width, page.height, page.dpi
        if offset and not self.order.keep_blank_backs and side.is_blank:
            return KeptSide(number, self.sheets + 1, "", "", 0, *size, ("scanner.blank_back",), now)
        data = side.coded(self.order.media)
        name = f"{number:06d}.{'png' if self.order.media == 'png' else 'jpg'}"
        write_durably(self.folder / name, data)
        digest = hashlib.sha256(data).hexdigest()
        return KeptSide(number, self.sheets + 1, name, digest, len(data), *size, side.notes, now)

    def _is_repeated(self, front: Side) -> bool:
        """Whether the first sheet after a stop is the last one before it, scanned again."""
        fronts = [side for side in self.kept if side.number % self.order.sides == 1 % self.order.sides]
        if not fronts or not fronts[-1].file:
            return False
        before = load_side(self.folder / fronts[-1].file, self.order.settings)
        index = DuplicateIndex()
        index.seen(replace(before.page, source=Source("before", "")))
        return index.seen(replace(front.page, source=Source("after", ""))) is not None

    def _adopt(self) -> None:
        """Keep sheets that were scanned whole but not noted when the program was killed."""
        found = {int(path.stem): path for path in (self.folder / STAGING).glob("*/[0-9]*.tif")}
        while True:
            first = len(self.kept) + 1
            wanted = [found.get(first + offset) for offset in range(self.order.sides)]
            paths = [path for path in wanted if path is not None]
            if self.done or len(paths) < self.order.sides:
                return
            try:
                self._commit(paths, lambda _side: None)
            except ScannerError:
                return  # torn by a power cut: the sheet does not count and is scanned again

    def _note_halt(self, halt: Halt) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        noted = {"after_sheet": self.sheets, "reason": halt.reason, "facts": dict(halt.facts), "at": now}
        self._journal.add({"halt": noted})
        self.halts.append(noted)

    def _noted(self, note: str) -> int:
        return sum(note in side.notes for side in self.kept)


def _order(told: dict[str, Any]) -> JobOrder:
    settings = told["settings"]
    wide, high = settings["paper_mm"]
    scan = ScanSettings(Intake(settings["intake"]), settings["dpi"], settings["colour"], (wide, high))
    return JobOrder(**{**told, "settings": scan})


def _kept(told: dict[str, Any]) -> KeptSide:
    return KeptSide(**{**told, "notes": tuple(told["notes"])})
