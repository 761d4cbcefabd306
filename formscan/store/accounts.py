"""Accounts: who may sign in, with what, and what happens when somebody tries with something else.

Passwords are kept as argon2id hashes with the second recommended option of RFC 9106, section 4 (3 passes,
64 MiB, 4 lanes). Failed sign-ins are counted per name before the password is looked at, so that guessing in
parallel gains nothing, and each further one waits twice as long. Unknown names are treated and timed alike.
The trail has every sign-in and every failure; a name that is typed stands there as a digest only, because
people type passwords into the wrong line.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final, NoReturn

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import delete, insert, select, update

from formscan.errors import AccessError, SignInError
from formscan.model.people import Account, Permission, Person, Role, needed_to_reset_codes
from formscan.store import people, second_factor
from formscan.store.access import has_accounts, need
from formscan.store.audit import Digests
from formscan.store.rows import AccountRow, SignInTryRow
from formscan.store.unit_of_work import Database, Unit

FREE_TRIES: Final = 3
"""Failures without any wait: people mistype."""
FIRST_WAIT_S: Final = 5
LONGEST_WAIT_S: Final = 900
"""The wait doubles up to a quarter of an hour; guessing never locks an account for good."""
Vouches = Callable[[str, str], bool]
"""Whether a name and a password fit at a directory elsewhere."""


class Accounts:
    """The accounts of a database.

    Args:
        database: Where they are kept.
        digests: For names in the trail.
        clock: The time, with zone.
        hasher: Argon2 with other costs; RFC 9106's second recommended option where left out.
    """

    def __init__(
        self,
        database: Database,
        digests: Digests,
        clock: Callable[[], datetime],
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._database, self._digests, self._clock = database, digests, clock
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._nobodys = ""
        self._elsewhere: dict[str, Vouches] = {}

    def trust(self, source: str, vouches: Vouches) -> None:
        """Ask somebody else whether a password fits, for accounts of this source."""
        self._elsewhere[source] = vouches

    def exist(self) -> bool:
        """Whether people sign in here; otherwise one person works alone."""
        with self._database.read() as connection:
            return has_accounts(connection)

    def all(self) -> list[Account]:
        """Every account by name."""
        with self._database.read() as connection:
            return people.all_accounts(connection)

    def get(self, person_id: str) -> Account:
        """An account.

        Raises:
            NotFoundError: ``store.no_such_person``.
        """
        with self._database.read() as connection:
            return people.get_account(connection, person_id)

    # -- signing in ----------------------------------------------------------------------------

    def sign_in(self, name: str, password: str, code: str = "") -> Person:
        """Check a password and, where one is set up, a one-time or recovery code.

        Returns:
            Who it is, with the roles she has now.

        Raises:
            SignInError: ``access.sign_in`` (name or password are not right, or the account is locked),
                ``access.wait`` with ``seconds``, ``access.code_needed``, ``access.code_wrong``.
        """
        login = people.login_of(name)
        key = self._begin_try(login)
        kept = self._kept(login)
        if not self._right(login, kept, password) or kept is None or not kept.active:
            self._fail(login, "access.sign_in")
        if kept is not None and kept.totp is not None and not code:
            self._take_back(key)
            raise SignInError("access.code_needed")
        if kept is not None and kept.totp is not None:
            fits = self._database.write(lambda u: second_factor.use(u, login, code, self._clock()))
            if not fits:
                self._fail(login, "access.code_wrong")
        return self._enter(login, key)

    def sign_in_from(self, name: str, source: str, roles: frozenset[Role] | None = None) -> Person:
        """Let somebody in whom a directory or an identity provider vouched for.

        Args:
            name: Her name there; an account with this name and source must be here.
            source: ``ldap`` or ``oidc``.
            roles: What its groups make of her, which she then is; ``None`` where roles are given here.

        Raises:
            SignInError: ``access.sign_in`` where there is no such active account, or no role.
            AccessError: ``people.last_administrator`` where nobody would be one any more.
        """
        login = people.login_of(name)
        key = self._begin_try(login)
        kept = self._kept(login)
        if kept is None or not kept.active or kept.source != source or roles == frozenset():
            self._fail(login, "access.sign_in")
        if roles is not None and self.get(login).person.roles != roles:
            at = self._clock()
            self._database.write(lambda unit: people.change_roles(unit, login, roles, source, at))
        return self._enter(login, key)

    def note(self, person_id: str, act: str) -> None:
        """Write a line about a session: ``locked``, ``unlocked`` or ``signed_out``."""
        at = self._clock()
        self._database.write(lambda unit: unit.trail.add(f"person.{act}", person_id, person_id, at, {}))

    # -- administering -------------------------------------------------------------------------

    def add(self, person: Person, password: str | None, by: str, *, source: str = "local") -> Account:
        """Make an account; the first one is an administrator's and may be made by anybody.

        Args:
            person: With a name that was never used for an account.
            password: At least ``people.SHORTEST_PASSWORD`` signs; ``None`` for another source than ``local``.
            by: Who makes it.
            source: Where the person signs in.

        Raises:
            RefusedError: Where ``by`` may not administer.
            AccessError: ``people.first_is_administrator``, ``people.bad_name``, ``people.taken``,
                ``people.no_roles``, ``people.weak_password``.
        """
        hashed = self._hash(password, person) if source == "local" else None
        at = self._clock()

        def work(unit: Unit) -> Account:
            need(unit.connection, by, Permission.ADMINISTER)
            if not has_accounts(unit.connection) and Role.ADMINISTRATOR not in person.roles:
                raise AccessError("people.first_is_administrator")
            people.add_account(unit, person, hashed, source, by, at)
            return people.get_account(unit.connection, person.id)

        return self._database.write(work)

    def set_roles(self, person_id: str, roles: Iterable[Role], by: str) -> Account:
        """Change what somebody may do, from her next act on.

        Raises:
            RefusedError: Where ``by`` may not administer.
            AccessError: ``people.no_roles``, ``people.last_administrator``.
        """
        wanted, at = frozenset(roles), self._clock()

        def work(unit: Unit) -> Account:
            need(unit.connection, by, Permission.ADMINISTER)
            people.change_roles(unit, person_id, wanted, by, at)
            return people.get_account(unit.connection, person_id)

        return self._database.write(work)

    def set_password(self, person_id: str, password: str, by: str) -> None:
        """Set a password: one's own, or as administrator another's, whose failures are then forgiven.

        Raises:
            RefusedError: Where ``by`` is neither.
            AccessError: ``people.weak_password``, ``people.signs_in_elsewhere``.
        """
        account = self.get(person_id)
        if account.source != "local":
            raise AccessError("people.signs_in_elsewhere", source=account.source)
        hashed, at = self._hash(password, account.person), self._clock()
        key = self._digests.of(person_id)

        def work(unit: Unit) -> None:
            if by != person_id:
                need(unit.connection, by, Permission.ADMINISTER)
            change = update(AccountRow).where(AccountRow.person_id == person_id)
            unit.connection.execute(change.values(password=hashed, changed_at=at))
            unit.connection.execute(delete(SignInTryRow).where(SignInTryRow.name == key))
            unit.trail.add("person.password_set", person_id, by, at, {})

        self._database.write(work)

    def set_active(self, person_id: str, active: bool, by: str) -> None:
        """Lock an account or open it again.

        Raises:
            RefusedError: Where ``by`` may not administer.
            AccessError: ``people.last_administrator``.
        """
        at = self._clock()

        def work(unit: Unit) -> None:
            need(unit.connection, by, Permission.ADMINISTER)
            people.set_active(unit, person_id, active, by, at)

        self._database.write(work)

    # -- the second factor ---------------------------------------------------------------------

    def enrol(self, person_id: str, by: str) -> second_factor.Enrolment:
        """Begin to set up one-time codes (RFC 6238); nothing counts until ``confirm_enrolment``.

        Raises:
            RefusedError: Where ``by`` is somebody else.
            AccessError: ``people.codes_elsewhere`` where an identity provider asks for codes.
        """
        self._need_self(person_id, by)
        account = self.get(person_id)
        if account.source == "oidc":
            raise AccessError("people.codes_elsewhere")
        return second_factor.new_enrolment(person_id)

    def confirm_enrolment(
        self, person_id: str, enrolment: second_factor.Enrolment, code: str, by: str
    ) -> None:
        """Switch one-time codes on, once a code of the new secret was typed.

        Raises:
            SignInError: ``access.code_wrong``.
            AccessError: ``people.codes_on`` where others are on: whoever finds a window open could replace
                them without a code.
        """
        self._need_self(person_id, by)
        at = self._clock()
        self._database.write(lambda unit: second_factor.switch_on(unit, person_id, enrolment, code, at))

    def drop_second_factor(self, person_id: str, by: str, code: str = "") -> None:
        """Switch one-time codes off: for oneself with a code, or for somebody who lost the device.

        Args:
            person_id: Whose.
            by: She herself, a supervisor or an administrator; an administrator's codes are an administrator's
                matter.
            code: A one-time or recovery code, where she does it herself. Wrong ones count as failed sign-ins.

        Raises:
            RefusedError: Where ``by`` may not.
            SignInError: ``access.code_wrong``, ``access.wait``.
            AccessError: ``people.codes_off`` where there are none.
        """
        at = self._clock()
        if not self.get(person_id).second_factor:
            raise AccessError("people.codes_off")
        if by == person_id:
            key = self._begin_try(person_id)
            if not self._database.write(lambda unit: second_factor.use(unit, person_id, code, at)):
                self._fail(person_id, "access.code_wrong")
            self._take_back(key)

        def work(unit: Unit) -> None:
            if by != person_id:
                whose = people.get_account(unit.connection, person_id).person
                need(unit.connection, by, needed_to_reset_codes(whose))
            second_factor.switch_off(unit, person_id, by, at)

        self._database.write(work)

    # -- inside --------------------------------------------------------------------------------

    def _need_self(self, person_id: str, by: str) -> None:
        if by != person_id:
            self._database.write(lambda unit: need(unit.connection, None, Permission.ADMINISTER))

    def _kept(self, login: str) -> people.Kept | None:
        with self._database.read() as connection:
            return people.kept(connection, login)

    def _hash(self, password: str | None, person: Person) -> str:
        plain = _normal(password or "")
        people.need_good_password(plain, person)
        return self._hasher.hash(plain)

    def _right(self, login: str, kept: people.Kept | None, password: str) -> bool:
        elsewhere = self._elsewhere.get(kept.source) if kept is not None and kept.active else None
        if elsewhere is not None:
            return elsewhere(login, password)
        return self._fits(kept.password if kept else None, password)

    def _fits(self, hashed: str | None, password: str) -> bool:
        """Whether a password fits; a missing hash takes as long as a wrong password."""
        if not self._nobodys:
            self._nobodys = self._hasher.hash("nobody's")
        try:
            fits = self._hasher.verify(hashed or self._nobodys, _normal(password))
        except (VerificationError, InvalidHashError):
            return False
        return fits and hashed is not None

    def _begin_try(self, login: str) -> str:
        """Count a failure in advance; it is forgiven when the password is right."""
        key, now = self._digests.of(login), self._clock()

        def work(unit: Unit) -> int:
            found = select(SignInTryRow.failures, SignInTryRow.wait_until).where(SignInTryRow.name == key)
            row = unit.connection.execute(found).one_or_none()
            if row is not None and row.wait_until > now:
                return max(1, round(float((row.wait_until - now).total_seconds())))
            failures: int = (row.failures if row else 0) + 1
            until = now + timedelta(seconds=_wait_s(failures))
            unit.connection.execute(delete(SignInTryRow).where(SignInTryRow.name == key))
            unit.connection.execute(
                insert(SignInTryRow).values(name=key, failures=failures, wait_until=until)
            )
            return 0

        seconds = self._database.write(work)
        if seconds:
            raise SignInError("access.wait", seconds=seconds)
        return key

    def _take_back(self, key: str) -> None:
        """The last try was none: what failed before it stays, or guessing codes would never have to wait."""
        mine = update(SignInTryRow).where(SignInTryRow.name == key)
        less = mine.values(failures=SignInTryRow.failures - 1, wait_until=self._clock())
        self._database.write(lambda unit: unit.connection.execute(less).rowcount)

    def _fail(self, login: str, code: str) -> NoReturn:
        """Note a failure and refuse.

        Raises:
            SignInError: Always.
        """
        who, at = self._digests.of(login), self._clock()
        detail: dict[str, object] = {"why": code}
        self._database.write(lambda unit: unit.trail.add("person.sign_in_failed", who, "", at, detail))
        raise SignInError(code)

    def _enter(self, login: str, key: str) -> Person:
        at = self._clock()

        def work(unit: Unit) -> Person:
            unit.connection.execute(delete(SignInTryRow).where(SignInTryRow.name == key))
            account = people.get_account(unit.connection, login)
            unit.trail.add("person.signed_in", login, login, at, {"source": account.source})
            return account.person

        return self._database.write(work)


def _normal(password: str) -> str:
    """NFKC, so that a Vietnamese password is the same from every keyboard (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def _wait_s(failures: int) -> int:
    """Seconds to wait after so many failures in a row."""
    over = failures - FREE_TRIES
    return 0 if over < 0 else min(FIRST_WAIT_S * 2 ** min(over, 20), LONGEST_WAIT_S)
