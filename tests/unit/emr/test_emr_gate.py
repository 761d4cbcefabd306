"""What the release gate let through says so in the bundle: no verifier, the promise as the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from formscan.emr import check_structure, to_fhir
from formscan.model.record import EmrEntry
from formscan.model.review import GATE, Action, ReviewedField
from formscan.model.template import FormTemplate

GROUND = "gate aaaaaaaaaaaa, step 7, promise 14/10,000, switched on by hoa"


def test_that_a_value_nobody_looked_at_names_the_gate_and_no_verifier(
    make_entry: Callable[..., EmrEntry], template: FormTemplate, images: Callable[[str], bytes]
) -> None:
    entry = make_entry({"vital.pulse": "82"})
    at = datetime(2026, 3, 2, tzinfo=UTC)
    (pulse,) = [field for field in entry.fields if field.field_id == "vital.pulse"]
    gated = ReviewedField("vital.pulse", Action.GATED, GATE, at, pulse.value, pulse.value, ground=GROUND)
    fields = tuple(replace(f, history=(gated,)) if f is pulse else f for f in entry.fields)
    bundle = to_fhir(replace(entry, fields=fields), template, images)
    made = [one["resource"] for one in bundle["entry"]]
    proofs = [one for one in made if one["resourceType"] == "Provenance"]
    (proof,) = [p for p in proofs if p["target"][0]["extension"][0]["valueUri"] == "vital.pulse"]
    assert [agent["type"]["coding"][0]["code"] for agent in proof["agent"]] == ["assembler"]
    assert proof["reason"] == [{"text": GROUND}]
    assert proof["activity"]["coding"][0]["code"] == "gated"
    people = [one["identifier"][0]["value"] for one in made if one["resourceType"] == "Practitioner"]
    assert GATE not in people
    check_structure(bundle)
