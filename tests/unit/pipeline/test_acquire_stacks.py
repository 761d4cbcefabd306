"""Folders, archives and PDFs: everything in order, nothing dangerous, the rest of the stack goes on."""

from __future__ import annotations

import io
import os
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.pdfgen import canvas  # type: ignore[import-untyped]

from formscan.model.page import Held, Page
from formscan.pipeline.acquire import REASONS, AcquireLimits, acquire, decode
from formscan.pipeline.intake import pdf as pdf_module


def drawn(seed: int, size: tuple[int, int] = (585, 413)) -> np.ndarray:
    rng = np.random.default_rng(seed)
    page = np.full(size, 240, np.uint8)
    for _ in range(60):
        y, x = int(rng.integers(0, size[0] - 8)), int(rng.integers(0, size[1] - 30))
        page[y : y + 5, x : x + 25] = int(rng.integers(0, 120))
    return page


def jpeg(seed: int = 0) -> bytes:
    out = io.BytesIO()
    Image.fromarray(drawn(seed)).save(out, "JPEG", quality=90)
    return out.getvalue()


def labels(items: list[Page | Held]) -> list[str]:
    return [item.source.name for item in items]


def held(item: Page | Held) -> str:
    assert isinstance(item, Held), item
    assert item.reason in REASONS
    return item.reason


def scan_pdf(path: Path, *, rotate: int = 0, kind: str = "jpeg", flip: bool = False) -> None:
    """A page that is one picture, as scanners write it."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(413 * 0.72, 585 * 0.72))
    if kind == "jpeg":
        image = pikepdf.Stream(document, jpeg())
        image.stream_dict = pikepdf.Dictionary(
            Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=413, Height=585,
            ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode,
        )  # fmt: skip
    else:
        image = pikepdf.Stream(
            document,
            drawn(0).tobytes(),
            Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=413, Height=585,
            ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8,
        )  # fmt: skip
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
    wide, high = 413 * 0.72, 585 * 0.72
    matrix = f"{wide} 0 0 {-high} 0 {high}" if flip else f"{wide} 0 0 {high} 0 0"
    page.Contents = document.make_stream(f"q {matrix} cm /Im0 Do Q".encode())
    if rotate:
        page.Rotate = rotate
    document.save(path, compress_streams=True)


def drawn_pdf(path: Path, pages: int = 1, size: tuple[float, float] = A4) -> None:
    sheet = canvas.Canvas(str(path), pagesize=size)
    for number in range(pages):
        sheet.setFont("Helvetica", 40)
        sheet.drawString(100, 400, f"Page {number + 1}")
        sheet.showPage()
    sheet.save()


def test_that_a_scan_in_a_pdf_comes_out_byte_for_byte(tmp_path: Path) -> None:
    scan_pdf(tmp_path / "p.pdf")
    (page,) = acquire(tmp_path / "p.pdf")
    assert isinstance(page, Page)
    assert page.encoded == jpeg()
    assert page.dpi == pytest.approx(100)
    assert np.array_equal(page.pixels, decode(jpeg()))


def test_that_a_flate_scan_in_a_pdf_comes_out_pixel_for_pixel(tmp_path: Path) -> None:
    scan_pdf(tmp_path / "p.pdf", kind="flate")
    (page,) = acquire(tmp_path / "p.pdf")
    assert isinstance(page, Page)
    assert np.array_equal(page.pixels, drawn(0))
    assert "pdf.rendered" not in page.notes


@pytest.mark.parametrize(("rotate", "turns"), [(90, -1), (180, 2), (270, 1)])
def test_that_a_turned_page_is_turned_and_its_kept_bytes_decode_alike(
    tmp_path: Path, rotate: int, turns: int
) -> None:
    scan_pdf(tmp_path / "p.pdf", rotate=rotate)
    (page,) = acquire(tmp_path / "p.pdf")
    assert isinstance(page, Page)
    assert np.array_equal(page.pixels, np.rot90(decode(jpeg()), turns))
    assert page.encoded is not None
    assert np.array_equal(decode(page.encoded), page.pixels)


def test_that_a_scan_painted_upside_down_is_righted(tmp_path: Path) -> None:
    scan_pdf(tmp_path / "p.pdf", flip=True)
    (page,) = acquire(tmp_path / "p.pdf")
    assert isinstance(page, Page)
    assert np.array_equal(page.pixels, decode(jpeg())[::-1])


def test_that_anything_painted_over_a_scan_makes_it_rendered(tmp_path: Path) -> None:
    scan_pdf(tmp_path / "p.pdf")
    with pikepdf.open(tmp_path / "p.pdf") as document:
        document.pages[0].contents_add(b"0 g 100 100 50 50 re f")
        document.save(tmp_path / "q.pdf")
    (page,) = acquire(tmp_path / "q.pdf")
    assert isinstance(page, Page)
    assert "pdf.rendered" in page.notes
    assert page.pixels[-int(125 / 72 * page.dpi), int(125 / 72 * page.dpi)] < 10


def test_that_a_drawn_pdf_is_rendered_page_by_page(tmp_path: Path) -> None:
    drawn_pdf(tmp_path / "p.pdf", 2)
    items = list(acquire(tmp_path / "p.pdf"))
    assert [item.source.index for item in items] == [0, 1]
    for item in items:
        assert isinstance(item, Page)
        assert item.dpi == 300
        assert np.abs(np.subtract(item.pixels.shape, (3508, 2480))).max() <= 1
        assert item.pixels.min() < 30


def test_that_filled_form_fields_are_seen(tmp_path: Path) -> None:
    sheet = canvas.Canvas(str(tmp_path / "p.pdf"), pagesize=A4)
    sheet.acroForm.textfield(name="name", value="NGUYEN", x=100, y=400, width=300, height=40, borderWidth=0)
    sheet.showPage()
    sheet.save()
    (page,) = acquire(tmp_path / "p.pdf")
    assert isinstance(page, Page)
    assert int((page.pixels < 100).sum()) > 200


def test_that_an_encrypted_pdf_is_refused_as_such(tmp_path: Path) -> None:
    drawn_pdf(tmp_path / "p.pdf")
    with pikepdf.open(tmp_path / "p.pdf") as document:
        document.save(tmp_path / "q.pdf", encryption=pikepdf.Encryption(user="secret", owner="o"))
    (item,) = acquire(tmp_path / "q.pdf")
    assert held(item) == "acquire.encrypted"


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.9, 0.98])
def test_that_a_cut_pdf_is_refused(tmp_path: Path, share: float) -> None:
    drawn_pdf(tmp_path / "p.pdf", 3)
    data = (tmp_path / "p.pdf").read_bytes()
    (tmp_path / "q.pdf").write_bytes(data[: int(len(data) * share)])
    (item,) = acquire(tmp_path / "q.pdf")
    assert held(item) == "acquire.truncated"


def test_that_rubbish_between_the_marks_of_a_pdf_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 20 + b"\n%%EOF\n")
    (item,) = acquire(tmp_path / "p.pdf")
    assert held(item) in {"acquire.malformed", "acquire.no_pages"}


def test_that_a_page_larger_than_any_paper_is_refused_before_it_is_drawn(tmp_path: Path) -> None:
    drawn_pdf(tmp_path / "p.pdf", size=(14000, 14000))
    started = time.monotonic()
    (item,) = acquire(tmp_path / "p.pdf")
    assert held(item) == "acquire.page_too_large"
    assert time.monotonic() - started < 10


def test_that_a_page_that_takes_too_long_is_held_and_the_next_file_is_read(tmp_path: Path) -> None:
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    page.Contents = document.make_stream(b"q 0 0 m 500 800 l 1 0 1 RG S Q " * 2_000_000)
    document.save(tmp_path / "a.pdf")
    (tmp_path / "b.jpg").write_bytes(jpeg())
    slow, fine = acquire(tmp_path, AcquireLimits(page_s=0.5))
    assert held(slow) == "acquire.timeout"
    assert isinstance(fine, Page)


def test_that_missing_poppler_is_told_and_is_not_the_files_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn_pdf(tmp_path / "p.pdf")
    monkeypatch.setenv("PATH", str(tmp_path))
    (item,) = acquire(tmp_path / "p.pdf")
    assert isinstance(item, Held)
    assert (item.reason, item.quarantined) == ("acquire.no_poppler", False)


def test_that_a_worker_that_dies_costs_one_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn_pdf(tmp_path / "p.pdf", 2)
    pages = acquire(tmp_path / "p.pdf")
    assert isinstance(next(pages), Page)
    started: list[object] = []
    original = pdf_module._Worker.ask

    def killed(self: pdf_module._Worker, index: int) -> object:
        assert self._process is not None
        started.append(index)
        self._process.kill()
        self._process.wait()
        return original(self, index)

    monkeypatch.setattr(pdf_module._Worker, "ask", killed)
    assert held(next(pages)) == "acquire.crashed"
    assert list(pages) == []
    assert started == [1]


def test_that_a_folder_is_read_in_the_order_a_person_would_name(tmp_path: Path) -> None:
    for name in (
        "page 10.jpg",
        "page 9.jpg",
        "b/page 1.jpg",
        "a2/x.jpg",
        "a10/x.jpg",
        "Thumbs.db",
        "._x.jpg",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(jpeg())
    assert labels(list(acquire(tmp_path))) == [
        "a2/x.jpg",
        "a10/x.jpg",
        "b/page 1.jpg",
        "page 9.jpg",
        "page 10.jpg",
    ]


def test_that_an_empty_folder_is_told(tmp_path: Path) -> None:
    (item,) = acquire(tmp_path)
    assert held(item) == "acquire.no_pages"


def zipped(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def test_that_an_archive_is_read_and_its_bad_members_are_named(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x.jpg", jpeg())
    members = {
        "2.jpg": jpeg(),
        "10.jpg": jpeg(1)[:900],
        "z/in.zip": inner.getvalue(),
        "__MACOSX/._2.jpg": b"x",
    }
    zipped(tmp_path / "s.zip", members)
    good, cut, nested = acquire(tmp_path / "s.zip")
    assert isinstance(good, Page)
    assert good.source.name == "s.zip!/2.jpg"
    assert held(cut) == "acquire.truncated"
    assert (held(nested), nested.source.name) == ("acquire.nested_archive", "s.zip!/z/in.zip")


def test_that_a_member_with_a_way_out_does_no_harm(tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    zipped(room / "s.zip", {"../../evil.jpg": jpeg(), "/abs/evil.jpg": jpeg(), "C:\\evil.jpg": jpeg()})
    before = sorted(tmp_path.rglob("*"))
    assert all(isinstance(item, Page) for item in acquire(room / "s.zip"))
    assert sorted(tmp_path.rglob("*")) == before
    assert not Path("/abs").exists()


def test_that_bombs_are_not_unpacked(tmp_path: Path) -> None:
    zipped(tmp_path / "bomb.zip", {"zeros.jpg": bytes(300 * 2**20)})
    (item,) = acquire(tmp_path / "bomb.zip")
    assert held(item) == "acquire.archive_bomb"
    zipped(tmp_path / "big.zip", {"a.jpg": os.urandom(4000), "b.jpg": os.urandom(4000)})
    (item,) = acquire(tmp_path / "big.zip", AcquireLimits(archive_bytes=6000))
    assert held(item) in {"acquire.archive_too_large", "acquire.too_large"}
    (item,) = acquire(tmp_path / "big.zip", AcquireLimits(archive_members=1))
    assert held(item) == "acquire.archive_too_large"


def test_that_encrypted_members_and_office_files_are_told(tmp_path: Path) -> None:
    zipped(tmp_path / "s.zip", {"a.jpg": jpeg()})
    data = bytearray((tmp_path / "s.zip").read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    (tmp_path / "e.zip").write_bytes(data)
    (item,) = acquire(tmp_path / "e.zip")
    assert held(item) == "acquire.encrypted"
    zipped(tmp_path / "letter.docx", {"[Content_Types].xml": b"<x/>"})
    (item,) = acquire(tmp_path / "letter.docx")
    assert held(item) == "acquire.unknown_kind"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_that_a_cut_archive_is_refused(tmp_path: Path, share: float) -> None:
    zipped(tmp_path / "s.zip", {"a.jpg": jpeg(), "b.jpg": jpeg(1)})
    data = (tmp_path / "s.zip").read_bytes()
    (tmp_path / "t.zip").write_bytes(data[: int(len(data) * share)])
    (item,) = acquire(tmp_path / "t.zip")
    assert held(item) == "acquire.malformed"


def test_that_no_temporary_file_is_left_when_the_reader_stops_halfway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = tmp_path / "temporary"
    room.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    zipped(tmp_path / "s.zip", {"a.jpg": jpeg(), "b.jpg": jpeg(1)})
    pages = acquire(tmp_path / "s.zip")
    assert isinstance(next(pages), Page)
    assert list(room.rglob("*"))
    pages.close()  # type: ignore[attr-defined]
    assert not list(room.rglob("*"))
