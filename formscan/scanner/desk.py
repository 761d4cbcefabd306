"""A stack through the scanner, from the first sheet to the finished job.

An empty feeder is waited for; a jam never goes on by itself, because a person has to lay sheets back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from formscan.errors import ScannerError
from formscan.scanner.device import Device, Driver, Halt, find_drivers
from formscan.scanner.job import ENDS, KeptSide, ScanJob

POLL_S: Final = 1.0


def scan_stack(
    job: ScanJob,
    driver: Driver,
    told: Callable[[KeptSide], None] = lambda _side: None,
    go_on: Callable[[], bool] = lambda: True,
    wait_s: float = 0.0,
) -> Halt:
    """Scan until the job is whole or needs a person.

    Args:
        job: New or resumed.
        driver: The way to the scanner.
        told: Called with every side that counts.
        go_on: Asked after every sheet and while waiting.
        wait_s: How long to wait for paper while sheets that were counted are missing.

    Returns:
        The last stop. The job is finished if the paper ran out with as many sheets as were counted (or
        with any, where nobody counted); more sheets than counted also wait for a person.
    """
    patience = time.monotonic() + wait_s
    while True:
        sheets = job.sheets
        halt = job.run(driver, told, go_on)
        if halt.reason in ENDS and job.sheets and job.missing == 0:
            job.finish()
            return halt
        if job.sheets > sheets:
            patience = time.monotonic() + wait_s
        if halt.reason not in ENDS or job.missing <= 0 or time.monotonic() >= patience or not go_on():
            return halt
        if job.sheets == sheets:
            time.sleep(min(POLL_S, max(0.0, patience - time.monotonic())))


def all_devices(drivers: list[Driver] | None = None) -> list[Device]:
    """Every scanner that can be reached."""
    return [device for driver in drivers or find_drivers() for device in driver.devices()]


def driver_of(job_device: str, drivers: list[Driver] | None = None) -> tuple[Driver, str]:
    """The driver of a device, and the device itself where only one is there and none was named.

    Raises:
        ScannerError: ``scanner.no_device``; ``scanner.choose_device`` where there are several.
    """
    found = drivers or find_drivers()
    if job_device:
        if len(found) == 1:
            return found[0], job_device
        for driver in found:
            if any(device.name == job_device for device in driver.devices()):
                return driver, job_device
        raise ScannerError("scanner.no_device", device=job_device)
    devices = [(driver, device) for driver in found for device in driver.devices()]
    if len(devices) != 1:
        raise ScannerError("scanner.choose_device" if devices else "scanner.no_device", found=len(devices))
    return devices[0][0], devices[0][1].name
