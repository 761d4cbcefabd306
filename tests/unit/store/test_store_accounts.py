from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from formscan.errors import AccessError, NotFoundError, RefusedError, SignInError
from formscan.model.people import NOBODY, PERMISSIONS, SYSTEM, Permission, Person, Role, allowed
from formscan.store import Store
from formscan.store.accounts import FREE_TRIES, LONGEST_WAIT_S

hire = runpy.run_path(str(Path(__file__).with_name("staff.py")))["hire"]
GOOD = "Bốn mùa thay lá"
ADMIN = Person("admin", "Quản trị", frozenset({Role.ADMINISTRATOR}))
LAN = Person("lan", "Lê Thị Lan", frozenset({Role.REVIEWING_CLERK}))


class Clock:
    """A time that only moves when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        """Move on."""
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    """The time."""
    return Clock()


@pytest.fixture
def house(url: str, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """A store with an administrator and a clerk who have passwords."""
    with Store.open(url, tmp_path / "images", workstation="desk-1", clock=clock) as store:
        store.accounts.add(ADMIN, GOOD, "root")
        store.accounts.add(LAN, GOOD + " rơi", "admin")
        yield store


def _actions(store: Store) -> list[str]:
    return [event.action for event in store.audit()]


def test_that_a_right_password_lets_in_and_a_wrong_one_does_not(house: Store) -> None:
    assert house.accounts.sign_in(" LAN ", GOOD + " rơi") == LAN
    with pytest.raises(SignInError, match=r"access\.sign_in"):
        house.accounts.sign_in("lan", GOOD)
    assert _actions(house)[-2:] == ["person.signed_in", "person.sign_in_failed"]


def test_that_a_password_is_the_same_from_a_keyboard_that_composes_tones_apart(house: Store) -> None:
    import unicodedata

    apart = unicodedata.normalize("NFD", GOOD + " rơi")
    assert apart != GOOD + " rơi"
    assert house.accounts.sign_in("lan", apart) == LAN


def test_that_passwords_and_typed_names_stand_nowhere_readable(
    house: Store, url: str, tmp_path: Path
) -> None:
    with pytest.raises(SignInError):
        house.accounts.sign_in("my-secret-password-by-mistake", GOOD)
    told = "".join(f"{e.subject}{e.person}{e.detail}" for e in house.audit())
    assert "my-secret" not in told
    assert GOOD not in told
    if url.startswith("sqlite"):
        raw = b"".join(path.read_bytes() for path in tmp_path.glob("formscan.db*"))
        assert GOOD.encode() not in raw
        assert b"$argon2id$v=19$m=65536,t=3,p=4$" in raw


def test_that_unknown_names_and_locked_accounts_are_refused_with_the_same_words(house: Store) -> None:
    house.accounts.set_active("lan", False, "admin")
    told = []
    for name in ("lan", "nobody.here"):
        with pytest.raises(SignInError) as refused:
            house.accounts.sign_in(name, GOOD + " rơi")
        told.append((refused.value.code, refused.value.facts))
    assert told == [("access.sign_in", {})] * 2


def test_that_guessing_is_slowed_and_waiting_helps(house: Store, clock: Clock) -> None:
    waits = []
    for _ in range(14):
        with pytest.raises(SignInError) as refused:
            house.accounts.sign_in("lan", "wrong")
        if refused.value.code == "access.wait":
            waits.append(int(refused.value.facts["seconds"]))
            with pytest.raises(SignInError, match=r"access\.wait"):
                house.accounts.sign_in("lan", GOOD + " rơi")  # the right one waits as well
            clock.pass_s(waits[-1] + 1)
    assert waits == sorted(waits)
    assert waits[:3] == [5, 10, 20]
    assert max(waits) <= LONGEST_WAIT_S
    clock.pass_s(LONGEST_WAIT_S)
    assert house.accounts.sign_in("lan", GOOD + " rơi") == LAN
    with pytest.raises(SignInError, match=r"access\.sign_in"):
        house.accounts.sign_in("lan", "wrong")  # forgiven: no wait before the next one
    assert house.accounts.sign_in("lan", GOOD + " rơi") == LAN


def test_that_a_one_time_code_is_asked_for_and_good_once(house: Store, clock: Clock) -> None:
    made = house.accounts.enrol("lan", "lan")
    assert made.url.startswith("otpauth://totp/FormScan:lan?secret=" + made.secret)
    totp = pyotp.TOTP(made.secret)
    with pytest.raises(SignInError, match=r"access\.code_wrong"):
        house.accounts.confirm_enrolment("lan", made, "000000", "lan")
    assert not house.accounts.get("lan").second_factor
    house.accounts.confirm_enrolment("lan", made, totp.at(clock.now), "lan")
    with pytest.raises(SignInError, match=r"access\.code_needed"):
        house.accounts.sign_in("lan", GOOD + " rơi")
    with pytest.raises(SignInError, match=r"access\.code_wrong"):
        house.accounts.sign_in("lan", GOOD + " rơi", totp.at(clock.now))  # used when it was set up
    clock.pass_s(60)
    assert house.accounts.sign_in("lan", GOOD + " rơi", totp.at(clock.now)) == LAN
    clock.pass_s(2)
    with pytest.raises(SignInError, match=r"access\.code_wrong"):
        house.accounts.sign_in("lan", GOOD + " rơi", totp.at(clock.now))


def test_that_a_recovery_code_works_once(house: Store, clock: Clock) -> None:
    made = house.accounts.enrol("lan", "lan")
    house.accounts.confirm_enrolment("lan", made, pyotp.TOTP(made.secret).at(clock.now), "lan")
    assert house.accounts.sign_in("lan", GOOD + " rơi", made.recovery[3]) == LAN
    assert house.accounts.get("lan").recovery_codes == len(made.recovery) - 1
    with pytest.raises(SignInError, match=r"access\.code_wrong"):
        house.accounts.sign_in("lan", GOOD + " rơi", made.recovery[3])
    house.accounts.drop_second_factor("lan", "admin")
    assert house.accounts.sign_in("lan", GOOD + " rơi") == LAN


def _with_codes(house: Store, clock: Clock, person: str) -> pyotp.TOTP:
    made = house.accounts.enrol(person, person)
    totp = pyotp.TOTP(made.secret)
    house.accounts.confirm_enrolment(person, made, totp.at(clock.now), person)
    clock.pass_s(60)
    return totp


def test_that_asking_for_the_code_does_not_forgive_wrong_ones(house: Store, clock: Clock) -> None:
    totp = _with_codes(house, clock, "lan")
    for _ in range(FREE_TRIES):
        with pytest.raises(SignInError, match=r"access\.code_needed"):
            house.accounts.sign_in(
                "lan", GOOD + " rơi"
            )  # whoever stole the password leaves the code out first
        with pytest.raises(SignInError, match=r"access\.code_wrong"):
            house.accounts.sign_in("lan", GOOD + " rơi", "000000")
    for code in ("", "000001", totp.at(clock.now)):
        with pytest.raises(SignInError, match=r"access\.wait"):
            house.accounts.sign_in("lan", GOOD + " rơi", code)
    clock.pass_s(60)
    assert house.accounts.sign_in("lan", GOOD + " rơi", totp.at(clock.now)) == LAN


def test_that_ones_own_codes_go_and_change_with_a_code_only(house: Store, clock: Clock) -> None:
    totp = _with_codes(house, clock, "lan")
    other = house.accounts.enrol("lan", "lan")
    with pytest.raises(AccessError, match=r"people\.codes_on"):
        house.accounts.confirm_enrolment("lan", other, pyotp.TOTP(other.secret).at(clock.now), "lan")
    for _ in range(FREE_TRIES):
        with pytest.raises(SignInError, match=r"access\.code_wrong"):
            house.accounts.drop_second_factor("lan", "lan", "123456")
    with pytest.raises(SignInError, match=r"access\.wait"):
        house.accounts.drop_second_factor("lan", "lan", totp.at(clock.now))
    clock.pass_s(60)
    house.accounts.drop_second_factor("lan", "lan", totp.at(clock.now))
    assert not house.accounts.get("lan").second_factor
    with pytest.raises(AccessError, match=r"people\.codes_off"):
        house.accounts.drop_second_factor("lan", "lan", totp.at(clock.now))


def test_that_a_supervisor_helps_a_clerk_who_lost_the_device_and_no_administrator(
    house: Store, clock: Clock
) -> None:
    house.accounts.add(Person("sup", "Giám sát", frozenset({Role.SUPERVISOR})), GOOD + " bay", "admin")
    house.accounts.add(Person("hoa", "Hoa", frozenset({Role.REVIEWING_CLERK})), GOOD + " vàng", "admin")
    for person in ("lan", "admin"):
        _with_codes(house, clock, person)
    with pytest.raises(RefusedError):
        house.accounts.drop_second_factor("lan", "hoa")
    house.accounts.drop_second_factor("lan", "sup")
    event = list(house.audit())[-1]
    assert (event.action, event.subject, event.person) == ("person.second_factor_off", "lan", "sup")
    with pytest.raises(RefusedError):
        house.accounts.drop_second_factor("admin", "sup")
    assert house.accounts.get("admin").second_factor


def test_that_an_identity_provider_asks_for_its_own_codes(house: Store) -> None:
    house.accounts.add(Person("an", "An", frozenset({Role.READER})), None, "admin", source="oidc")
    with pytest.raises(AccessError, match=r"people\.codes_elsewhere"):
        house.accounts.enrol("an", "an")


def test_that_nobody_sets_up_or_drops_the_codes_of_another(house: Store) -> None:
    with pytest.raises(RefusedError):
        house.accounts.enrol("admin", "lan")
    with pytest.raises(AccessError, match=r"people\.codes_off"):
        house.accounts.drop_second_factor("admin", "lan")
    with pytest.raises(RefusedError):
        house.accounts.set_password("admin", "Một hai ba bốn", "lan")


@pytest.mark.parametrize("password", ["", "ngắn quá", "aaaaaaaaaaaaaaaa", "Lê Thị Lan", "x" * 300])
def test_that_weak_passwords_are_refused(house: Store, password: str) -> None:
    with pytest.raises(AccessError, match=r"people\.weak_password"):
        house.accounts.set_password("lan", password, "lan")


@pytest.mark.parametrize("name", ["", "x", SYSTEM, "Lan", "lan hoa", "a" * 80, "đức"])
def test_that_names_that_could_be_mistaken_are_refused(store: Store, name: str) -> None:
    with pytest.raises(AccessError, match=r"people\.bad_name"):
        store.accounts.add(Person(name, "x", frozenset({Role.ADMINISTRATOR})), None, "root", source="ldap")


def test_that_the_first_account_is_an_administrators_and_the_last_one_stays(store: Store) -> None:
    assert not store.accounts.exist()
    with pytest.raises(AccessError, match=r"people\.first_is_administrator"):
        store.accounts.add(LAN, None, "root", source="ldap")
    hire(store, "lan")
    assert store.accounts.exist()
    for attempt in (
        lambda: store.accounts.set_active("admin", False, "admin"),
        lambda: store.accounts.set_roles("admin", {Role.READER}, "admin"),
    ):
        with pytest.raises(AccessError, match=r"people\.last_administrator"):
            attempt()
    with pytest.raises(AccessError, match=r"people\.taken"):
        store.accounts.add(LAN, None, "admin", source="ldap")
    with pytest.raises(NotFoundError):
        store.accounts.get("who")


@pytest.mark.parametrize("by", ["lan", "root", "", SYSTEM, "who"])
def test_that_only_an_administrator_administers(store: Store, by: str) -> None:
    hire(store, "lan")
    attempts: list[Callable[[], object]] = [
        lambda: store.accounts.add(
            Person("eve", "Eve", frozenset({Role.ADMINISTRATOR})), None, by, source="ldap"
        ),
        lambda: store.accounts.set_roles("lan", {Role.ADMINISTRATOR}, by),
        lambda: store.accounts.set_active("admin", False, by),
        lambda: store.put_person(Person("lan", "Lan", frozenset({Role.ADMINISTRATOR})), by),
    ]
    for attempt in attempts:
        with pytest.raises(RefusedError):
            attempt()
    assert _actions(store).count("access.refused") == len(attempts)
    assert store.accounts.get("lan").person.roles == {Role.REVIEWING_CLERK}
    assert store.verify_audit().intact


def test_that_an_account_of_a_directory_has_no_password_here(store: Store) -> None:
    hire(store, "lan")
    with pytest.raises(SignInError):
        store.accounts.sign_in("lan", "")
    with pytest.raises(AccessError, match=r"people\.signs_in_elsewhere"):
        store.accounts.set_password("lan", GOOD, "admin")
    assert store.accounts.sign_in_from("LAN", "ldap").id == "lan"
    for name, source in (("lan", "oidc"), ("who", "ldap")):
        with pytest.raises(SignInError):
            store.accounts.sign_in_from(name, source)


def test_that_the_matrix_keeps_apart_what_must_be_apart() -> None:
    assert Permission.READ not in PERMISSIONS[Role.ADMINISTRATOR]
    assert PERMISSIONS[Role.READER] == {Permission.READ, Permission.FIND_PATIENT}
    assert Permission.ADMINISTER not in allowed(set(Role) - {Role.ADMINISTRATOR})
    assert not any(NOBODY.may(permission) for permission in Permission)
    assert allowed(Role) == set(Permission)
