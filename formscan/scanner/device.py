"""What every scanner is asked for, behind one Protocol; SANE is one way to it, others can be plugged in.

A driver is found under the entry-point group ``formscan.scanners``. For TWAIN and WIA on Windows this is
the place: a class that keeps the contract of ``Driver``. None ships, because none could be tried here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import entry_points
from pathlib import Path
from typing import ClassVar, Final, Protocol

from formscan.errors import ScannerError
from formscan.model.page import Pixels

GROUP: Final = "formscan.scanners"
A4_MM: Final = (210.0, 297.0)


class Intake(StrEnum):
    """Where the paper lies."""

    GLASS = "glass"
    FEEDER = "feeder"
    DUPLEX = "duplex"


@dataclass(frozen=True, slots=True)
class Device:
    """A scanner that can be opened.

    Attributes:
        name: What the driver opens it by.
        label: Maker and model, for people.
        driver: Name of the driver.
    """

    name: str
    label: str
    driver: str


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a scanner can do.

    Attributes:
        intakes: Where paper can lie.
        colour: Whether it scans in colour.
        grey: Whether it scans in grey.
        dpi: Resolutions it offers, where it offers a list; else the least and the greatest.
        any_dpi: ``dpi`` is a range, not a list.
        widest_mm: Of the scan area, width and height.
        tells_double_feeds: It has a sensor for two sheets at once that can be switched on.
    """

    intakes: tuple[Intake, ...]
    colour: bool
    grey: bool
    dpi: tuple[int, ...]
    any_dpi: bool
    widest_mm: tuple[float, float]
    tells_double_feeds: bool = False

    def offers(self, dpi: int) -> bool:
        """Whether it scans at a resolution."""
        return self.dpi[0] <= dpi <= self.dpi[-1] if self.any_dpi else dpi in self.dpi


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """How to scan.

    Attributes:
        intake: Where the paper lies.
        dpi: Resolution.
        colour: Colour, else grey.
        paper_mm: Width and height of the area, from the top left corner.
    """

    intake: Intake = Intake.FEEDER
    dpi: int = 300
    colour: bool = True
    paper_mm: tuple[float, float] = A4_MM


@dataclass(frozen=True, slots=True)
class Fed:
    """One side of a sheet, as a picture file that is whole and states its resolution."""

    path: Path


@dataclass(frozen=True, slots=True)
class Halt:
    """Why the paper stopped.

    Attributes:
        reason: ``scanner.feeder_empty``, ``.next_sheet`` (the glass is free again), ``.jammed`` (which is
            also what many say of two sheets at once), ``.double_feed``, ``.cover_open``, ``.busy``,
            ``.input_output``, ``.silent``, ``.died``, ``.refused``, ``.no_device``, ``.failed``,
            ``.stopped``, ``.no_space``.
        facts: Without patient text.
    """

    reason: str
    facts: tuple[tuple[str, str], ...] = ()


Feeding = Iterator[Fed | Halt]
"""Sides in the order the scanner gives them; the last thing is a ``Halt``."""


class Driver(Protocol):
    """A way to scanners. Calls may block; none may start a thread or leave a process behind.

    A driver that loads foreign code (vendors' backends crash) does so in a process of its own, so that a
    crash costs the side under way and not the program.
    """

    name: ClassVar[str]

    def devices(self) -> list[Device]:
        """Scanners that can be reached now."""
        ...

    def abilities(self, device: str) -> Abilities:
        """What a scanner can do.

        Raises:
            ScannerError: ``scanner.no_device`` where it cannot be opened.
        """
        ...

    def feed(
        self, device: str, settings: ScanSettings, into: Path, first: int
    ) -> AbstractContextManager[Feeding]:
        """Scan until the paper stops.

        Args:
            device: Name of the scanner.
            settings: How to scan.
            into: Existing folder the pictures are written to, named by number, ``000017.tif``.
            first: Number of the first side.

        Returns:
            A block in which sides arrive; leaving it early stops the scanner. Scanners pull sheets ahead:
            what was under way then is lost and has to be laid back.
        """
        ...

    def preview(self, device: str, settings: ScanSettings) -> AbstractContextManager[Iterator[Pixels]]:
        """Scan one side coarsely and show it growing.

        Returns:
            A block in which pictures of the full size arrive, white where nothing was scanned yet.

        Raises:
            ScannerError: With the reason of a ``Halt`` where nothing comes.
        """
        ...


def find_drivers(make: Callable[[], list[Driver]] | None = None) -> list[Driver]:
    """The drivers that work on this machine.

    Args:
        make: Gives the drivers instead of the entry points.

    Raises:
        ScannerError: ``scanner.no_driver`` if there is none.
    """
    drivers = _installed() if make is None else make()
    if not drivers:
        raise ScannerError("scanner.no_driver")
    return drivers


def _installed() -> list[Driver]:
    made = (point.load() for point in sorted(entry_points(group=GROUP), key=lambda point: point.name))
    return [driver() for driver in made if driver.works_here()]
