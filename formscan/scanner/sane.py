"""Scanners through SANE, driven as ``scanimage`` in a process of its own.

A vendor's backend that crashes or hangs costs the side under way and not the program (decision 030).
Network scanners come the same way, through sane-airscan.

Process contract: ``scanimage`` writes ``NAME.part``, renames it and only then prints the name; it asks
before each side and ends when nobody answers any more, so that it never outlives this program by more
than one side; its exit status is a ``SANE_Status``.
"""

from __future__ import annotations

import os
import re
import selectors
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, ClassVar, Final

import numpy as np

from formscan.errors import ScannerError
from formscan.model.page import Pixels
from formscan.scanner.device import Abilities, Device, Fed, Feeding, Halt, Intake, ScanSettings
from formscan.scanner.sane_options import SaneOptions

PROGRAM: Final = "scanimage"
SIDE_S: Final = 120.0
"""A scanner from which nothing comes for so long is taken for dead: lamps warm up in less."""
LIST_S: Final = 40.0
"""Time limit of looking for scanners; some backends ask the network."""
PREVIEW_DPI: Final = 75
PREVIEW_STEP_S: Final = 0.1
STATUS: Final = {
    2: "scanner.stopped",
    3: "scanner.busy",
    6: "scanner.jammed",
    7: "scanner.feeder_empty",
    8: "scanner.cover_open",
    9: "scanner.input_output",
    11: "scanner.refused",
}
"""Of ``SANE_Status`` (SANE standard 1.06, 4.2.7)."""


class SaneDriver:
    """Scanners SANE knows.

    Args:
        side_s: Longest wait for a side.
        environment: Added to that of ``scanimage``, e.g. ``SANE_CONFIG_DIR``.
    """

    name: ClassVar[str] = "sane"

    def __init__(self, side_s: float = SIDE_S, environment: Mapping[str, str] | None = None) -> None:
        self._side_s = side_s
        self._environment = dict(environment or {})

    @staticmethod
    def works_here() -> bool:
        """Whether ``scanimage`` is installed."""
        return shutil.which(PROGRAM) is not None

    def devices(self) -> list[Device]:
        """Scanners that can be reached now."""
        told = self._ask(["-f", "%d\t%v %m%n"], LIST_S)
        rows = (line.split("\t") for line in told.splitlines() if "\t" in line)
        return [Device(name, label.strip(), self.name) for name, label in rows]

    def abilities(self, device: str) -> Abilities:
        """What a scanner can do.

        Raises:
            ScannerError: Where it cannot be opened.
        """
        return self._options(device).abilities()

    def feed(
        self, device: str, settings: ScanSettings, into: Path, first: int
    ) -> AbstractContextManager[Feeding]:
        """Scan until the paper stops; see ``Driver.feed``."""
        return self._feed(device, settings, into, first)

    def preview(self, device: str, settings: ScanSettings) -> AbstractContextManager[Iterator[Pixels]]:
        """Scan one side coarsely and show it growing; see ``Driver.preview``."""
        return self._preview(device, settings)

    @contextmanager
    def _feed(self, device: str, settings: ScanSettings, into: Path, first: int) -> Iterator[Feeding]:
        told = self._options(device).arguments(settings)
        batch = [f"--batch={into / '%06d.tif'}", f"--batch-start={first}", "--batch-print", "--batch-prompt"]
        batch += ["--batch-count=1"] if settings.intake is Intake.GLASS else []
        with self._started([f"--device-name={device}", *told, "--format=tiff", *batch]) as (scan, errors):
            ended = "scanner.next_sheet" if settings.intake is Intake.GLASS else "scanner.feeder_empty"
            yield _sides(scan, errors, self._side_s, ended)

    @contextmanager
    def _preview(self, device: str, settings: ScanSettings) -> Iterator[Iterator[Pixels]]:
        options = self._options(device)
        coarse = min((d for d in options.abilities().dpi if d >= PREVIEW_DPI), default=PREVIEW_DPI)
        dpi = PREVIEW_DPI if options.abilities().offers(PREVIEW_DPI) else coarse
        looks = ScanSettings(settings.intake, dpi, settings.colour, settings.paper_mm)
        told = options.arguments(looks) + (["--preview=yes"] if "--preview" in options else [])
        with self._started([f"--device-name={device}", *told, "--format=pnm"]) as (scan, errors):
            yield _growing(scan, errors, self._side_s)

    def _options(self, device: str) -> SaneOptions:
        return SaneOptions(self._ask([f"--device-name={device}", "-A"], LIST_S))

    def _ask(self, arguments: list[str], limit_s: float) -> str:
        command = [PROGRAM, *arguments]
        try:
            done = subprocess.run(
                command, env=self._env(), stdin=subprocess.DEVNULL, capture_output=True, timeout=limit_s,
                check=False, encoding="utf-8", errors="replace",
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise ScannerError("scanner.silent", seconds=limit_s) from None
        except FileNotFoundError:
            raise ScannerError("scanner.no_driver", program=PROGRAM) from None
        if done.returncode:
            halt = _why(done.returncode, done.stderr)
            raise ScannerError(halt.reason, **dict(halt.facts))
        return done.stdout

    def _env(self) -> dict[str, str]:
        return {**os.environ, **self._environment, "LC_ALL": "C"}

    @contextmanager
    def _started(self, arguments: list[str]) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
        pipe = subprocess.PIPE
        with tempfile.TemporaryFile() as errors:
            command = [PROGRAM, *arguments]
            with subprocess.Popen(
                command, bufsize=0, env=self._env(), stdin=pipe, stdout=pipe, stderr=errors
            ) as scan:
                try:
                    yield scan, errors
                finally:
                    _end(scan)


def _end(scan: subprocess.Popen[bytes]) -> None:
    """End ``scanimage``; it gives the device back if it is asked first."""
    if scan.stdin is not None and not scan.stdin.closed:
        scan.stdin.close()
    for end in (scan.terminate, scan.kill):
        if scan.poll() is None:
            end()
            try:
                scan.wait(5.0)
            except subprocess.TimeoutExpired:
                continue
    scan.wait()


def _sides(scan: subprocess.Popen[bytes], errors: IO[bytes], side_s: float, ended: str) -> Feeding:
    """Names as ``scanimage`` prints them, then why it ended."""
    _answer(scan)
    for line in _lines(scan, side_s):
        if line is None:
            yield Halt("scanner.silent", (("seconds", f"{side_s:g}"),))
            return
        yield Fed(Path(os.fsdecode(line)))
        _answer(scan)
    code = scan.wait()
    yield _why(code, _told(errors)) if code else Halt(ended)


def _answer(scan: subprocess.Popen[bytes]) -> None:
    """Let the next side come; a scanner that has ended meanwhile says why itself."""
    assert scan.stdin is not None
    try:
        scan.stdin.write(b"\n")
        scan.stdin.flush()
    except BrokenPipeError:
        return


def _lines(scan: subprocess.Popen[bytes], wait_s: float) -> Iterator[bytes | None]:
    """Lines of the output; ``None`` where none came in time."""
    waiting = b""
    for piece in _pieces(scan, lambda: wait_s):
        if piece is None:
            yield None
            return
        *whole, waiting = (waiting + piece).split(b"\n")
        yield from (line for line in whole if line)


def _pieces(scan: subprocess.Popen[bytes], wait_s: Callable[[], float]) -> Iterator[bytes | None]:
    """What comes out, as it comes; ``None`` where nothing came in time, the end of it otherwise."""
    assert scan.stdout is not None
    with selectors.DefaultSelector() as ready:
        ready.register(scan.stdout, selectors.EVENT_READ)
        while True:
            if not ready.select(wait_s()):
                yield None
                return
            piece = os.read(scan.stdout.fileno(), 1 << 16)
            if not piece:
                return
            yield piece


def _growing(scan: subprocess.Popen[bytes], errors: IO[bytes], side_s: float) -> Iterator[Pixels]:
    """Pictures out of a PNM (P5 grey, P6 colour, 8 bit) that is still coming.

    Raises:
        ScannerError: Where it stops before its end.
    """
    data, shown_at = bytearray(), time.monotonic()
    for piece in _pieces(scan, lambda: side_s):
        if piece is None:
            raise ScannerError("scanner.silent", seconds=side_s)
        data += piece
        if time.monotonic() - shown_at >= PREVIEW_STEP_S and _header(data) is not None:
            shown_at = time.monotonic()
            yield _picture(data)
    code = scan.wait()
    if code or _header(data) is None:
        halt = _why(code, _told(errors))
        raise ScannerError(halt.reason, **dict(halt.facts))
    yield _picture(data)


def _header(data: bytearray) -> tuple[int, int, int, int] | None:
    """Length of the head, height, width and channels; ``None`` while it is not there."""
    head = re.match(rb"P([56])\n(?:#.*\n)*(\d+) (\d+)\n(\d+)\n", data[:400])
    if head is None:
        return None
    return head.end(), int(head[3]), int(head[2]), 3 if head[1] == b"6" else 1


def _picture(data: bytearray) -> Pixels:
    head = _header(data)
    assert head is not None
    start, height, width, channels = head
    whole = np.full(height * width * channels, 255, np.uint8)
    came = np.frombuffer(bytes(data[start : start + len(whole)]), np.uint8)
    whole[: len(came)] = came
    return whole.reshape((height, width, 3) if channels == 3 else (height, width))


def _told(errors: IO[bytes]) -> str:
    errors.seek(0)
    return errors.read().decode("utf-8", "replace")


def _why(code: int, told: str) -> Halt:
    """The reason of an exit status; what SANE says in words is no patient text and kept short."""
    words = next((line for line in reversed(told.splitlines()) if line.startswith(f"{PROGRAM}:")), "")
    facts = (("told", words.removeprefix(f"{PROGRAM}:").strip()[:120]),) if words else ()
    if code < 0:
        return Halt("scanner.died", (("signal", str(-code)), *facts))
    if "open of device" in words and code not in STATUS:
        return Halt("scanner.no_device", facts)
    return Halt(STATUS.get(code, "scanner.failed"), (("status", str(code)), *facts))
