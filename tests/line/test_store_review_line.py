"""A review from draft to released entry through the real store, with the window killed in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from formscan.errors import ImmutableError, UnreviewedError
from formscan.model.geometry import Area, Box
from formscan.model.page import Source
from formscan.model.people import Person, Role
from formscan.model.reading import CheckedField, FieldState, FieldValue, Flag, Severity
from formscan.model.record import Draft, DraftPage, DraftState
from formscan.model.template import Cell, FieldKind, FieldSpec, FormTemplate, PageTemplate, ValueType
from formscan.review import Journal, ReviewSession, ordered
from formscan.store import Store

NAMES = ("patient.name", "patient.birth_date", "patient.sex", "ward", "note")
CELLS = (Cell(Area(10, 10, 90, 20)),)
FORM = FormTemplate(
    "01-BV1", "2023.1", "01/BV-01", "", "", "", "", (PageTemplate(1, 595, 842),), (),
    tuple(FieldSpec(n, 1, FieldKind.TEXT, ValueType.TEXT, n, n, CELLS) for n in NAMES),
)  # fmt: skip
LAN = Person("lan", "Nguyễn Thị Lan", frozenset({Role.REVIEWING_CLERK}))
IMPOSSIBLE = Flag("date.impossible", Severity.HARD)


def check(_spec: FieldSpec, text: str) -> tuple[FieldValue, tuple[Flag, ...]]:
    return FieldValue(FieldState.VALUE, text, text), (IMPOSSIBLE,) if text.startswith("31/02") else ()


def put_draft(store: Store) -> Draft:
    image = store.put_image(b"a scanned page", "image/png")
    page = DraftPage(1, Source("a.pdf", "0" * 64), image, "image/png", 9, 9, 300.0, 0, 0.0, 1.0, 0.1, 0.2)
    box = Box(0, 0, 9, 9)
    values = [
        FieldValue(FieldState.VALUE, "Trần Văn Bình", "TRẦN VĂN BÌNH"),
        FieldValue(FieldState.UNVERIFIED),
    ]
    values += [FieldValue(FieldState.BLANK)] * 3
    fields = tuple(
        CheckedField(name, 1, value, 0.5, (), (), "c" * 64, box, (box,), 0.1)
        for name, value in zip(NAMES, values, strict=True)
    )
    draft = Draft("d1", *FORM.key, "e" * 64, (page,), fields, (), datetime(2026, 3, 2, tzinfo=UTC))
    assert store.add_draft(draft)
    return draft


def open_in(folder: Path) -> Store:
    return Store.open(f"sqlite:///{(folder / 'formscan.db').as_posix()}", folder / "images")


def test_that_a_review_goes_on_after_the_window_was_killed_and_ends_in_an_entry(tmp_path: Path) -> None:
    killed = open_in(tmp_path)
    journal: Journal = killed
    first = ReviewSession(put_draft(killed), FORM, journal, LAN, check)
    first.confirm("patient.name")
    first.correct("patient.birth_date", "31/02/1957", "stands so on the paper")
    assert first.confirm_blanks() == NAMES[2:]
    assert [first.undo(), first.redo(), first.undo()] == ["patient.sex"] * 3

    with open_in(tmp_path) as store:  # the first was never closed: its process is gone
        (summary,) = ordered(store.drafts())
        assert summary.reviewed == 2
        session = ReviewSession(store.get_draft(summary.id), FORM, store, LAN, check)
        assert session.current == "patient.sex"
        assert session.flags("patient.birth_date") == (IMPOSSIBLE,)
        with pytest.raises(UnreviewedError, match="count=3"):
            session.release()
        session.state("patient.sex", FieldState.ILLEGIBLE)
        assert session.confirm_blanks() == ("ward", "note")
        entry = session.release()
        assert store.get_entry(entry.id) == entry
        assert [entry.value(name) for name in NAMES] == [session.value(name) for name in NAMES]
        assert entry.fields[1].flags == (IMPOSSIBLE,)
        assert entry.fields[1].history[0].reason == "stands so on the paper"
        assert store.get_draft("d1").state is DraftState.RELEASED
        late = ReviewSession(replace(store.get_draft("d1"), state=DraftState.OPEN), FORM, store, LAN, check)
        with pytest.raises(ImmutableError):
            late.confirm("patient.name")
        assert store.verify_audit().intact
        assert "Trần" not in "".join(line.detail for line in store.audit())
    killed.close()
