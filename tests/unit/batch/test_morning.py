"""The morning's report, and remedies that really put pages back to work."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
import pdfplumber
import pytest
from PIL import Image

from formscan.batch.morning.figures import Morning, morning_document, morning_of
from formscan.batch.morning.html import to_html
from formscan.batch.morning.pdf import write_pdf
from formscan.batch.morning.pictures import thumbnail
from formscan.batch.morning.remedies import FOR_REASON, Remedy, remedies_for, remedy
from formscan.batch.morning.sheet import lay_out
from formscan.batch.morning.words import Words
from formscan.model.ledger import FileOutcome, NewFile, PageKey, PageOutcome, Stand, StoredPage
from formscan.model.page import Held, Source
from formscan.model.record import Draft, DraftPage, ReadPage
from formscan.paths import short_folder
from formscan.pipeline.acquire import decode
from formscan.store import Store

REFUSALS = {"split.same_page"}
"""Codes that refuse what a person wants; no document carries them."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{(tmp_path / 'formscan.db').as_posix()}", tmp_path / "images") as opened:
        yield opened


def picture(shade: int) -> bytes:
    pixels = np.full((60, 40, 3), 255, np.uint8)
    pixels[:10, :20] = (shade, 20, 60)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", dpi=(100, 100))
    return out.getvalue()


def page(
    store: Store, name: str, result: str, *, folder: str = "Khoa Nội", scanner: str = "fi-7160"
) -> PageKey:
    """A file of one page: ``read``, or held for the reason ``result``."""
    sha = name.encode().hex().ljust(64, "0")
    stand = Stand(folder, folder, scanner=scanner)
    file = store.ledger.take_in([NewFile(f"{folder}/{name}", name, sha, 9, 9, stand)])[0].id
    source = Source(name, sha)
    if result.startswith("acquire"):
        told = PageOutcome(0, None, Held(source, "acquire", result, quarantined=True))
    else:
        data = picture(len(name))
        stored = StoredPage(source, store.put_image(data, "image/png"), len(data), "image/png", 100.0)
        read: ReadPage | Held = Held(source, result.partition(".")[0], result)
        if result == "read":
            kept = DraftPage(
                1, source, stored.image_sha256, "image/png", 40, 60, 100.0, 0, 0.0, 1.0, 0.1, 0.2
            )
            read = ReadPage(kept, "36-BV2", "2023.1", "d" * 64, ())
        told = PageOutcome(0, stored, read)
    store.ledger.commit([FileOutcome(file, 1, (told,), "w1")])
    if isinstance(told.result, ReadPage):
        made = datetime.now(UTC)
        draft = Draft(sha[:20], "36-BV2", "2023.1", "d" * 64, (told.result.page,), (), (), made)
        store.ledger.draft(draft, [PageKey(file, 0)])
    return PageKey(file, 0)


@pytest.fixture
def night(store: Store) -> Morning:
    page(store, "a.png", "read")
    page(store, "b.png", "identify.no_form")
    page(store, "c.png", "acquire.truncated", folder="Kho & lưu trữ", scanner="")
    now = datetime.now(UTC) + timedelta(seconds=1)
    return morning_of(store, now - timedelta(hours=12), now)


def test_that_the_report_counts_by_folder_scanner_form_and_reason(night: Morning) -> None:
    told = morning_document(night)
    assert told["balances"]
    assert (told["count"]["taken_in"], told["count"]["drafted"], told["count"]["held"]) == (3, 1, 1)
    assert {name: counts["taken_in"] for name, counts in told["by_folder"].items()} == {
        "Khoa Nội": 2, "Kho & lưu trữ": 1,
    }  # fmt: skip
    assert set(told["by_scanner"]) == {"", "fi-7160"}
    assert told["by_form"] == {"36-BV2": 1}
    assert told["by_reason"] == {"identify.no_form": 1, "acquire.truncated": 1}
    assert sum(hour["pages"] for hour in told["hours"]) == 3
    assert [queue["documents"] for queue in told["queues"]] == [1]
    assert told["days"][-1]["held_share"] == pytest.approx(2 / 3)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_that_the_html_is_whole_and_escapes_what_comes_from_outside(
    night: Morning, store: Store, language: str
) -> None:
    words = Words.load("vi" if language == "vi" else "en")
    text = to_html(lay_out(night, words), words, lambda sha: thumbnail(store, sha), "<Bệnh viện>")
    assert words("balances") in text
    assert "&lt;Bệnh viện&gt;" in text
    assert "Kho &amp; lưu trữ" in text
    assert text.count("data:image/jpeg;base64,/9j/") == 1  # the truncated file has no picture
    assert "http" not in text.replace("http-equiv", "")


def test_that_the_pdf_has_its_fonts_and_the_vietnamese_words(
    night: Morning, store: Store, tmp_path: Path
) -> None:
    words = Words.load("vi")
    write_pdf(lay_out(night, words), words, lambda sha: thumbnail(store, sha), tmp_path / "m.pdf", "Viện Đ")
    with pdfplumber.open(tmp_path / "m.pdf") as document:
        text = "\n".join(sheet.extract_text() for sheet in document.pages)
        images = sum(len(sheet.images) for sheet in document.pages)
        fonts = {char["fontname"] for sheet in document.pages for char in sheet.chars}
    for said in ("Báo cáo buổi sáng", words("balances"), "Viện Đ", "Kho & lưu trữ"):
        assert said in text
    assert images == 1
    assert all("LiberationSerif" in name for name in fonts), fonts


def test_that_a_count_that_does_not_balance_is_said_loudly(night: Morning) -> None:
    import dataclasses

    words = Words.load("en")
    broken = dataclasses.replace(night, balance=dataclasses.replace(night.balance, taken_in=9))
    text = to_html(lay_out(broken, words), words, lambda _sha: b"")
    assert words("unbalanced", missing=6) in text


def test_that_the_two_languages_say_the_same_things() -> None:
    assert Words.load("vi").own.keys() == Words.load("en").own.keys()
    for remedy_ in Remedy:
        assert Words.load("vi")(f"remedy.{remedy_.value}")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_that_no_sum_of_documents_has_a_gap_for_a_fact_of_one(language: Literal["vi", "en"]) -> None:
    words = Words.load(language)
    summed = [code for code in words.codes if code.startswith(("split.", "record."))]
    assert "record.sheets" in summed
    for code in summed:
        if code not in REFUSALS:
            assert "–" not in words.summed(code), code


def test_that_every_reason_has_a_remedy_and_every_stage_is_known() -> None:
    from formscan.pipeline.acquire import REASONS

    for reason in (*REASONS, "identify.anchor", "align.residual", "clean.blank_page", "read.worker_died"):
        assert remedies_for(reason)
    assert remedies_for("read.defect") == FOR_REASON["read"]
    assert remedies_for("acquire.truncated")[0] is Remedy.RESCAN


def test_that_a_page_is_turned_pixel_for_pixel_and_waits_again(store: Store) -> None:
    key = page(store, "b.png", "identify.no_form")
    before = store.ledger.page(key).stored
    assert before is not None
    assert remedy(store, [key], Remedy.ROTATE, "lan") == 1
    (work,) = store.ledger.waiting(9)
    assert work.page is not None
    pixels = decode(store.get_image(work.page.image_sha256))
    assert np.array_equal(pixels, np.rot90(decode(store.get_image(before.image_sha256)), -1))
    assert pixels[0, -1, 1] == 20  # the dark corner went from top left to top right
    assert work.page.notes == ("turned.90",)
    assert [event.action for event in store.audit()][-1] == "page.amended"


def test_that_a_turn_of_other_angles_is_refused(store: Store) -> None:
    key = page(store, "b.png", "identify.no_form")
    with pytest.raises(ValueError, match="45"):
        remedy(store, [key], Remedy.ROTATE, "lan", "45")


def test_that_the_form_named_last_counts(store: Store) -> None:
    key = page(store, "b.png", "identify.ambiguous")
    remedy(store, [key], Remedy.FORM, "lan", "01-BV1")
    assert store.ledger.waiting(9)[0].form_id == "01-BV1"


def test_that_retry_rescan_and_give_up_keep_the_count(store: Store) -> None:
    keys = [page(store, name, "identify.no_form") for name in ("b.png", "c.png", "d.png")]
    assert remedy(store, keys[:1], Remedy.RETRY, "lan") == 1
    assert remedy(store, keys[1:2], Remedy.RESCAN, "lan") == 1
    assert remedy(store, keys[2:], Remedy.GIVE_UP, "lan") == 1
    count = store.ledger.balance()
    assert (count.waiting, count.held, count.balances) == (1, 2, True)
    assert remedy(store, keys[:1], Remedy.GIVE_UP, "lan") == 0  # it waits to be read


def test_that_a_file_that_could_not_be_opened_cannot_be_turned(store: Store) -> None:
    key = page(store, "c.png", "acquire.truncated")
    assert remedy(store, [key], Remedy.ROTATE, "lan") == 0
    assert remedy(store, [key], Remedy.RETRY, "lan") == 1


def test_that_the_command_line_reports_and_remedies(tmp_path: Path, store: Store) -> None:
    key = page(store, "b.png", "identify.no_form")
    program, home = str(Path(sys.executable).with_name("formscan")), ["--home", str(tmp_path), "--json"]
    out = tmp_path / "m.html"
    told = subprocess.run(
        [program, "batch", "morning", "--out", str(out), "--lang", "en", *home],
        capture_output=True, check=True, encoding="utf-8",
    )  # fmt: skip
    assert json.loads(told.stdout)["count"]["held"] == 1
    assert "Morning report" in out.read_text(encoding="utf-8")
    done = subprocess.run(
        [program, "batch", "remedy", "retry", f"{key.file_id[:12]}:0", *home],
        capture_output=True, check=True, encoding="utf-8",
    )  # fmt: skip
    assert json.loads(done.stdout) == {"remedy": "retry", "asked": 1, "done": 1}
    assert store.ledger.balance().waiting == 1


@pytest.mark.parametrize(
    ("folder", "told"),
    [
        ("/srv/scans/khoa-noi/2026", "…/khoa-noi/2026"),
        ("D:\\\\Quét\\\\Khoa Nội\\\\2026", "…/Khoa Nội/2026"),
        ("Khoa Nội", "Khoa Nội"),
        ("", ""),
    ],
)
def test_that_folders_are_told_by_their_end(folder: str, told: str) -> None:
    assert short_folder(folder.replace("\\\\", "\\")) == told
