"""Vietnamese typing without a system input method: Telex and VNI on the full rules."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.main_window import MainWindow
from ui.typing.methods import Method, composed
from ui.typing.syllable import Placement, letters_of

TELEX = {
    "nguyeenx": "nguyễn", "NGUYEENX": "NGUYỄN", "hoaf": "hòa", "hoafn": "hoàn", "thuyr": "thủy",
    "quys": "quý", "quoocs": "quốc",
    "dduwowngf": "đường", "duongdwf": "đường", "thuowr": "thuở", "thuowng": "thương",
    "chuwong": "chương", "w": "ư", "nhw": "như", "W": "Ư", "toans": "toán", "tosan": "toán", "giaf": "già",
    "gif": "gì", "gins": "gín", "giuwowngf": "giường", "khoer": "khỏe", "vieejt": "việt", "vietje": "việt",
    "mua": "mua", "muaw": "mưa", "muwa": "mưa", "hoawcj": "hoặc", "nguowif": "người", "cats": "cát",
    "ruwowuj": "rượu", "khuyru": "khuỷu", "ngoeof": "ngoèo", "tuana": "tuân", "hofcj": "học", "luwuf": "lừu",
    "huwow": "hươ", "Ddaauj": "Đậu", "yeeus": "yếu", "cuoois": "cuối", "uyeen": "uyên", "thuees": "thuế",
    "quyeenf": "quyền", "xooong": "xoong", "amiddan": "amiđan", "tieengs": "tiếng", "quaxf": "quà",
}  # fmt: skip
VNI = {
    "nguye6n4": "nguyễn", "d9u7o7ng2": "đường", "d9uo7ng2": "đường", "duong972": "đường", "hoa2": "hòa",
    "ha8ng": "hăng", "tra6n2": "trần", "vie6t5": "việt", "mua7": "mưa", "thuo73": "thuở", "to6i1": "tối",
    "B12": "B12", "1957": "1957", "J189": "J189",
}  # fmt: skip
UNDONE = {
    "ass": "as", "asss": "ass", "aaa": "aa", "ddd": "dd", "aww": "aw", "oww": "ow", "ww": "w", "uowww": "uow",
    "asf": "à", "asz": "a", "az": "az", "amidddan": "amiddan",
}  # fmt: skip
FOREIGN = ("paracetamol", "insulin", "server", "catf", "mg", "Xray", "kg")


@pytest.mark.parametrize(("keys", "word"), TELEX.items())
def test_that_telex_makes_the_word(keys: str, word: str) -> None:
    assert composed(keys, Method.TELEX) == word


@pytest.mark.parametrize(("keys", "word"), VNI.items())
def test_that_vni_makes_the_word_and_leaves_numbers_and_codes(keys: str, word: str) -> None:
    assert composed(keys, Method.VNI) == word


@pytest.mark.parametrize(("keys", "word"), UNDONE.items())
def test_that_a_repeated_key_undoes_itself_and_z_takes_the_tone_away(keys: str, word: str) -> None:
    assert composed(keys, Method.TELEX) == word


def test_that_vni_keys_undo_themselves_too() -> None:
    assert [composed(keys, Method.VNI) for keys in ("a11", "a66", "d99", "u77", "a10")] == [
        "a1", "a6", "d9", "u7", "a",
    ]  # fmt: skip


@pytest.mark.parametrize("word", FOREIGN)
def test_that_a_word_that_is_not_vietnamese_shows_the_keys(word: str) -> None:
    assert composed(word, Method.TELEX) == word


def test_that_both_ways_to_place_a_tone_are_there() -> None:
    for keys, old, new in (("hoaf", "hòa", "hoà"), ("thuyr", "thủy", "thuỷ"), ("khoer", "khỏe", "khoẻ")):
        assert composed(keys, Method.TELEX, Placement.OLD) == old
        assert composed(keys, Method.TELEX, Placement.NEW) == new
    for keys in ("hoanf", "muaf", "quys", "giaf", "nguyeenx"):
        assert composed(keys, Method.TELEX, Placement.OLD) == composed(keys, Method.TELEX, Placement.NEW)


def _telex(word: str) -> str:
    """The keys of a word as they are taught: marks right after their letter, the tone last."""
    told = letters_of(word)
    keys = ""
    for letter in told.letters:
        doubled = {"^": letter.base, "(": "w", "+": "w"}.get(letter.mark, "")
        keys += "dd" if letter.base == "đ" else letter.base + doubled
    return keys + ("", "s", "f", "r", "x", "j")[told.tone]


def _vni(word: str) -> str:
    told = letters_of(word)
    keys = ""
    for letter in told.letters:
        keys += (
            "d9" if letter.base == "đ" else letter.base + {"^": "6", "(": "8", "+": "7"}.get(letter.mark, "")
        )
    return keys + ("", "1", "2", "3", "4", "5")[told.tone]


ONSETS = ("", "b", "c", "ch", "đ", "d", "g", "h", "kh", "l", "m", "n", "ng", "nh", "ph", "t", "th", "tr", "x")
RHYMES = (
    *(
        "a",
        "ai",
        "ao",
        "am",
        "anh",
        "âu",
        "ân",
        "ăn",
        "e",
        "eo",
        "en",
        "ê",
        "êu",
        "ên",
        "i",
        "ia",
        "iêu",
        "iêng",
    ),
    *("o", "oa", "oan", "oai", "ô", "ôi", "ôn", "ơ", "ơi", "ơn", "u", "ua", "uôi", "uông", "ư", "ưa", "ương"),
    *("ươi", "uy", "uyên", "uê", "oe", "oăn", "uân", "iên", "ay", "ây", "oi", "ưu", "ươu"),
)


@given(onset=st.sampled_from(ONSETS), rhyme=st.sampled_from(RHYMES), tone=st.integers(0, 5))
@settings(max_examples=200, deadline=None)
def test_that_every_syllable_can_be_typed_both_ways(onset: str, rhyme: str, tone: int) -> None:
    plain = letters_of(onset + rhyme)
    whole = type(plain)(plain.letters, tone)
    if whole.sound():
        word = whole.shown()
        assert composed(_telex(word), Method.TELEX) == word
        assert composed(_vni(word), Method.VNI) == word


@given(
    st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDW0123456789", max_size=12), st.sampled_from(list(Method))
)
@settings(max_examples=200, deadline=None)
def test_that_no_keys_break_it_and_letters_are_kept(keys: str, method: Method) -> None:
    told = composed(keys, method)
    assert len(told) <= len(keys)
    if method is Method.OFF:
        assert told == keys


# -- in the window ---------------------------------------------------------------------------------


def _press(window: MainWindow, keys: str) -> None:
    for key in keys:
        focus = window.focusWidget()
        assert focus is not None
        QTest.keyClicks(focus, key)


def test_that_letters_go_in_as_typed_and_the_rules_hear_of_it(review: MainWindow, qtbot: QtBot) -> None:
    review.perform("typing")
    assert review.typing.method is Method.TELEX
    _press(review, "TRAANF VAWN HOAF")
    assert review.review_view.panel.editor.line.text() == "TRẦN VĂN HÒA"
    assert review.review.text_of("name") == "TRẦN VĂN HÒA"
    QTest.keyClick(review.review_view.panel.editor.line, Qt.Key.Key_Backspace)
    _press(review, "As")
    assert review.review_view.panel.editor.line.text() == "TRẦN VĂN HOÁ" or (
        review.review_view.panel.editor.line.text() == "TRẦN VĂN HÓA"
    )


def test_that_it_works_in_a_long_text_and_in_the_search_of_the_inbox(
    review: MainWindow, qtbot: QtBot
) -> None:
    review.typing.set_method(Method.VNI)
    review.review.go_to("history")
    lines = review.review_view.panel.editor.lines
    _press(review, "Vie6m phe61 qua3n")
    assert lines.toPlainText() == "Viêm phế quản"
    review.perform("back")
    review.perform("search")
    _press(review, "que1t")
    assert review.inbox_view.search.text() == "quét"


def test_that_codes_and_dates_are_typed_as_they_are(review: MainWindow, qtbot: QtBot) -> None:
    review.typing.set_method(Method.TELEX)
    review.review.go_to("code")
    _press(review, "A00s")
    assert review.review_view.panel.editor.line.text() == "A00s"
    review.review.go_to("nothing")
    _press(review, "as")
    assert review.review_view.panel.editor.line.text() == "á"


def test_that_a_system_input_method_is_not_disturbed(review: MainWindow, qtbot: QtBot) -> None:
    review.typing.set_method(Method.TELEX)
    line = review.review_view.panel.editor.line
    composing = QInputMethodEvent("ti", [])
    QApplication.sendEvent(line, composing)
    QTest.keyClicks(line, "as")
    done = QInputMethodEvent()
    done.setCommitString("tiếng")
    QApplication.sendEvent(line, done)
    assert "á" not in line.text()
    assert line.text().endswith("tiếng") or "tiếng" in line.text()
    line.clear()
    QTest.keyClicks(line, "vieejt")
    assert line.text() == "việt"


def test_that_one_key_goes_through_the_methods_and_the_status_says_which(window: MainWindow) -> None:
    said = []
    for _ in Method:
        QTest.keyClick(window, Qt.Key.Key_F11)
        said.append(window.typed.text())
    assert [text for text in said if "Telex" in text or "VNI" in text] == said[:2]
    assert window.typing.method is Method.OFF


def test_that_suggestions_stand_where_readings_stood_and_a_key_takes_one(
    review: MainWindow, qtbot: QtBot
) -> None:
    panel = review.review_view.panel
    QTest.keyClicks(panel.editor.line, "NGUYEN")
    qtbot.waitUntil(lambda: panel.chips[0].isVisible() and "NGUYỄN" in panel.chips[0].text())
    review.perform("take_1")
    assert panel.editor.line.text() == "NGUYỄN"
    assert review.review.text_of("name") == "NGUYỄN"
