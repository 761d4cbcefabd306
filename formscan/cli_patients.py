"""``formscan patients``: look for somebody in the index, take somebody in, say whose record an entry is."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from formscan.app import Application
from formscan.cli_parts import AsJson, Db, Home, print_rows, settings_of
from formscan.cli_people import enter
from formscan.model.patient import Identifier, IdentifierKind, Patient, PatientKind, PatientQuery, birth_of
from formscan.review.patient_match import Candidate

patients_app = typer.Typer(no_args_is_help=True, help="The patient index.")

Name = Annotated[str, typer.Option(help="Words of the name; tones may be left out, the last may be begun.")]
Birth = Annotated[str, typer.Option(help="12/03/1957, 03/1957 or 1957.")]
Citizen = Annotated[str, typer.Option(help="Citizen id (CCCD, CMND).")]
Insurance = Annotated[str, typer.Option(help="Health insurance number, old or new.")]
Reason = Annotated[str, typer.Option(help="Why.")]
Entry = Annotated[str, typer.Argument(help="Id of a released entry.")]


@patients_app.command("search")
def patients_search(
    name: Name = "",
    birth: Birth = "",
    citizen_id: Citizen = "",
    insurance: Insurance = "",
    entry: Annotated[str, typer.Option(help="Look for the patient of this entry.")] = "",
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Candidates, the likeliest first, each with the reasons for and against."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        asked = PatientQuery(name, birth_of(birth), "", _identifiers(citizen_id, insurance))
        found = core.find_patients(core.query_of(entry) if entry else asked)
    print_rows([_row(one) for one in found], as_json, "Candidates; a person decides")


@patients_app.command("add")
def patients_add(  # noqa: PLR0913, PLR0917 - one option for each thing that may be known
    name: Annotated[str, typer.Option(help="Full name; 'Con bà ...' of a new-born.")] = "",
    birth: Birth = "",
    sex: Annotated[str, typer.Option(help="male or female.")] = "",
    kind: Annotated[PatientKind, typer.Option(help="What is known of the patient.")] = PatientKind.KNOWN,
    citizen_id: Citizen = "",
    insurance: Insurance = "",
    passport: Annotated[str, typer.Option(help="Passport number.")] = "",
    note: Annotated[str, typer.Option(help="The mother, where found, an estimated age.")] = "",
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Take somebody into the index."""
    numbers = _identifiers(citizen_id, insurance, passport)
    made = Patient("", name, birth_of(birth), sex if sex in {"male", "female"} else "", kind, numbers, note)
    with Application(settings_of(home, db)) as core:
        enter(core)
        kept = core.store.patients.add(made, core.person.id)
    print_rows([{"id": kept.id, "name": kept.name, "kind": kept.kind.value}], as_json, "Taken in")


@patients_app.command("link")
def patients_link(
    entry: Entry,
    patient: Annotated[str, typer.Argument(help="Id of the patient.")],
    reason: Reason = "",
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Say whose record an entry is."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        link = core.store.patients.link(entry, patient, core.person.id, reason)
    print_rows([{"entry": link.entry_id, "patient": link.patient_id, "by": link.person}], as_json, "Linked")


@patients_app.command("unlink")
def patients_unlink(
    entry: Entry, reason: Reason, home: Home = None, db: Db = "", as_json: AsJson = False
) -> None:
    """Take back whose record an entry is said to be; both acts stay."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        link = core.store.patients.unlink(entry, core.person.id, reason)
    print_rows([{"entry": link.entry_id, "patient": "", "by": link.person}], as_json, "Unlinked")


def _identifiers(citizen_id: str, insurance: str, passport: str = "") -> tuple[Identifier, ...]:
    given = {
        IdentifierKind.CITIZEN_ID: citizen_id,
        IdentifierKind.INSURANCE: insurance,
        IdentifierKind.PASSPORT: passport,
    }
    return tuple(Identifier(kind, value) for kind, value in given.items() if value)


def _row(one: Candidate) -> dict[str, Any]:
    return {
        "id": one.patient.id,
        "name": one.patient.name,
        "birth": one.patient.birth,
        "kind": one.patient.kind.value,
        "score": one.score,
        "reasons": ", ".join(f"{reason.code} {reason.weight:+g}" for reason in one.reasons),
    }
