from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from formscan.batch.gate import Gate
from formscan.batch.gate_room import GateRoom
from formscan.cli import app
from formscan.errors import StoreError
from formscan.model.geometry import Area, Box
from formscan.model.page import Source
from formscan.model.people import Person, Role
from formscan.model.reading import CheckedField, FieldState, FieldValue, Reading
from formscan.model.record import Draft, DraftPage
from formscan.model.review import Action, ReviewedField
from formscan.model.template import Cell, FieldKind, FieldSpec, FormTemplate, PageTemplate, ValueType
from formscan.store import Store

FIELDS = 60
WORDS = ("Nguyen", "Lan", "Hoa", "sot cao", "dau dau", "ho khan")


def spec(number: int) -> FieldSpec:
    cell = Cell(Area(10, 10, 50, 20))
    return FieldSpec(f"f{number}", 1, FieldKind.TEXT, ValueType.TEXT, "x", "x", (cell,))


FORM = FormTemplate(
    "F", "1", "F/1", "", "", "", "", (PageTemplate(1, 595, 842),), (), tuple(map(spec, range(FIELDS)))
)  # fmt: skip
FORMS = {FORM.key: FORM}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{(tmp_path / 'a.db').as_posix()}", tmp_path / "images") as opened:
        opened.put_person(Person("hoa", "Hoa", frozenset({Role.SUPERVISOR})))
        yield opened


def read(store: Store, number: int, worse: float = 0.0) -> tuple[Draft, list[str]]:
    """A draft of an overconfident reader, and the truth; ``worse``: what it gets wrong unnoticed."""
    rng = np.random.default_rng([number, 4])
    image = store.put_image(f"page {number}".encode(), "image/png")
    page = DraftPage(1, Source("a.png", "0" * 64), image, "image/png", 9, 9, 300, 0, 0, 1, 0.1, 0.2)
    fields, truth = [], []
    for place in range(FIELDS):
        text = WORDS[int(rng.integers(len(WORDS)))]
        sure = float(rng.beta(4, 1))
        wrong = rng.random() < worse or (sure < 0.8 and rng.random() < 0.5)
        reading = Reading(text, FieldState.VALUE, 0.9 + 0.09 * sure, "one 1")
        value, box = FieldValue(FieldState.VALUE, text, text), Box(0, 0, 9, 9)
        fields.append(CheckedField(f"f{place}", 1, value, 0.9, (reading,), (), "0" * 64, box, (box,), 0.1))
        truth.append("something else" if wrong else text)
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return Draft(f"{number:032d}", "F", "1", "2" * 64, (page,), tuple(fields), (), at), truth


def review(store: Store, draft: Draft, truth: list[str]) -> None:
    """A person decides on everything the gate left open and releases."""
    at, done = datetime.now(UTC), {decision.field_id for decision in store.decisions(draft.id)}
    step = []
    for field, text in zip(draft.fields, truth, strict=True):
        value = FieldValue(FieldState.VALUE, text, text)
        action = Action.CONFIRMED if value == field.value else Action.CORRECTED
        if field.field_id not in done:
            step.append(ReviewedField(field.field_id, action, "lan", at, field.value, value))
    store.record_step(draft.id, step)
    store.release(draft.id, "lan", at)


def archive(store: Store, numbers: range, worse: float = 0.0) -> None:
    for number in numbers:
        draft, truth = read(store, number, worse)
        store.add_draft(draft)
        Gate(store, FORMS).stand(draft)
        review(store, draft, truth)


def test_that_confirmed_fields_open_the_gate_and_drift_shuts_it(store: Store) -> None:
    archive(store, range(30))
    room = GateRoom(store, FORMS)
    room.install(room.fit().calibration, "hoa", "first")
    with pytest.raises(StoreError, match=r"store\.not_proven"):
        room.switch_on("text", 1, "hoa", "too much")
    promise = room.switch_on("text", 200, "hoa", "proven")
    assert promise.wrong / promise.passed < promise.upper <= 0.02

    draft, truth = read(store, 1000)
    gate = Gate(store, FORMS)
    judged = gate.judged(draft)
    assert [f.readings for f in judged.fields] == [f.readings for f in draft.fields]
    assert [f.confidence for f in judged.fields] != [f.confidence for f in draft.fields]
    store.add_draft(judged)
    stood = gate.sweep()
    assert 0.3 * FIELDS < stood < FIELDS
    assert gate.sweep() == 0, "a second sweep finds nothing to do"
    right = dict(zip((field.field_id for field in draft.fields), truth, strict=True))
    gated = [d for d in store.decisions(draft.id) if d.action is Action.GATED]
    assert len(gated) == stood
    assert sum(d.value.text != right[d.field_id] for d in gated) <= 1
    assert all("switched on by hoa" in decision.ground for decision in gated)
    review(store, judged, truth)

    assert room.watch() == []
    archive(store, range(2000, 2016), worse=0.4)
    alarms = room.watch()
    assert [alarm.kind for alarm in alarms][:1] == ["text"]
    assert (room.switches, room.steps[-1].action) == ({}, "alarm")
    other, _ = read(store, 3000)
    store.add_draft(other)
    assert Gate(store, FORMS).stand(other) == 0


def test_that_without_a_calibration_the_gate_changes_nothing(store: Store) -> None:
    draft, _ = read(store, 1)
    gate = Gate(store, FORMS)
    assert gate.judged(draft) is draft
    store.add_draft(draft)
    assert (gate.stand(draft), gate.sweep()) == (0, 0)
    assert Gate(store, {}).judged(draft) is draft
    assert store.decisions(draft.id) == []


def test_that_a_form_that_was_not_in_the_fit_is_left_to_people(store: Store) -> None:
    archive(store, range(30))
    room = GateRoom(store, FORMS)
    room.install(room.fit().calibration, "hoa", "first")
    room.switch_on("text", 200, "hoa", "proven")
    draft, _ = read(store, 1000)
    newer = replace(draft, form_version="2")
    store.add_draft(newer)
    assert Gate(store, {**FORMS, ("F", "2"): replace(FORM, version="2")}).stand(newer) == 0


def test_that_a_form_that_is_gone_or_a_faster_clerk_stops_no_night(store: Store) -> None:
    archive(store, range(30))
    room = GateRoom(store, FORMS)
    room.install(room.fit().calibration, "hoa", "first")
    room.switch_on("text", 200, "hoa", "proven")
    draft, truth = read(store, 1000)
    store.add_draft(draft)
    assert Gate(store, {}).sweep() == 0
    review(store, draft, truth)
    assert Gate(store, FORMS).stand(draft) == 0


def test_that_an_earlier_calibration_comes_back_by_its_first_letters(store: Store) -> None:
    archive(store, range(12))
    room = GateRoom(store, FORMS)
    first = room.fit().calibration
    room.install(first, "hoa", "first")
    archive(store, range(100, 112))
    second = room.fit().calibration
    room.install(second, "hoa", "more")
    assert first.version != second.version
    assert room.back(first.version[:10], "hoa", "the new one is worse") == first
    assert room.calibration == first


def test_that_the_command_line_tells_where_the_gate_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMSCAN_HOME", str(tmp_path))
    run = CliRunner()
    told = run.invoke(app, ["gate", "status", "--json"])
    assert told.exit_code == 0
    assert json.loads(told.stdout) == {"calibration": "", "kinds": [], "alarms": [], "book": []}
    assert run.invoke(app, ["gate", "prove", "--json"]).exit_code == 3
    assert run.invoke(app, ["gate", "fit", "--json"]).exit_code == 3
    refused = run.invoke(app, ["gate", "on", "text"])
    assert isinstance(refused.exception, StoreError)
    assert refused.exception.code == "store.not_a_supervisor"
