"""Simulated clerks work the real core: what they see is released, what they miss is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from formscan.bench.clerk import hands, mending, run, ways
from formscan.bench.clerk.costs import KEY_S, Work
from formscan.bench.clerk.forms import library, orders
from formscan.bench.clerk.spent import table
from formscan.bench.clerk.telex import keys_of
from formscan.bench.clerk.ways import Form, Way, Worked, work_through
from formscan.bench.truth import FieldTruth, Source, Split
from formscan.model.geometry import Area, Box
from formscan.model.page import Source as PageSource
from formscan.model.reading import Alternative, CheckedField, FieldState, FieldValue, Reading
from formscan.model.record import Draft, DraftPage
from formscan.model.template import Cell, Choice, FieldKind, FieldSpec, FormTemplate, PageTemplate, ValueType
from formscan.pipeline.check import check_value
from formscan.review.completion import Completer, Lists

AT = datetime(2026, 1, 5, tzinfo=UTC)
BLANK = FieldValue(FieldState.BLANK)
UNREAD = FieldValue(FieldState.UNVERIFIED)
SEXES = (Choice("male", "Nam", "Male"), Choice("female", "Nữ", "Female"))


def _spec(
    field_id: str,
    type_: ValueType = ValueType.TEXT,
    kind: FieldKind = FieldKind.TEXT,
    choices: tuple[Choice, ...] = (),
    *,
    critical: bool = False,
) -> FieldSpec:
    names = [choice.value for choice in choices] or [""]
    cells = tuple(Cell(Area(10, 10 + 9 * n, 90, 18 + 9 * n), name) for n, name in enumerate(names))
    return FieldSpec(field_id, 1, kind, type_, field_id, field_id, cells, choices=choices, critical=critical)


FORM = FormTemplate(
    "F", "1", "F/1", "", "", "", "", (PageTemplate(1, 595, 842),), (),
    (
        _spec("patient.name", ValueType.PERSON_NAME, critical=True),
        _spec("patient.sex", ValueType.CHOICE, FieldKind.CHOICE, SEXES),
        _spec("patient.ethnicity"),
        _spec("vital.pulse", ValueType.INTEGER),
        _spec("note"),
        _spec("other"),
    ),
)  # fmt: skip
WRITTEN = {
    "patient.name": "Trần Văn Đức", "patient.sex": "female", "patient.ethnicity": "Kinh", "vital.pulse": "82",
    "note": "", "other": "",
}  # fmt: skip
READ = {
    "patient.name": "Trần Văn Đúc", "patient.sex": "female", "patient.ethnicity": None, "vital.pulse": "28",
    "note": "", "other": "Ho",
}  # fmt: skip
COMPLETER = Completer(Lists(catalogues={"ethnic": {"01": "Kinh"}}))


def _form(number: int) -> Form:
    fields, truths = [], {}
    for spec in FORM.fields:
        read, text = READ[spec.id], WRITTEN[spec.id]
        value = UNREAD if read is None else check_value(FORM, spec, read)[0]
        other = (Alternative("Trần Văn Đức", 0.3),) if spec.critical else ()
        reading = Reading(value.text, value.state, 0.8, "tesseract 5", alternatives=other)
        box = Box(0, 0, 9, 9)
        fields.append(
            CheckedField(
                spec.id,
                1,
                value,
                0.8,
                (reading,),
                (),
                "0" * 64,
                box,
                (box,),
                0.1,
                critical=spec.critical,
                supporters=("tesseract",),
            )
        )
        state = FieldState.VALUE if text else FieldState.BLANK
        truths[spec.id] = FieldTruth(
            spec.id, spec.kind.value, spec.type.value, state, text, "", (text,), Source.PRINT
        )
    page = DraftPage(1, PageSource("a.png", "0" * 64), "1" * 64, "image/png", 9, 9, 300, 0, 0, 1, 0, 0)
    draft = Draft(f"d{number}", "F", "1", "", (page,), tuple(fields), (), AT)
    return Form(FORM, draft, truths)


def _done(way: Way, count: int = 8, seed: int = 1) -> list[Worked]:
    return list(work_through(way, [_form(n) for n in range(count)], COMPLETER, seed))


@pytest.fixture
def perfect(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody slips and everybody sees everything."""
    for module, name, value in (
        (hands, "SLIP_KEY", 0.0), (hands, "SLIP_CHOICE", 0.0), (ways, "SLIP_CHOICE", 0.0),
        (hands, "CATCH_PLAIN", 1.0), (hands, "CATCH_DOUBTED", 1.0), (hands, "CATCH_COMPARED", 1.0),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)


@pytest.mark.parametrize("way", list(Way))
def test_that_perfect_clerks_release_what_is_written_in_every_way(way: Way, perfect: None) -> None:
    for one in _done(way):
        for field_id, value in one.values.items():
            assert value.text == WRITTEN[field_id], field_id


def test_that_clerks_who_see_nothing_release_what_was_read(
    perfect: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hands, "CATCH_PLAIN", 0.0)
    monkeypatch.setattr(hands, "CATCH_DOUBTED", 0.0)
    looked = _done(Way.LOOK)[0].values
    assert looked["patient.name"].text == "Trần Văn Đúc"
    assert looked["vital.pulse"].text == "28"
    station = _done(Way.STATION)[0]
    assert station.values["vital.pulse"].text == "28"
    assert (
        station.values["patient.name"].text == "Trần Văn Đức"
    )  # the blind second key does not see the reading
    assert station.rulings == 1
    assert station.second.keys > 0


@pytest.mark.parametrize("way", list(Way))
def test_that_every_key_is_put_down_to_a_field_or_a_step_of_the_form(way: Way) -> None:
    for one in _done(way):
        assert sum(one.spent.values()) == one.work.keys
    rows = table({way.value: [one.spent for one in _done(way)]}, 1000)
    assert sum(row[way.value] for row in rows) == pytest.approx(sum(o.work.keys for o in _done(way)) / 1000)


def test_that_ink_for_tuning_and_ink_for_reports_never_meet() -> None:
    seeds = {
        split: {
            job.order.seed
            for number in range(40)
            for job in orders(library(), number, 3, split)[1]
            if job.order
        }
        for split in Split
    }
    assert not seeds[Split.TUNE] & seeds[Split.REPORT]


def test_that_reading_first_is_cheaper_than_typing_and_choices_are_cheaper_still(perfect: None) -> None:
    keys = {way: sum(one.work.keys - one.second.keys for one in _done(way)) for way in Way}
    assert keys[Way.TYPING] > keys[Way.LOOK] > keys[Way.STATION]


def test_that_the_same_people_do_the_same_again() -> None:
    for way in Way:
        one, other = (_done(way, seed=3) for _ in range(2))
        assert [(w.work.keys, w.work.seconds, dict(w.values)) for w in one] == [
            (w.work.keys, w.work.seconds, dict(w.values)) for w in other
        ]


def test_that_slips_are_as_frequent_as_the_rate_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "SLIP_KEY", 0.02)
    monkeypatch.setattr(hands, "CATCH_DOUBTED", 0.0)
    names = [one.values["patient.name"].text for one in _done(Way.TYPING, 400)]
    wrong = np.mean([name != "Trần Văn Đức" for name in names])
    assert abs(wrong - (1 - 0.98**12)) < 0.08


def test_that_keys_of_vietnamese_are_counted_as_telex_takes_them() -> None:
    assert [keys_of(text) for text in ("Kinh", "đường", "Nguyễn", "NGUYỄN THỊ HOA", "12/03")] == [
        5,
        9,
        9,
        19,
        5,
    ]
    work = Work()
    work.type(FORM.field("note"), "ho")
    assert (work.keys, work.seconds) == (2, 2 * KEY_S)


def test_that_a_narrative_is_mended_word_by_word_where_that_is_shorter() -> None:
    story = replace(FORM.field("note"), cells=FORM.field("note").cells * 3)
    whole = "Bệnh nhân tỉnh, tiếp xúc tốt, da niêm mạc hồng, không phù"
    assert mending.typing_keys(story, whole, whole.replace("tốt", "tót")) < keys_of(whole) / 2
    assert mending.typing_keys(FORM.field("note"), whole, "") == keys_of(whole)


def test_that_an_offered_text_is_mended_by_the_key_that_stops_at_words_in_doubt() -> None:
    offered, wanted = "Đau ngục trái lan vei", "Đau ngực trái lan vai"
    others = ["Đau ngực trái lan vei", "Đau ngục trái lan vai"]
    assert mending.mending_keys(wanted, offered, others) == 2 + len("nguwcj") + len("vai")
    assert mending.mending_keys(wanted, offered, None) > mending.mending_keys(wanted, offered, others)
    assert mending.mending_keys(wanted, wanted, others) == 0


def test_that_stops_cost_a_key_each_and_show_what_is_wrong_before_enter_counts(
    perfect: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered, others = "Đau zngựcq trái lan ra vai", ["Đau zngựcq trái lan ra vai"]
    assert mending.stops_of(offered, others, None, whole=False).spans == ((1, 2),)
    assert mending.stops_of(offered, others, None, whole=True).spans == ((0, 1), (1, 2), (2, 5), (5, 6))
    wanted = offered.replace("zngựcq", "ngực")
    assert mending.mending_keys(wanted, offered, others, stops=True) == 4 + len("nguwcj")
    monkeypatch.setattr(hands, "CATCH_PLAIN", 0.0)
    monkeypatch.setattr(hands, "CATCH_DOUBTED", 0.0)
    forms = [_strange(_form(0))]
    seen = next(work_through(Way.STATION, forms, COMPLETER, 1))
    missed = next(work_through(Way.STATION, forms, COMPLETER, 1, visits=False))
    assert seen.values["other"].text == "Ho khan"
    assert missed.values["other"].text == "Ho zkhanq"


def _strange(form: Form) -> Form:
    """A reading with a word in no list stands where two words are written."""
    value = check_value(FORM, FORM.field("other"), "Ho zkhanq")[0]
    fields = tuple(replace(f, value=value) if f.field_id == "other" else f for f in form.draft.fields)
    truth = replace(form.truths["other"], text="Ho khan", state=FieldState.VALUE)
    return replace(form, draft=replace(form.draft, fields=fields), truths={**form.truths, "other": truth})


@pytest.mark.parametrize(
    ("true", "value", "same"),
    [
        ("Ho, sốt.", "Ho sốt", True),
        ("Ho, sốt.", "Ho. sốt ,", True),
        ("Ho, sốt.", "Ho, sót.", False),
        ("12,5 mg", "125 mg", False),
    ],
)
def test_that_only_stops_at_the_ends_of_words_are_left_aside(true: str, value: str, same: bool) -> None:
    spec = FORM.field("note")
    values = (FieldValue(FieldState.VALUE, text, text) for text in (true, value))
    assert run.same_words(spec, *values) is same
    assert not run.same_words(spec, FieldValue(FieldState.BLANK), FieldValue(FieldState.VALUE, value, value))
