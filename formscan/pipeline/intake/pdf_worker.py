"""Opens one PDF in a process of its own, so that a file that hangs or swells costs only itself.

Started by ``formscan.pipeline.intake.pdf`` as ``python -m``. Standard output carries a line of JSON for
the file, then for each page number asked for on standard input a line of JSON and, where it says
``bytes``, that many bytes.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO, Final

import pikepdf
from pdf2image import convert_from_path
from pdf2image.exceptions import (
    PDFInfoNotInstalledError,
    PDFPageCountError,
    PDFPopplerTimeoutError,
    PDFSyntaxError,
)
from PIL import Image

from formscan.errors import RefusedFileError
from formscan.pipeline.intake.limits import AcquireLimits, refuse
from formscan.pipeline.intake.pdf_scan import Scan, find_scan, has_big_picture, page_box, user_unit

TAIL_BYTES: Final = 4096
"""Where ``%%EOF`` has to stand; ISO 32000-1 says the last line, files have rubbish after it."""
POINTS_PER_MM: Final = 72.0 / 25.4
LEAST_DPI: Final = 150
MOST_DPI: Final = 600

Answer = tuple[dict[str, Any], bytes]
_DAMAGE: Final = (
    pikepdf.PdfError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    OSError,
)


def main(arguments: list[str]) -> int:
    """Answer until standard input ends.

    Args:
        arguments: Path of the PDF and the limits as JSON.
    """
    path, limits = Path(arguments[0]), AcquireLimits(**json.loads(arguments[1]))
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr
    _bound_memory(limits.worker_bytes)
    Image.MAX_IMAGE_PIXELS = None
    try:
        document = open_document(path, limits)
    except RefusedFileError as error:
        _send(out, ({"refused": error.code, "facts": error.facts}, b""))
        return 0
    with document:
        repaired = bool(document.get_warnings())
        _send(out, ({"pages": len(document.pages), "repaired": repaired}, b""))
        for line in sys.stdin:
            _send(out, _answer(document, path, int(line), limits))
    return 0


def open_document(path: Path, limits: AcquireLimits) -> pikepdf.Pdf:
    """Open a PDF whose end is there and that needs no password.

    Raises:
        RefusedFileError: Otherwise, or if it has no or too many pages.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        if b"%%EOF" not in file.read():
            raise refuse("truncated", kind="pdf")
    try:
        document = pikepdf.open(path)
        count = len(document.pages)
    except pikepdf.PasswordError as error:
        raise refuse("encrypted", kind="pdf") from error
    except (*_DAMAGE, MemoryError) as error:
        raise refuse("malformed", kind="pdf", error=type(error).__name__) from error
    if not count:
        raise refuse("no_pages", kind="pdf")
    if count > limits.pages:
        raise refuse("too_many_pages", pages=count, allowed=limits.pages)
    return document


def _answer(document: pikepdf.Pdf, path: Path, index: int, limits: AcquireLimits) -> Answer:
    try:
        page = document.pages[index]
        scan = find_scan(page)
        taken = None if scan is None else _taken_out(scan, limits)
        return taken if taken is not None else _rendered(page, path, index, limits)
    except RefusedFileError as error:
        return {"refused": error.code, "facts": error.facts}, b""
    except (*_DAMAGE, MemoryError) as error:
        return {"refused": "acquire.malformed", "facts": {"kind": "pdf", "error": type(error).__name__}}, b""


def _taken_out(scan: Scan, limits: AcquireLimits) -> Answer | None:
    """The scan as it lies in the file, or ``None`` for a way of coding that is left to the renderer."""
    image = scan.image
    if not isinstance(image, pikepdf.Stream):
        return None
    if any(key in image for key in ("/SMask", "/Mask")) or bool(image.get("/ImageMask", False)):
        return None
    pixels = int(image["/Width"]) * int(image["/Height"])
    if pixels > limits.pixels:
        raise refuse("too_many_pixels", pixels=pixels, allowed=limits.pixels)
    told = {"orientation": scan.orientation, "dpi": scan.dpi}
    picture = pikepdf.PdfImage(image)
    if picture.filters == ["/DCTDecode"]:
        plain = picture.colorspace in {"/DeviceGray", "/DeviceRGB", "/ICCBased", "/CalGray", "/CalRGB"}
        if not plain or "/Decode" in image or "/DecodeParms" in image:
            return None
        return {"kind": "jpeg", **told}, image.read_raw_bytes()
    if set(picture.filters) - {"/FlateDecode", "/CCITTFaxDecode", "/LZWDecode"} or not _is_simple(picture):
        return None
    return _tones(picture.as_pil_image(), told)


def _is_simple(picture: pikepdf.PdfImage) -> bool:
    return picture.bits_per_component in {1, 8} and picture.colorspace in {
        "/DeviceGray", "/DeviceRGB", "/CalGray", "/CalRGB", "/ICCBased",
    }  # fmt: skip


def _rendered(page: pikepdf.Page, path: Path, index: int, limits: AcquireLimits) -> Answer:
    left, bottom, right, top = page_box(page)
    unit = user_unit(page)
    wide, high = (right - left) * unit, (top - bottom) * unit
    if min(wide, high) < 1:
        raise refuse("malformed", kind="pdf", width_pt=round(wide), height_pt=round(high))
    if max(wide, high) > limits.side_mm * POINTS_PER_MM:
        told = {"width_mm": round(wide / POINTS_PER_MM), "height_mm": round(high / POINTS_PER_MM)}
        raise refuse("page_too_large", **told)
    dpi = _render_dpi(page, limits)
    if wide * high * (dpi / 72) ** 2 > limits.pixels:
        raise refuse("too_many_pixels", dpi=dpi, allowed=limits.pixels)
    drawn, damaged = _draw(path, index + 1, dpi, limits.page_s)
    notes = ["pdf.rendered", "pdf.damaged"] if damaged else ["pdf.rendered"]
    return _tones(drawn, {"orientation": 1, "dpi": (dpi, dpi), "notes": notes})


def _render_dpi(page: pikepdf.Page, limits: AcquireLimits) -> int:
    """That of a picture that fills the page, so that it is not resampled; else the usual one."""
    native = has_big_picture(page)
    if native is None or native < LEAST_DPI or len(page.images) != 1:
        return limits.render_dpi
    return min(round(native), MOST_DPI)


def _draw(path: Path, number: int, dpi: int, seconds: float) -> tuple[Image.Image, bool]:
    """A page drawn by poppler, and whether it complained about the file.

    Raises:
        RefusedFileError: If poppler is missing, takes too long or draws nothing.
    """
    for strict in (True, False):
        try:
            drawn = convert_from_path(
                path,
                dpi=dpi,
                first_page=number,
                last_page=number,
                use_cropbox=True,
                strict=strict,
                timeout=seconds,  # type: ignore[arg-type]  # declared int; handed to Popen.communicate
            )
        except PDFSyntaxError:
            continue
        except PDFPopplerTimeoutError as error:
            raise refuse("timeout", seconds=seconds) from error
        except PDFInfoNotInstalledError as error:
            raise refuse("no_poppler") from error
        except PDFPageCountError as error:
            raise refuse("malformed", kind="pdf", error="pdfinfo") from error
        if drawn:
            return drawn[0], not strict
    raise refuse("malformed", kind="pdf", error="pdftoppm")


def _tones(picture: Image.Image, told: dict[str, Any]) -> Answer:
    if picture.mode == "RGB" and _is_grey(picture):
        picture = picture.getchannel(0)
    if picture.mode not in {"L", "RGB"}:
        picture = picture.convert("L" if picture.mode == "1" else "RGB")
    size = {"width": picture.width, "height": picture.height, "channels": len(picture.getbands())}
    return {"kind": "pixels", **size, **told}, picture.tobytes()


def _is_grey(picture: Image.Image) -> bool:
    red, green, blue = (band.tobytes() for band in picture.split())
    return red == green == blue


def _send(out: BinaryIO, answer: Answer) -> None:
    head, body = answer
    out.write(json.dumps({**head, "bytes": len(body)}).encode() + b"\n")
    out.write(body)
    out.flush()


def _bound_memory(allowed: int) -> None:
    """Bound this process and what it starts, where the system can (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
