"""``formscan people`` and ``formscan patients`` as scripts drive them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from formscan.app import Application
from formscan.cli import app
from formscan.errors import FormScanError, RefusedError, SignInError
from formscan.model.people import Person, Role
from formscan.settings import Settings

PASSWORD = "bon mua thay la bay"


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with somebody of each role, named after it."""
    home = tmp_path_factory.mktemp("everybody")
    with Application(Settings(home=home)) as core:
        for role in (Role.ADMINISTRATOR, *(one for one in Role if one is not Role.ADMINISTRATOR)):
            by = "" if role is Role.ADMINISTRATOR else Role.ADMINISTRATOR.value
            core.store.accounts.add(Person(role.value, role.value, frozenset({role})), PASSWORD, by)
    return home


def _run(home: Path, *words: str, person: str = "root", password: str = PASSWORD) -> Result:
    environment = {
        "FORMSCAN_PERSON": person, "FORMSCAN_PASSWORD": password, "FORMSCAN_NEW_PASSWORD": PASSWORD,
    }  # fmt: skip
    return CliRunner().invoke(app, [*words, "--home", str(home)], env=environment)


def test_that_accounts_are_made_listed_and_kept_from_those_who_may_not(tmp_path: Path) -> None:
    refused = _run(tmp_path, "people", "add", "lan", "--role", "reviewing_clerk")
    assert isinstance(refused.exception, FormScanError)
    assert refused.exception.code == "people.first_is_administrator"
    assert _run(tmp_path, "people", "add", "admin", "--role", "administrator").exit_code == 0
    clerk = ("people", "add", "lan", "--role", "reviewing_clerk", "--name", "Lê Thị Lan")
    assert isinstance(_run(tmp_path, *clerk, person="nobody").exception, SignInError)
    assert _run(tmp_path, *clerk, person="admin").exit_code == 0
    assert isinstance(_run(tmp_path, "people", "lock", "admin", person="lan").exception, RefusedError)
    told = json.loads(_run(tmp_path, "people", "list", "--json", person="admin").stdout)
    assert [(one["login"], one["roles"], one["active"]) for one in told] == [
        ("admin", ["administrator"], True), ("lan", ["reviewing_clerk"], True),
    ]  # fmt: skip


@pytest.mark.parametrize("words", [("drafts",), ("entries",), ("patients", "search", "--name", "lan")])
def test_that_what_shows_patients_asks_who_is_there(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert _run(tmp_path, *words).exit_code == 0
    assert _run(tmp_path, "people", "add", "admin", "--role", "administrator").exit_code == 0
    assert isinstance(_run(tmp_path, *words, password="wrong").exception, SignInError)
    assert isinstance(_run(tmp_path, *words, person="admin").exception, RefusedError)


def test_that_the_trail_is_checked_by_those_who_may_read_it(tmp_path: Path) -> None:
    assert _run(tmp_path, "audit", "verify").exit_code == 0
    assert _run(tmp_path, "people", "add", "admin", "--role", "administrator").exit_code == 0
    clerk = ("people", "add", "lan", "--role", "reviewing_clerk")
    assert _run(tmp_path, *clerk, person="admin").exit_code == 0
    assert _run(tmp_path, "audit", "verify", person="admin").exit_code == 0
    assert isinstance(_run(tmp_path, "audit", "verify", person="lan").exception, RefusedError)
    assert isinstance(_run(tmp_path, "audit", "verify", person="nobody").exception, SignInError)


@pytest.mark.parametrize(
    ("words", "may"),
    [
        (("people", "list"), {"administrator"}),
        (("learn", "status"), {"administrator", "supervisor", "archivist"}),
        (("learn", "back"), {"administrator"}),
        (("drafts",), {"reviewing_clerk", "supervisor"}),
        (("entries",), {"supervisor", "archivist", "reader"}),
        (("audit", "verify"), {"administrator", "supervisor", "archivist"}),
        (("audit", "list"), {"administrator", "supervisor", "archivist"}),
        (("patients", "search", "--name", "lan"), {"reviewing_clerk", "supervisor", "archivist", "reader"}),
    ],
)
def test_that_every_role_gets_what_is_its_own_and_no_more(
    everybody: Path, words: tuple[str, ...], may: set[str]
) -> None:
    for role in Role:
        told = _run(everybody, *words, person=role.value)
        if role.value in may:
            assert told.exit_code == 0, (role, told.exception)
        else:
            assert isinstance(told.exception, RefusedError), (role, told.output)
    assert isinstance(_run(everybody, *words, person="nobody").exception, SignInError)


@pytest.mark.parametrize(
    ("words", "may", "may_not"),
    [
        (("status",), Role.SUPERVISOR, Role.REVIEWING_CLERK),
        (("report",), Role.SCANNING_CLERK, Role.READER),
        (("morning",), Role.ARCHIVIST, Role.ADMINISTRATOR),
        (("requeue", "--reason", "page.unknown"), Role.SCANNING_CLERK, Role.SUPERVISOR),
        (("remedy", "retry", "--reason", "page.unknown"), Role.ARCHIVIST, Role.REVIEWING_CLERK),
    ],
)
def test_that_the_night_is_told_to_those_who_look_after_it_and_changed_by_those_who_scan(
    everybody: Path, words: tuple[str, ...], may: Role, may_not: Role
) -> None:
    told = _run(everybody, "batch", *words, person=may.value)
    assert told.exit_code == 0, told.exception
    assert isinstance(_run(everybody, "batch", *words, person=may_not.value).exception, RefusedError)


def test_that_a_patient_is_taken_in_and_found_without_tones(tmp_path: Path) -> None:
    added = _run(tmp_path, "patients", "add", "--name", "Trần Văn Đức", "--birth", "05/1961", "--json")
    assert added.exit_code == 0
    found = json.loads(_run(tmp_path, "patients", "search", "--name", "tran van duc", "--json").stdout)
    assert [(one["name"], one["birth"]) for one in found] == [("Trần Văn Đức", "1961-05")]
    assert "name.toneless" in found[0]["reasons"]
