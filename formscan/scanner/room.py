"""What a window needs of the scanner: devices, a preview, a job from its beginning to its end."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from formscan.model.page import Pixels
from formscan.scanner.desk import driver_of, scan_stack
from formscan.scanner.device import Abilities, Device, Driver, Halt, ScanSettings, find_drivers
from formscan.scanner.job import JobOrder, KeptSide, ScanJob
from formscan.scanner.norm import check_settings


@dataclass(frozen=True, slots=True)
class Found:
    """A scanner and what it can do."""

    device: Device
    abilities: Abilities


class ScanRoom:
    """Scanners of this machine, and the folder jobs go to. Every call may block; none touches the store.

    Args:
        folder: Jobs get folders of their own in it.
        drivers: The ways to scanners; those that are installed where left out.
    """

    def __init__(self, folder: Path, drivers: Callable[[], list[Driver]] = find_drivers) -> None:
        self.folder = folder
        self._drivers = drivers

    def look(self) -> list[Found]:
        """Scanners that can be reached, with what they can do.

        Raises:
            ScannerError: ``scanner.no_driver``.
        """
        return [
            Found(device, driver.abilities(device.name))
            for driver in self._drivers()
            for device in driver.devices()
        ]

    def preview(self, device: str, settings: ScanSettings) -> Iterator[Pixels]:
        """One side, coarsely, growing; close the iterator to stop.

        Raises:
            ScannerError: Where nothing comes.
        """
        driver, name = driver_of(device, self._drivers())
        with driver.preview(name, settings) as growing:
            yield from growing

    def begin(self, order: JobOrder) -> ScanJob:
        """A new job; refused where the scanner cannot do it or the norm is not met.

        Raises:
            ScannerError: See ``check_settings``.
        """
        driver, name = driver_of(order.device, self._drivers())
        check_settings(order.settings, driver.abilities(name))
        now = f"{datetime.now().astimezone():%Y%m%d-%H%M%S}"
        return ScanJob.begin(self.folder / f"{now}-{secrets.token_hex(2)}", order)

    def scan(
        self, job: ScanJob, told: Callable[[KeptSide], None], go_on: Callable[[], bool] = lambda: True
    ) -> Halt:
        """Scan until the job is whole or needs a person; see ``scan_stack``."""
        driver, _ = driver_of(job.order.device, self._drivers())
        return scan_stack(job, driver, told, go_on)

    def open_jobs(self) -> list[ScanJob]:
        """Jobs that are not finished, the newest first."""
        folders = sorted(self.folder.glob("*/.scan.jsonl"), reverse=True)
        jobs = (ScanJob.resume(path.parent) for path in folders if not (path.parent / ".scan.json").exists())
        return [job for job in jobs if not job.done]
