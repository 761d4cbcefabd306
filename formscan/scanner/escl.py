"""Network scanners that speak eSCL (Mopria Alliance), asked directly: without SANE, so on Windows too.

Addresses stand in ``FORMSCAN_ESCL``, separated by blanks: ``http://192.168.1.20/eSCL``. The scanner's own
state is read after every stop, so that two sheets at once are told apart from a jam.
"""

from __future__ import annotations

import http.client
import os
import time
import urllib.parse
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import ClassVar, Final

import numpy as np

from formscan.errors import ScannerError
from formscan.model.page import Pixels
from formscan.scanner.device import Abilities, Device, Fed, Feeding, Halt, Intake, ScanSettings

VARIABLE: Final = "FORMSCAN_ESCL"
UNITS_MM: Final = 300 / 25.4
"""eSCL counts lengths in 1/300 inch."""
SIDE_S: Final = 120.0
ASK_S: Final = 10.0
BUSY_S: Final = 0.5
PREVIEW_DPI: Final = 75
LARGEST: Final = 256 * 2**20
"""Bytes of one page beyond which a device is not believed."""
_SCAN: Final = "{http://schemas.hp.com/imaging/escl/2011/05/03}"
_PWG: Final = "{http://www.pwg.org/schemas/2010/12/sm}"
STATES: Final = {
    "ScannerAdfJam": "scanner.jammed",
    "ScannerAdfMispick": "scanner.jammed",
    "ScannerAdfMultipickDetected": "scanner.double_feed",
    "ScannerAdfHatchOpen": "scanner.cover_open",
    "ScannerAdfEmpty": "scanner.feeder_empty",
}
"""Of ``AdfState``; a feeder that is loaded or at work is none of these."""


class EsclDriver:
    """Scanners at known addresses.

    Args:
        addresses: Their eSCL roots; those of ``FORMSCAN_ESCL`` where left out.
        side_s: Longest wait for a side.
    """

    name: ClassVar[str] = "escl"

    def __init__(self, addresses: Sequence[str] | None = None, side_s: float = SIDE_S) -> None:
        self._addresses = os.environ.get(VARIABLE, "").split() if addresses is None else list(addresses)
        self._side_s = side_s

    @staticmethod
    def works_here() -> bool:
        """Whether an address is known."""
        return bool(os.environ.get(VARIABLE, "").split())

    def devices(self) -> list[Device]:
        """Scanners that answer."""
        found = []
        for address in self._addresses:
            try:
                told = _xml(_Line(address, ASK_S).get("ScannerCapabilities"))
            except ScannerError:
                continue  # one that is switched off keeps nobody from the others
            label = told.findtext(f"{_PWG}MakeAndModel") or address
            found.append(Device(address, label, self.name))
        return found

    def abilities(self, device: str) -> Abilities:
        """What a scanner can do.

        Raises:
            ScannerError: ``scanner.no_device``.
        """
        return _abilities(_xml(_Line(device, ASK_S).get("ScannerCapabilities")))

    def feed(
        self, device: str, settings: ScanSettings, into: Path, first: int
    ) -> AbstractContextManager[Feeding]:
        """Scan until the paper stops; see ``Driver.feed``."""
        return self._feed(device, settings, into, first)

    def preview(self, device: str, settings: ScanSettings) -> AbstractContextManager[Iterator[Pixels]]:
        """Scan one side coarsely; the picture comes whole, as eSCL sends it."""
        return self._preview(device, settings)

    @contextmanager
    def _feed(self, device: str, settings: ScanSettings, into: Path, first: int) -> Iterator[Feeding]:
        line = _Line(device, self._side_s)
        job = line.begin(settings)
        try:
            sides = _sides(line, job, into, first, settings.intake)
            yield sides if job else iter([line.why(settings.intake, began=False)])
        finally:
            if job:
                line.end(job)

    @contextmanager
    def _preview(self, device: str, settings: ScanSettings) -> Iterator[Iterator[Pixels]]:
        line = _Line(device, self._side_s)
        can = self.abilities(device).dpi
        dpi = min((each for each in can if each >= PREVIEW_DPI), default=PREVIEW_DPI)
        job = line.begin(ScanSettings(settings.intake, dpi, settings.colour, settings.paper_mm))
        try:
            page = line.next_page(job) if job else None
            if page is None:
                raise ScannerError(line.why(settings.intake, began=False).reason)
            yield iter([_pixels(page)])
        finally:
            if job:
                line.end(job)


def _sides(line: _Line, job: str, into: Path, first: int, intake: Intake) -> Feeding:
    number = first
    while not (intake is Intake.GLASS and number > first):
        try:
            page = line.next_page(job)
        except ScannerError as error:
            yield Halt(error.code, tuple(error.facts.items()))
            return
        if page is None:
            yield line.why(intake, began=number > first)
            return
        path = into / f"{number:06d}.tif"  # a JPEG by its content, which is what is looked at
        path.write_bytes(page)
        number += 1
        yield Fed(path)
    yield Halt("scanner.next_sheet")


class _Line:
    """Requests to one scanner, each on a connection of its own.

    Args:
        address: eSCL root.
        wait_s: Longest wait for an answer.
    """

    def __init__(self, address: str, wait_s: float) -> None:
        self._address, self._wait_s = address.rstrip("/"), wait_s

    def get(self, name: str) -> bytes:
        """A document of the scanner.

        Raises:
            ScannerError: ``scanner.no_device``, ``scanner.failed``.
        """
        code, _, body = self._ask("GET", f"{self._address}/{name}")
        if code != 200:
            raise ScannerError("scanner.failed", status=code)
        return body

    def begin(self, settings: ScanSettings) -> str:
        """Begin a job; its address, or empty where the scanner refused, as without paper."""
        until = time.monotonic() + self._wait_s
        while True:
            code, location, _ = self._ask("POST", f"{self._address}/ScanJobs", _order(settings))
            if code != 503 or time.monotonic() >= until:
                break
            time.sleep(BUSY_S)
        return urllib.parse.urljoin(f"{self._address}/", location) if code == 201 else ""

    def next_page(self, job: str) -> bytes | None:
        """The next side as JPEG; ``None`` where there is none any more.

        Raises:
            ScannerError: ``scanner.silent`` where the scanner is busy for too long.
        """
        until = time.monotonic() + self._wait_s
        while True:
            code, _, body = self._ask("GET", f"{job}/NextDocument")
            if code == 200:
                return body
            if code != 503:
                return None
            if time.monotonic() >= until:
                raise ScannerError("scanner.silent", seconds=f"{self._wait_s:g}")
            time.sleep(BUSY_S)

    def why(self, intake: Intake, *, began: bool) -> Halt:
        """Why no side came, as the scanner's state says; after a side, where nothing is wrong, the end."""
        try:
            told = _xml(self.get("ScannerStatus"))
        except ScannerError as error:
            return Halt(error.code, tuple(error.facts.items()))
        state = told.findtext(f"{_SCAN}AdfState") or ""
        if state in STATES and intake is not Intake.GLASS:
            return Halt(STATES[state])
        if began:
            return Halt("scanner.feeder_empty")
        return Halt("scanner.failed", (("status", state or "409"),))

    def end(self, job: str) -> None:
        """Cancel what is left of a job; a scanner that has forgotten it says so, which is as good."""
        try:
            self._ask("DELETE", job)
        except ScannerError:
            return

    def _ask(self, method: str, url: str, body: bytes = b"") -> tuple[int, str, bytes]:
        parts = urllib.parse.urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ScannerError("scanner.no_device", device=url)
        connection = kind(parts.hostname, parts.port, timeout=self._wait_s)
        try:
            connection.request(method, parts.path, body or None, {"Content-Type": "text/xml"} if body else {})
            answer = connection.getresponse()
            data = answer.read(LARGEST + 1)
            if len(data) > LARGEST:
                raise ScannerError("scanner.failed", status="too large")
            return answer.status, answer.headers.get("Location", ""), data
        except TimeoutError:
            raise ScannerError("scanner.silent", seconds=f"{self._wait_s:g}") from None
        except (OSError, http.client.HTTPException) as error:
            raise ScannerError("scanner.no_device", error=type(error).__name__) from error
        finally:
            connection.close()


def _xml(data: bytes) -> ET.Element:
    """A document of a device on the hospital's own network; entities are refused."""
    if b"<!" in data.replace(b"<!--", b""):
        raise ScannerError("scanner.failed", status="xml")
    try:
        return ET.fromstring(data)
    except ET.ParseError:
        raise ScannerError("scanner.failed", status="xml") from None


def _abilities(told: ET.Element) -> Abilities:
    places = {
        Intake.GLASS: told.find(f".//{_SCAN}PlatenInputCaps"),
        Intake.FEEDER: told.find(f".//{_SCAN}AdfSimplexInputCaps"),
        Intake.DUPLEX: told.find(f".//{_SCAN}AdfDuplexInputCaps"),
    }
    caps = [each for each in places.values() if each is not None]
    if not caps:
        raise ScannerError("scanner.failed", status="capabilities")
    modes = {mode.text for each in caps for mode in each.iter(f"{_SCAN}ColorMode")}
    listed = {int(x.text or 0) for each in caps for x in each.iter(f"{_SCAN}XResolution")}
    ranged = caps[0].find(f".//{_SCAN}XResolutionRange")
    if ranged is not None and not listed:
        listed = {int(ranged.findtext(f"{_SCAN}{end}") or 0) for end in ("Min", "Max")}
    return Abilities(
        intakes=tuple(intake for intake, each in places.items() if each is not None),
        colour="RGB24" in modes,
        grey="Grayscale8" in modes,
        dpi=tuple(sorted(listed)),
        any_dpi=ranged is not None and len(listed) == 2,
        widest_mm=(_longest(caps, "MaxWidth"), _longest(caps, "MaxHeight")),
        tells_double_feeds=True,
    )


def _longest(caps: Sequence[ET.Element], name: str) -> float:
    return max(float(each.findtext(f"{_SCAN}{name}") or 0) for each in caps) / UNITS_MM


def _order(settings: ScanSettings) -> bytes:
    wide, high = (round(side * UNITS_MM) for side in settings.paper_mm)
    source = "Platen" if settings.intake is Intake.GLASS else "Feeder"
    duplex = str(settings.intake is Intake.DUPLEX).lower()
    mode = "RGB24" if settings.colour else "Grayscale8"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><scan:ScanSettings xmlns:scan="{_SCAN[1:-1]}" '
        f'xmlns:pwg="{_PWG[1:-1]}"><pwg:Version>2.0</pwg:Version><pwg:ScanRegions><pwg:ScanRegion>'
        "<pwg:ContentRegionUnits>escl:ThreeHundredthsOfInches</pwg:ContentRegionUnits>"
        f"<pwg:XOffset>0</pwg:XOffset><pwg:YOffset>0</pwg:YOffset><pwg:Width>{wide}</pwg:Width>"
        f"<pwg:Height>{high}</pwg:Height></pwg:ScanRegion></pwg:ScanRegions>"
        f"<pwg:InputSource>{source}</pwg:InputSource><scan:ColorMode>{mode}</scan:ColorMode>"
        f"<scan:XResolution>{settings.dpi}</scan:XResolution><scan:YResolution>{settings.dpi}"
        f"</scan:YResolution><scan:Duplex>{duplex}</scan:Duplex><pwg:DocumentFormat>image/jpeg"
        "</pwg:DocumentFormat></scan:ScanSettings>"
    ).encode()


def _pixels(page: bytes) -> Pixels:
    import io

    from PIL import Image

    with Image.open(io.BytesIO(page)) as picture:
        return np.asarray(picture.convert("RGB"), np.uint8)
