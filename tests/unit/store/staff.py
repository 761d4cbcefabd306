"""A ward's people for tests: accounts that sign in elsewhere, so that no password has to be hashed."""

from __future__ import annotations

from dataclasses import replace

from formscan.model.people import Person, Role
from formscan.model.reading import FieldState, FieldValue
from formscan.model.record import Draft
from formscan.store import Store

STAFF = {
    "admin": Role.ADMINISTRATOR,
    "scan": Role.SCANNING_CLERK,
    "lan": Role.REVIEWING_CLERK,
    "hoa": Role.REVIEWING_CLERK,
    "mai": Role.REVIEWING_CLERK,
    "sup": Role.SUPERVISOR,
    "sup2": Role.SUPERVISOR,
    "arch": Role.ARCHIVIST,
    "doctor": Role.READER,
}


def hire(store: Store, *names: str) -> None:
    """Accounts of these people, all of them where none is named; the administrator always first."""
    for name in ("admin", *(n for n in names or STAFF if n != "admin")):
        store.accounts.add(Person(name, name.title(), frozenset({STAFF[name]})), None, "admin", source="ldap")


def critical(draft: Draft, *field_ids: str, supporters: tuple[str, ...] = ("glyphs",)) -> Draft:
    """The same draft with these fields critical."""
    fields = tuple(
        replace(f, critical=True, supporters=supporters) if f.field_id in field_ids else f
        for f in draft.fields
    )
    return replace(draft, fields=fields)


def value(text: str) -> FieldValue:
    """A value a person keyed."""
    return FieldValue(FieldState.VALUE, text, text)
