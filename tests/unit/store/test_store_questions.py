"""Questions about fields: asked, answered once, never changed or deleted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from formscan.errors import ImmutableError, NotFoundError, RefusedError, StoreError
from formscan.model.people import Person, Role
from formscan.model.record import Draft
from formscan.store import Store


@pytest.fixture
def asked(store: Store, make_draft: Callable[..., Draft]) -> Draft:
    draft = make_draft()
    store.add_draft(draft)
    return draft


def test_that_a_question_waits_until_it_is_answered_and_stays_with_its_draft(
    store: Store, asked: Draft
) -> None:
    field = asked.fields[0].field_id
    first = store.questions.ask(asked.id, field, "lan", "  Số 4 hay số 9?  ")
    second = store.questions.ask(asked.id, field, "lan", "Còn dòng dưới?")
    assert (first.number, second.number, first.text) == (1, 2, "Số 4 hay số 9?")
    assert store.questions.waiting() == [first, second]
    told = store.questions.answer(1, "thu", "Số 9")
    assert (told.answer, told.answered_by, told.text) == ("Số 9", "thu", first.text)
    assert store.questions.waiting() == [second]
    assert store.questions.of_draft(asked.id) == [told, second]
    trail = [line for line in store.audit() if line.action.startswith("question.")]
    assert [line.action for line in trail] == ["question.asked", "question.asked", "question.answered"]
    assert all("Số" not in line.detail for line in trail)
    assert store.verify_audit().intact


def test_that_an_answer_is_given_once_and_nothing_empty_is_kept(store: Store, asked: Draft) -> None:
    field = asked.fields[0].field_id
    store.questions.ask(asked.id, field, "lan", "?")
    store.questions.answer(1, "thu", "ja")
    with pytest.raises(NotFoundError):
        store.questions.answer(1, "thu", "nein")
    with pytest.raises(NotFoundError):
        store.questions.answer(7, "thu", "ja")
    with pytest.raises(StoreError, match="nothing_asked"):
        store.questions.ask(asked.id, field, "lan", " ")
    with pytest.raises(StoreError, match="nothing_asked"):
        store.questions.answer(1, "thu", "")


def test_that_only_fields_of_open_drafts_are_asked_about(store: Store, asked: Draft) -> None:
    with pytest.raises(NotFoundError):
        store.questions.ask(asked.id, "nowhere", "lan", "?")
    with pytest.raises(NotFoundError):
        store.questions.ask("none", asked.fields[0].field_id, "lan", "?")
    store.discard_draft(asked.id, "lan", "wrong paper")
    with pytest.raises(ImmutableError):
        store.questions.ask(asked.id, asked.fields[0].field_id, "lan", "?")


def test_that_clerks_ask_and_supervisors_answer(store: Store, asked: Draft) -> None:
    for name, role in (("root", Role.ADMINISTRATOR), ("lan", Role.REVIEWING_CLERK), ("thu", Role.SUPERVISOR)):
        store.accounts.add(Person(name, name, frozenset({role})), None, "root", source="ldap")
    field = asked.fields[0].field_id
    with pytest.raises(RefusedError):
        store.questions.ask(asked.id, field, "root", "?")
    store.questions.ask(asked.id, field, "lan", "?")
    with pytest.raises(RefusedError):
        store.questions.answer(1, "lan", "!")
    assert store.questions.answer(1, "thu", "!").answered_by == "thu"
