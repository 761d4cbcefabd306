"""A released entry is posted to a real FHIR server in a process of its own: twice, corrected, and broken."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from formscan import emr
from formscan.model.geometry import Box
from formscan.model.page import Source
from formscan.model.reading import FieldState, FieldValue, Reading
from formscan.model.record import DraftPage, EmrEntry, EntryField
from formscan.model.review import Action, ReviewedField
from formscan.model.template import FormTemplate
from formscan.pipeline.check import check_value
from formscan.templates import load_form

pytest.importorskip("sekmet", reason="the FHIR server for tests is not installed")

AT = datetime(2026, 1, 5, 9, 30, tzinfo=timezone(timedelta(hours=7)))
PICTURE = b"the bytes of a scanned page"
WRITTEN = {
    "facility.name": "Bệnh viện Đa khoa Mẫu",
    "patient.name": "TRẦN THỊ MẪU",
    "patient.birth_date": "____1957",
    "patient.sex": "female",
    "admission.at": "08|30|12|3|2024",
    "discharge.at": "|| |3|2024",
    "stay.total_days": "__8",
    "diagnosis.discharge.main": "Tăng huyết áp vô căn",
    "diagnosis.discharge.main.code": "I10_",
    "vital.pulse": "82",
    "vital.temperature": "36,8",
    "vital.blood_pressure": "120|80",
}
KINDS = (
    "Organization",
    "Practitioner",
    "Device",
    "Patient",
    "Encounter",
    "Questionnaire",
    "QuestionnaireResponse",
    "DocumentReference",
    "Observation",
    "Condition",
    "Provenance",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of a server of its own on a free port of the loopback interface."""
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    base = f"http://127.0.0.1:{port}/fhir"
    settings = folder / "settings.yaml"
    settings.write_text(f"base_url: {base}\nsimulator:\n  enabled: false\n", encoding="utf-8")
    command = [sys.executable, "-c", "from sekmet.cli import app; app()", "serve", "--config", str(settings)]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            cwd=folder,
            env=os.environ | {"SEKMET_CONFIG": str(settings)},
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(base, process)
            yield base
        finally:
            process.terminate()
            process.wait(timeout=20)


@pytest.fixture(scope="module", params=["01-BV1", "15-BV1", "36-BV2"])
def template(request: pytest.FixtureRequest, repository: Path) -> FormTemplate:
    """Each form that ships."""
    return load_form(repository / "forms" / str(request.param) / "2023.1" / "form.toml")


def test_that_posting_twice_doubles_nothing(server: str, template: FormTemplate) -> None:
    bundle = emr.to_fhir(_entry(template, "twice"), template, lambda _: PICTURE)
    before = _counts(server)
    assert _post(server, bundle) == (200, "transaction-response")
    once = _counts(server)
    assert _post(server, bundle) == (200, "transaction-response")
    assert _counts(server) == once
    released = len(template.fields)
    assert once["Provenance"] - before["Provenance"] == released
    assert once["QuestionnaireResponse"] - before["QuestionnaireResponse"] == 1
    assert once["Patient"] - before["Patient"] == 1


def test_that_a_correction_replaces_findings_and_keeps_both_answers(
    server: str, template: FormTemplate
) -> None:
    first = _entry(template, "corrected")
    _post(server, emr.to_fhir(first, template, lambda _: PICTURE))
    once = _counts(server)
    second = _corrected(first, "patient.name", "TRẦN THỊ MẪU SỬA")
    assert _post(server, emr.to_fhir(second, template, lambda _: PICTURE))[0] == 200
    twice = _counts(server)
    assert twice["QuestionnaireResponse"] == once["QuestionnaireResponse"] + 1
    for kind in ("Patient", "Encounter", "Observation", "Condition", "Questionnaire"):
        assert twice[kind] == once[kind], kind
    found = _get(server, f"Patient?identifier=urn:formscan:patient-of-entry|{first.id}")
    assert found["entry"][0]["resource"]["name"][0]["text"] == "TRẦN THỊ MẪU SỬA"


def test_that_a_value_a_correction_takes_away_is_withdrawn(server: str, repository: Path) -> None:
    template = load_form(repository / "forms" / "15-BV1" / "2023.1" / "form.toml")
    first = _entry(template, "withdrawn")
    _post(server, emr.to_fhir(first, template, lambda _: PICTURE))
    second = _corrected(first, "vital.pulse", "")
    assert _post(server, emr.to_fhir(second, template, lambda _: PICTURE))[0] == 200
    found = _get(server, f"Observation?identifier=urn:formscan:entry-field|{first.id}/vital.pulse")
    assert [one["resource"]["status"] for one in found["entry"]] == ["entered-in-error"]
    assert "valueQuantity" not in found["entry"][0]["resource"]


def test_that_what_was_posted_comes_back_word_for_word(server: str, template: FormTemplate) -> None:
    entry = _entry(template, "back")
    bundle = emr.to_fhir(entry, template, lambda _: PICTURE)
    _post(server, bundle)
    sent = next(
        e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "QuestionnaireResponse"
    )
    found = _get(server, f"QuestionnaireResponse?_tag=urn:formscan:entry-version|{entry.id}/1")
    assert found["entry"][0]["resource"]["item"] == sent["item"]


@pytest.mark.parametrize("harm", ["no status", "dangling reference", "wrong date"])
def test_that_a_broken_bundle_is_refused_whole(server: str, repository: Path, harm: str) -> None:
    template = load_form(repository / "forms" / "15-BV1" / "2023.1" / "form.toml")
    bundle = copy.deepcopy(emr.to_fhir(_entry(template, harm), template, lambda _: PICTURE))
    answers = next(
        e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "QuestionnaireResponse"
    )
    if harm == "no status":
        del answers["status"]
    elif harm == "dangling reference":
        answers["subject"] = {"reference": "urn:uuid:00000000-0000-4000-8000-000000000000"}
    else:
        answers["authored"] = "5/1/2026"
    before = _counts(server)
    status, kind = _post(server, bundle)
    assert 400 <= status < 500
    assert kind == "OperationOutcome"
    assert _counts(server) == before


def _entry(template: FormTemplate, name: str) -> EmrEntry:
    entry_id = hashlib.sha256(f"{template.id} {name}".encode()).hexdigest()[:32]
    fields = tuple(_field(template, field_id, WRITTEN.get(field_id, "")) for field_id in _ids(template))
    pages = tuple(
        DraftPage(
            number=page.number,
            source=Source("scan.pdf", "0" * 64, page.number - 1, len(template.pages)),
            image_sha256=hashlib.sha256(PICTURE).hexdigest(),
            media_type="image/png",
            width=2480,
            height=3508,
            dpi=300.0,
            turned=0,
            skew_deg=0.2,
            score=0.97,
            residual_mm=0.2,
            worst_mm=0.5,
        )
        for page in template.pages
    )
    return EmrEntry(
        id=entry_id,
        version=1,
        draft_id=entry_id,
        form_id=template.id,
        form_version=template.version,
        form_digest=template.digest,
        pages=pages,
        fields=fields,
        problems=(),
        released_by="lan",
        released_at=AT,
    )


def _ids(template: FormTemplate) -> list[str]:
    return [field.id for field in template.fields]


def _field(template: FormTemplate, field_id: str, text: str) -> EntryField:
    spec = template.field(field_id)
    value, flags = check_value(template, spec, text)
    return EntryField(
        field_id=field_id,
        page=spec.page,
        page_box=Box(100, 200, 300, 240),
        crop_sha256=hashlib.sha256(field_id.encode()).hexdigest(),
        value=value,
        readings=(Reading(text, value.state, 0.93, "comb 1.0", "model"),),
        flags=flags,
        history=(ReviewedField(field_id, Action.CONFIRMED, "lan", AT, value, value),),
    )


def _corrected(entry: EmrEntry, field_id: str, text: str) -> EmrEntry:
    now = FieldValue(FieldState.VALUE, text, text) if text else FieldValue(FieldState.BLANK)
    fields = []
    for field in entry.fields:
        if field.field_id == field_id:
            step = ReviewedField(field_id, Action.CORRECTED, "minh", AT, field.value, now, "sai tên")
            fields.append(replace(field, value=now, history=(*field.history, step)))
        else:
            fields.append(field)
    return replace(entry, version=2, fields=tuple(fields), reason="sai tên")


def _wait_for(base: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60.0
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended while starting"
        try:
            _get(base, "metadata")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    pytest.fail("the server did not start")


def _get(base: str, path: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{base}/{path}", timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def _post(base: str, bundle: Mapping[str, Any]) -> tuple[int, str]:
    """HTTP status and what came back: the type of a Bundle, or the kind of resource."""
    request = urllib.request.Request(
        base, json.dumps(bundle).encode(), {"Content-Type": "application/fhir+json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status), str(json.load(answer).get("type"))
    except urllib.error.HTTPError as error:
        with error:
            return error.code, str(json.load(error)["resourceType"])


def _counts(base: str) -> dict[str, int]:
    return {kind: int(_get(base, f"{kind}?_summary=count")["total"]) for kind in KINDS}
