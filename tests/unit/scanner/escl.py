"""A small network scanner that speaks eSCL (Mopria Alliance) on loopback, with a feeder that can jam."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from PIL import Image, ImageDraw

MM: Final = 300 / 25.4
"""eSCL counts lengths in 1/300 inch."""
NAMESPACES: Final = (
    'xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" '
    'xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm"'
)


def number_picture(number: int, dpi: int, size_mm: tuple[float, float] = (210.0, 297.0)) -> bytes:
    """A page that says which it is, as JPEG; number 0 is an empty back."""
    width, height = (round(side / 25.4 * dpi) for side in size_mm)
    page = Image.new("RGB", (width, height), (252, 251, 246))
    if number:
        pen = ImageDraw.Draw(page)
        for bit in range(8):  # black and white cells, so that a test can read the number back
            fill = (20, 20, 60) if number >> bit & 1 else (252, 251, 246)
            left = width * (bit + 1) // 10
            pen.rectangle(
                (left, height // 4, left + width // 12, height // 4 + height // 12), fill, (0, 0, 0)
            )
    out = io.BytesIO()
    page.save(out, "JPEG", quality=92, dpi=(dpi, dpi))
    return out.getvalue()


def number_on(page: Image.Image) -> int:
    """The number of such a page."""
    width, height = page.size
    y = height // 4 + height // 24
    dark = [page.convert("L").crop((x, y, x + 1, y + 1)).tobytes()[0] < 128 for x in _centres(width)]
    return sum(1 << bit for bit, is_dark in enumerate(dark) if is_dark)


def _centres(width: int) -> list[int]:
    return [width * (bit + 1) // 10 + width // 24 for bit in range(8)]


@dataclass
class Feeder:
    """What lies in the feeder and what goes wrong.

    Attributes:
        sides: Numbers of the sides still to come; a sheet is one of them, or two in duplex.
        trouble: Before which side the feeder stops, and the state it then tells, e.g. ``ScannerAdfJam``.
        busy: Times NextDocument answers 503 before each page.
        size_mm: Of the paper.
    """

    sides: list[int]
    trouble: dict[int, str] = field(default_factory=dict)
    busy: int = 0
    size_mm: tuple[float, float] = (210.0, 297.0)
    state: str = "ScannerAdfLoaded"
    given: list[int] = field(default_factory=list)
    jobs: int = 0
    dpi: int = 300
    waited: int = 0

    def told(self) -> str:
        """The state of the feeder."""
        if self.state == "ScannerAdfLoaded" and not self.sides:
            return "ScannerAdfEmpty"
        return self.state

    def clear(self, *back: int) -> None:
        """A person opens the feeder, takes the jammed sheet out and lays sides on top again."""
        self.state = "ScannerAdfLoaded"
        self.sides[:0] = back


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    feeder: Feeder

    def do_GET(self) -> None:
        if self.path.endswith("/ScannerCapabilities"):
            self._answer(200, _capabilities().encode(), "text/xml")
        elif self.path.endswith("/ScannerStatus"):
            told = self.feeder.told()
            body = (
                f"<?xml version='1.0'?><scan:ScannerStatus {NAMESPACES}><pwg:Version>2.6</pwg:Version>"
                f"<pwg:State>Idle</pwg:State><scan:AdfState>{told}</scan:AdfState></scan:ScannerStatus>"
            )
            self._answer(200, body.encode(), "text/xml")
        elif self.path.endswith("/NextDocument"):
            self._next()
        else:
            self._answer(404)

    def do_POST(self) -> None:
        wanted = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        feeder = self.feeder
        if ">Feeder<" in wanted and feeder.told() != "ScannerAdfLoaded":
            self._answer(409)
            return
        feeder.jobs += 1
        feeder.dpi = int(wanted.partition("<scan:XResolution>")[2].partition("<")[0] or 300)
        self._answer(201, location=f"/eSCL/ScanJobs/{feeder.jobs}")

    def do_DELETE(self) -> None:
        self._answer(200)

    def _next(self) -> None:
        feeder = self.feeder
        if feeder.waited < feeder.busy:
            feeder.waited += 1
            self._answer(503)
            return
        feeder.waited = 0
        if not feeder.sides or feeder.state != "ScannerAdfLoaded":
            self._answer(404)
        elif feeder.sides[0] in feeder.trouble:
            feeder.state = feeder.trouble.pop(feeder.sides[0])
            self._answer(409)
        else:
            number = feeder.sides.pop(0)
            feeder.given.append(number)
            self._answer(200, number_picture(number, feeder.dpi, feeder.size_mm), "image/jpeg")

    def _answer(self, code: int, body: bytes = b"", kind: str = "", location: str = "") -> None:
        self.send_response(code)
        if kind:
            self.send_header("Content-Type", kind)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def escl_scanner(feeder: Feeder) -> Iterator[str]:
    """A scanner that runs until the block ends; gives its address, ``http://127.0.0.1:PORT/eSCL``."""
    handler = type("Handler", (_Handler,), {"feeder": feeder})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/eSCL"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _capabilities() -> str:
    resolutions = "".join(
        f"<scan:DiscreteResolution><scan:XResolution>{dpi}</scan:XResolution>"
        f"<scan:YResolution>{dpi}</scan:YResolution></scan:DiscreteResolution>"
        for dpi in (75, 100, 150, 200, 300, 600)
    )
    inputs = (
        f"<scan:MinWidth>16</scan:MinWidth><scan:MaxWidth>{round(216 * MM)}</scan:MaxWidth>"
        f"<scan:MinHeight>16</scan:MinHeight><scan:MaxHeight>{round(300 * MM)}</scan:MaxHeight>"
        "<scan:SettingProfiles><scan:SettingProfile><scan:ColorModes><scan:ColorMode>Grayscale8</scan:ColorMode>"
        "<scan:ColorMode>RGB24</scan:ColorMode></scan:ColorModes><scan:DocumentFormats>"
        "<pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat></scan:DocumentFormats>"
        f"<scan:SupportedResolutions><scan:DiscreteResolutions>{resolutions}</scan:DiscreteResolutions>"
        "</scan:SupportedResolutions></scan:SettingProfile></scan:SettingProfiles>"
    )
    return (
        f"<?xml version='1.0'?><scan:ScannerCapabilities {NAMESPACES}><pwg:Version>2.6</pwg:Version>"
        "<pwg:MakeAndModel>Emulated Feeder</pwg:MakeAndModel><pwg:SerialNumber>1</pwg:SerialNumber>"
        f"<scan:Platen><scan:PlatenInputCaps>{inputs}</scan:PlatenInputCaps></scan:Platen>"
        f"<scan:Adf><scan:AdfSimplexInputCaps>{inputs}</scan:AdfSimplexInputCaps>"
        f"<scan:AdfDuplexInputCaps>{inputs}</scan:AdfDuplexInputCaps>"
        "<scan:AdfOptions><scan:AdfOption>Duplex</scan:AdfOption><scan:AdfOption>DetectPaperLoaded"
        "</scan:AdfOption></scan:AdfOptions></scan:Adf></scan:ScannerCapabilities>"
    )
