from __future__ import annotations

import runpy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from formscan.errors import ImmutableError, NotFoundError, RefusedError, StoreError
from formscan.model.patient import Identifier, IdentifierKind, Patient, PatientKind, PatientQuery, birth_of
from formscan.model.record import Draft
from formscan.model.review import ReviewedField
from formscan.review.patient_match import ranked
from formscan.store import Store
from formscan.store.unit_of_work import Database

hire = runpy.run_path(str(Path(__file__).with_name("staff.py")))["hire"]
MakeDraft = Callable[..., Draft]
Decide = Callable[..., ReviewedField]
CARD_2015, CARD_2021 = "HT3929201234567", "9201234567"


def _id(value: str, kind: IdentifierKind = IdentifierKind.CITIZEN_ID, until: str = "") -> Identifier:
    return Identifier(kind, value, until=until)


@pytest.fixture
def index(store: Store) -> Store:
    """A small index with everybody who is hard to find."""
    people = [
        Patient("", "Nguyễn Thị Đào", "1957-03-12", "female", identifiers=(_id("092157001234"),)),
        Patient("", "Nguyễn Thị Đạo", "1957", "female"),
        Patient("", "Trần Văn Đức", "1961-05", "male", PatientKind.KNOWN,
                (_id(CARD_2015, IdentifierKind.INSURANCE),)),
        Patient("", "Con bà Nguyễn Thị Đào", "2026-03-02", "", PatientKind.NEWBORN, note="bé thứ hai"),
        Patient("", "John Smith", "1980-01-02", "male", PatientKind.FOREIGNER,
                (_id("X1234567", IdentifierKind.PASSPORT),)),
        Patient("", "", "", "male", PatientKind.UNIDENTIFIED, note="khoảng 60 tuổi, cấp cứu 02/03"),
        Patient("", "Lê Văn Sáu", "1957-03-12", "male", PatientKind.KNOWN,
                (_id("092157001234", until="2021-07-01"),)),
    ]  # fmt: skip
    for person in people:
        store.patients.add(person, "lan")
    return store


def _names(store: Store, query: PatientQuery) -> list[str]:
    return [one.patient.name for one in ranked(query, store.patients.find(query, "lan"))]


@pytest.mark.parametrize("typed", ["nguyen thi dao", "NGUYỄN THỊ ĐÀO", "Nguyen  Thi Đao", "nguyen thi da"])
def test_that_names_are_found_without_tones_and_with_d_for_the_stroked_one(index: Store, typed: str) -> None:
    found = _names(index, PatientQuery(typed))
    assert {"Nguyễn Thị Đào", "Nguyễn Thị Đạo", "Con bà Nguyễn Thị Đào"} >= set(found)
    assert found[0] in {"Nguyễn Thị Đào", "Nguyễn Thị Đạo"}


def test_that_the_very_name_and_birth_date_come_first_and_say_why(index: Store) -> None:
    query = PatientQuery("Nguyễn Thị Đào", birth_of("12/03/1957"), "female")
    first, second, *_ = ranked(query, index.patients.find(query, "lan"))
    assert first.patient.name == "Nguyễn Thị Đào"
    assert [reason.code for reason in first.reasons] == ["birth.same", "name.same", "sex.same"]
    assert [reason.code for reason in second.reasons] == ["name.toneless", "birth.year", "sex.same"]
    assert first.score == sum(reason.weight for reason in first.reasons)


def test_that_an_old_insurance_card_finds_the_new_number(index: Store) -> None:
    for card in (CARD_2015, CARD_2021, "HT 3 92 9201234567"):
        query = PatientQuery(identifiers=(_id(card, IdentifierKind.INSURANCE),))
        assert _names(index, query) == ["Trần Văn Đức"]


def test_that_a_number_two_people_had_gives_both_and_neither_is_taken(index: Store) -> None:
    query = PatientQuery(identifiers=(_id("092157001234"),))
    found = ranked(query, index.patients.find(query, "lan"))
    assert [(one.patient.name, one.reasons[0].code) for one in found] == [
        ("Nguyễn Thị Đào", "citizen_id.same"), ("Lê Văn Sáu", "citizen_id.former"),
    ]  # fmt: skip


def test_that_a_birth_date_alone_finds_all_of_that_year(index: Store) -> None:
    assert set(_names(index, PatientQuery(birth="1957"))) == {
        "Nguyễn Thị Đào",
        "Nguyễn Thị Đạo",
        "Lê Văn Sáu",
    }
    assert _names(index, PatientQuery()) == []


def test_that_new_borns_foreigners_and_unknown_people_can_be_stored_and_found(index: Store) -> None:
    assert "Con bà Nguyễn Thị Đào" in _names(index, PatientQuery("con ba nguyen thi dao"))
    assert _names(index, PatientQuery(identifiers=(_id("x-1234567", IdentifierKind.PASSPORT),))) == [
        "John Smith"
    ]
    with pytest.raises(StoreError, match=r"patient\.nameless"):
        index.patients.add(Patient("", " ", kind=PatientKind.KNOWN), "lan")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("12/03/1957", "1957-03-12"), ("3/1957", "1957-03"), ("1957", "1957"), ("1957-03-12", "1957-03-12"),
        ("1957-3", "1957-03"), ("", ""), ("31/13/1957", ""), ("57", ""),
        ("ngày 2 tháng 3 năm 2026", "2026-03-02"),
    ],
)  # fmt: skip
def test_that_birth_dates_stay_as_partial_as_they_are(text: str, iso: str) -> None:
    assert birth_of(text) == iso


def test_that_an_identifier_ends_but_is_never_lost(index: Store) -> None:
    query = PatientQuery("tran van duc")
    duc = index.patients.find(query, "lan")[0]
    ended = replace(duc.identifiers[0], until="2026-01-01")
    index.patients.change(replace(duc, identifiers=(ended, _id("079061000001"))), "lan", "new card")
    now = index.patients.get(duc.id, "lan")
    assert [one.until for one in now.identifiers] == ["2026-01-01", ""]
    with pytest.raises(StoreError, match=r"patient\.identifier_lost"):
        index.patients.change(replace(now, identifiers=()), "lan", "tidy up")
    with pytest.raises(StoreError, match=r"store\.reason_needed"):
        index.patients.change(now, "lan", " ")


def test_that_linking_and_taking_back_are_named_acts_that_stay(
    index: Store, make_draft: MakeDraft, decide: Decide, url: str
) -> None:
    index.add_draft(make_draft(fields=1))
    index.record("d1", decide("f0"))
    entry = index.release("d1", "lan", datetime(2026, 3, 2, tzinfo=UTC)).id
    one, other = (p.id for p in index.patients.find(PatientQuery("nguyen thi"), "lan")[:2])
    index.patients.link(entry, one, "lan")
    with pytest.raises(StoreError, match=r"patient\.linked_already"):
        index.patients.link(entry, other, "lan")
    with pytest.raises(StoreError, match=r"store\.reason_needed"):
        index.patients.unlink(entry, "lan", "")
    assert index.patients.entries_of(one) == [entry]
    index.patients.unlink(entry, "hoa", "the other Đào")
    assert index.patients.linked(entry) is None
    with pytest.raises(StoreError, match=r"patient\.not_linked"):
        index.patients.unlink(entry, "hoa", "again")
    index.patients.link(entry, other, "hoa")
    said = [(link.person, link.patient_id) for link in index.patients.links(entry)]
    assert said == [("lan", one), ("hoa", None), ("hoa", other)]
    assert (index.patients.entries_of(one), index.patients.entries_of(other)) == ([], [entry])
    acts = [e.action for e in index.audit() if e.subject == entry]
    assert acts[-3:] == ["entry.linked", "entry.unlinked", "entry.linked"]
    database = Database(url, "desk-1")
    with pytest.raises(ImmutableError):
        database.write(lambda u: u.connection.exec_driver_sql("DELETE FROM patient_link"))
    database.close()
    with pytest.raises(NotFoundError):
        index.patients.link("none", one, "lan")


def test_that_searching_and_reading_are_written_down_without_what_was_searched(index: Store) -> None:
    before = index.audit_head().seq
    found = index.patients.find(PatientQuery("tran van duc"), "lan")
    index.patients.get(found[0].id, "lan")
    lines = list(index.audit(before))
    assert [(line.person, line.action) for line in lines] == [
        ("lan", "patient.searched"),
        ("lan", "patient.read"),
    ]
    assert not any("duc" in line.detail for line in lines)


def test_that_only_those_who_may_search_and_link(index: Store) -> None:
    hire(index)
    index.patients.find(PatientQuery("x y"), "doctor")
    for name in ("admin", "scan", "who", ""):
        with pytest.raises(RefusedError):
            index.patients.find(PatientQuery("tran"), name)
    for name in ("admin", "scan", "doctor", "arch", ""):
        with pytest.raises(RefusedError):
            index.patients.add(Patient("", "Ai Đó"), name)
        with pytest.raises(RefusedError):
            index.patients.link("e", "p", name)
