"""Pictures become pages exactly, or are refused for a reason; never a part of a page in silence."""

from __future__ import annotations

import io
import struct
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from formscan.model.page import Held, Page
from formscan.pipeline.acquire import REASONS, AcquireLimits, acquire, decode

TALL, WIDE = 351, 248
FORMATS: tuple[tuple[str, dict[str, object]], ...] = (
    ("JPEG", {"quality": 85}),
    ("PNG", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("TIFF", {"compression": "jpeg"}),
    ("BMP", {}),
    ("WEBP", {"lossless": True}),
)


def drawn(seed: int = 0, size: tuple[int, int] = (TALL, WIDE)) -> np.ndarray:
    rng = np.random.default_rng(seed)
    page = np.full(size, 240, np.uint8)
    for _ in range(60):
        y, x = int(rng.integers(0, size[0] - 8)), int(rng.integers(0, size[1] - 30))
        page[y : y + 5, x : x + 25] = int(rng.integers(0, 120))
    return page


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def taken(path: Path, data: bytes, limits: AcquireLimits | None = None) -> list[Page | Held]:
    path.write_bytes(data)
    return list(acquire(path, limits or AcquireLimits()))


def page_of(items: list[Page | Held]) -> Page:
    (page,) = items
    assert isinstance(page, Page), page
    return page


def reason_of(items: list[Page | Held]) -> str:
    (held,) = items
    assert isinstance(held, Held), held
    assert held.reason in REASONS
    assert held.stage == "acquire"
    return held.reason


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_that_lossless_pictures_come_in_pixel_for_pixel(tmp_path: Path, kind: str) -> None:
    pixels = drawn()
    page = page_of(taken(tmp_path / "p.bin", saved(Image.fromarray(pixels), kind)))
    assert np.array_equal(page.pixels, pixels)


def test_that_the_kind_is_decided_by_content_and_not_by_the_name(tmp_path: Path) -> None:
    data = saved(Image.fromarray(drawn()), "JPEG")
    page = page_of(taken(tmp_path / "really.pdf", data))
    assert page.media_type == "image/jpeg"
    assert page.encoded == data
    assert np.array_equal(decode(data), page.pixels)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_that_exif_orientation_is_applied_and_kept_bytes_decode_alike(
    tmp_path: Path, kind: str, orientation: int
) -> None:
    upright = drawn()
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    image = Image.fromarray(upright)
    if orientation > 1:
        image = image.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
    page = page_of(taken(tmp_path / "p", saved(image, kind, exif=exif, **options)))
    assert page.pixels.shape == upright.shape
    assert np.abs(page.pixels.astype(int) - upright).mean() < 2
    if page.encoded is not None:
        assert np.array_equal(decode(page.encoded), page.pixels)


def test_that_one_bit_pages_are_black_and_white(tmp_path: Path) -> None:
    image = Image.fromarray(drawn()).convert("1", dither=Image.Dither.NONE)
    page = page_of(taken(tmp_path / "p", saved(image, "TIFF", compression="group4")))
    assert set(np.unique(page.pixels)) == {0, 255}


def test_that_sixteen_bits_are_scaled_and_not_cut_off(tmp_path: Path) -> None:
    deep = np.linspace(0, 65535, TALL * WIDE).reshape(TALL, WIDE).astype(np.uint16)
    for kind in ("PNG", "TIFF"):
        page = page_of(taken(tmp_path / kind, saved(Image.fromarray(deep), kind)))
        assert np.abs(page.pixels.astype(float) - deep / 257.0).max() <= 0.51
        if page.encoded is not None:
            assert np.array_equal(decode(page.encoded), page.pixels)


def test_that_cmyk_white_stays_white_also_as_adobe_writes_it(tmp_path: Path) -> None:
    cmyk = Image.fromarray(drawn()).convert("RGB").convert("CMYK")
    for kind in ("JPEG", "TIFF"):
        page = page_of(taken(tmp_path / kind, saved(cmyk, kind)))
        assert page.pixels.ndim == 3
        assert 230 < np.median(page.pixels) < 250
        assert "colour.cmyk" in page.notes


def test_that_transparent_paper_is_white(tmp_path: Path) -> None:
    ink = np.zeros((TALL, WIDE, 4), np.uint8)
    ink[40:60, 40:80, 3] = 255
    page = page_of(taken(tmp_path / "p", saved(Image.fromarray(ink), "PNG")))
    assert page.pixels[0, 0] == 255
    assert page.pixels[50, 50] == 0


def test_that_palette_pictures_keep_their_colours(tmp_path: Path) -> None:
    colour = np.zeros((TALL, WIDE, 3), np.uint8)
    colour[:, :100] = (200, 30, 30)
    page = page_of(taken(tmp_path / "p", saved(Image.fromarray(colour).quantize(4), "PNG")))
    assert page.pixels.shape == colour.shape
    assert abs(int(page.pixels[5, 5, 0]) - 200) < 8


def test_that_every_page_of_a_tiff_is_found_in_order(tmp_path: Path) -> None:
    pages = [drawn(n) for n in range(3)]
    first, *rest = (Image.fromarray(p) for p in pages)
    items = taken(
        tmp_path / "p", saved(first, "TIFF", save_all=True, append_images=rest, compression="tiff_lzw")
    )
    for number, (item, pixels) in enumerate(zip(items, pages, strict=True)):
        assert isinstance(item, Page)
        assert (item.source.index, item.source.count) == (number, 3)
        assert np.array_equal(item.pixels, pixels)


def test_that_a_broken_page_of_a_tiff_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    pages = [Image.fromarray(drawn(n)) for n in range(3)]
    data = bytearray(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw"))
    with Image.open(io.BytesIO(bytes(data))) as file:
        file.seek(1)
        start = file.tag_v2[273][0]  # type: ignore[attr-defined]
    data[start : start + 600] = bytes(600)
    items = taken(tmp_path / "p", bytes(data))
    assert [type(item) for item in items] == [Page, Held, Page]


@pytest.mark.parametrize(
    ("stated", "size", "dpi", "assumed"),
    [
        ((300, 300), (2480, 3508), 300, False),
        (None, (2480, 3508), 300, True),
        ((72, 72), (2480, 3508), 300, True),
        ((1, 1), (2550, 3300), 300, True),
        (None, (1654, 2339), 200, True),
        (None, (1748, 2480), 300, True),
        ((240, 240), (1984, 2806), 240, False),
    ],
)
def test_that_resolution_is_believed_or_guessed_from_paper(
    tmp_path: Path, stated: tuple[int, int] | None, size: tuple[int, int], dpi: float, assumed: bool
) -> None:
    options = {} if stated is None else {"dpi": stated}
    page = page_of(taken(tmp_path / "p", saved(Image.new("1", size, 1), "PNG", **options)))
    assert page.dpi == pytest.approx(dpi, rel=0.005)
    assert ("dpi.assumed" in page.notes) == assumed


def test_that_a_fax_is_stretched_to_square_pixels(tmp_path: Path) -> None:
    page = page_of(taken(tmp_path / "p", saved(Image.new("1", (1728, 1143), 1), "TIFF", dpi=(204, 98))))
    assert page.dpi == 204
    assert page.pixels.shape == (round(1143 * 204 / 98), 1728)
    assert "dpi.unequal" in page.notes


def test_that_a_tiny_file_that_expands_to_a_huge_page_is_refused_before_decoding(tmp_path: Path) -> None:
    data = bytearray(saved(Image.new("L", (64, 64), 255), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", 20000, 21900)
    assert reason_of(taken(tmp_path / "p", bytes(data))) == "acquire.too_many_pixels"


def test_that_limits_of_bytes_pixels_and_pages_hold(tmp_path: Path) -> None:
    small = AcquireLimits(bytes=1000, pixels=1000, pages=1)
    image = Image.fromarray(drawn())
    assert reason_of(taken(tmp_path / "a", saved(image, "PNG"), small)) == "acquire.too_large"
    assert reason_of(taken(tmp_path / "b", saved(image, "PNG"), AcquireLimits(pixels=1000))) == (
        "acquire.too_many_pixels"
    )
    two = saved(image, "TIFF", save_all=True, append_images=[image])
    assert reason_of(taken(tmp_path / "c", two, AcquireLimits(pages=1))) == "acquire.too_many_pages"
    assert reason_of(taken(tmp_path / "d", saved(Image.new("L", (9, 9)), "PNG"))) == "acquire.too_small"


def test_that_empty_and_unknown_files_are_told_apart(tmp_path: Path) -> None:
    assert reason_of(taken(tmp_path / "a.jpg", b"")) == "acquire.empty"
    assert reason_of(taken(tmp_path / "b.jpg", b"Dear doctor,\n")) == "acquire.unknown_kind"


def test_that_a_vanished_file_and_an_unreadable_one_are_held_and_not_quarantined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (gone,) = acquire(tmp_path / "gone.jpg")
    assert isinstance(gone, Held)
    assert (gone.reason, gone.quarantined) == ("acquire.vanished", False)
    path = tmp_path / "locked.jpg"
    path.write_bytes(saved(Image.fromarray(drawn()), "JPEG"))

    def denied(*_: object, **__: object) -> object:
        raise PermissionError(13, "denied")

    monkeypatch.setattr(Path, "open", denied)
    (locked,) = acquire(path)
    assert isinstance(locked, Held)
    assert (locked.reason, locked.quarantined) == ("acquire.unreadable", False)


def test_that_a_jpeg_with_its_end_put_back_on_after_a_cut_is_still_refused(tmp_path: Path) -> None:
    data = saved(Image.fromarray(drawn(size=(800, 600))), "JPEG")
    assert reason_of(taken(tmp_path / "p", data[: len(data) // 2] + b"\xff\xd9")) == "acquire.truncated"
    zeros = data[: len(data) // 2] + bytes(len(data) - len(data) // 2)
    assert reason_of(taken(tmp_path / "q", zeros)) == "acquire.truncated"


def test_that_a_changed_byte_in_a_png_is_noticed(tmp_path: Path) -> None:
    data = bytearray(saved(Image.fromarray(drawn()), "PNG"))
    data[data.index(b"IDAT") + 200] ^= 0x10
    assert reason_of(taken(tmp_path / "p", bytes(data))) == "acquire.malformed"


def test_that_a_png_that_promises_more_rows_than_it_has_is_refused(tmp_path: Path) -> None:
    rows = b"".join(b"\x00" + bytes(200) for _ in range(100))
    header = struct.pack(">IIBBBBB", 200, 300, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
    assert reason_of(taken(tmp_path / "p", data)) in {"acquire.truncated", "acquire.malformed"}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=st.sampled_from(FORMATS), share=st.floats(0.0, 0.9999))
def test_that_a_file_cut_anywhere_is_whole_or_held(case: tuple[str, dict[str, object]], share: float) -> None:
    whole = saved(Image.fromarray(drawn()), case[0], **case[1])
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "cut"
        full = page_of(taken(path, whole))
        for item in taken(path, whole[: int(len(whole) * share)]):
            assert isinstance(item, Held) or np.array_equal(item.pixels, full.pixels)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    case=st.sampled_from(FORMATS),
    hits=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_that_damaged_bytes_never_raise(
    case: tuple[str, dict[str, object]], hits: list[tuple[float, int]]
) -> None:
    data = bytearray(saved(Image.fromarray(drawn()), case[0], **case[1]))
    for place, value in hits:
        data[int(place * len(data))] = value
    with tempfile.TemporaryDirectory() as room:
        for item in taken(Path(room) / "hurt", bytes(data)):
            assert isinstance(item, Page) or item.reason in REASONS


def test_that_the_hash_is_of_the_file_and_facts_carry_no_names(tmp_path: Path) -> None:
    import hashlib

    data = saved(Image.fromarray(drawn()), "PNG")
    page = page_of(taken(tmp_path / "Nguyen Van A.png", data))
    assert page.source.sha256 == hashlib.sha256(data).hexdigest()
    (held,) = taken(tmp_path / "Nguyen Van B.png", data[:100])
    assert isinstance(held, Held)
    assert all("Nguyen" not in value for _, value in held.facts)
