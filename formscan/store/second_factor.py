"""One-time codes (TOTP, RFC 6238: 30 seconds, 6 digits, SHA-1 as every authenticator knows it)."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pyotp import TOTP, random_base32
from sqlalchemy import select, update

from formscan.errors import AccessError, SignInError
from formscan.store.rows import AccountRow
from formscan.store.unit_of_work import Unit

STEP_S: Final = 30
ISSUER: Final = "FormScan"
RECOVERY_CODES: Final = 8


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What is shown once when one-time codes are set up.

    Attributes:
        secret: Base32, to be typed into an authenticator.
        url: The same as ``otpauth://`` URL.
        recovery: Codes that work once each without the device (56 bits).
    """

    secret: str = field(repr=False)
    url: str = field(repr=False)
    recovery: tuple[str, ...] = field(repr=False)


def new_enrolment(person_id: str) -> Enrolment:
    """A fresh secret with recovery codes; nothing is kept yet."""
    secret = random_base32()
    codes = tuple(f"{secrets.token_hex(3)}-{secrets.token_hex(4)}" for _ in range(RECOVERY_CODES))
    return Enrolment(secret, TOTP(secret).provisioning_uri(name=person_id, issuer_name=ISSUER), codes)


def switch_on(unit: Unit, person_id: str, enrolment: Enrolment, code: str, at: datetime) -> None:
    """Keep a secret, once a code of it was typed.

    Raises:
        SignInError: ``access.code_wrong``.
        AccessError: ``people.codes_on`` where others are on.
    """
    now = select(AccountRow.totp).where(AccountRow.person_id == person_id)
    if unit.connection.execute(now).scalar_one() is not None:
        raise AccessError("people.codes_on")
    step = _step_of(enrolment.secret, code, at, after=0)
    if step is None:
        raise SignInError("access.code_wrong")
    recovery = json.dumps([_digest(one) for one in enrolment.recovery])
    change = update(AccountRow).where(AccountRow.person_id == person_id)
    unit.connection.execute(change.values(totp=enrolment.secret, totp_step=step, recovery=recovery))
    unit.trail.add("person.second_factor_on", person_id, person_id, at, {})


def switch_off(unit: Unit, person_id: str, by: str, at: datetime) -> None:
    """Forget the secret and the recovery codes."""
    change = update(AccountRow).where(AccountRow.person_id == person_id)
    unit.connection.execute(change.values(totp=None, totp_step=0, recovery="[]"))
    unit.trail.add("person.second_factor_off", person_id, by, at, {})


def use(unit: Unit, person_id: str, code: str, at: datetime) -> bool:
    """Whether a code is right; each one-time code and each recovery code is right only once."""
    columns = (AccountRow.totp, AccountRow.totp_step, AccountRow.recovery)
    row = unit.connection.execute(select(*columns).where(AccountRow.person_id == person_id)).one()
    change = update(AccountRow).where(AccountRow.person_id == person_id)
    step = _step_of(row.totp or "", code, at, after=row.totp_step)
    if step is not None:
        unit.connection.execute(change.values(totp_step=step))
        return True
    left, used = json.loads(row.recovery), _digest(code)
    if not any(hmac.compare_digest(one, used) for one in left):
        return False
    unit.connection.execute(change.values(recovery=json.dumps([one for one in left if one != used])))
    unit.trail.add("person.recovery_code_used", person_id, person_id, at, {"left": len(left) - 1})
    return True


def _step_of(secret: str, code: str, at: datetime, *, after: int) -> int | None:
    """The time step a code belongs to: now, or one to either side for clocks that differ; never used ones."""
    typed = "".join(code.split())
    if not secret or not typed.isascii():
        return None
    now = int(at.timestamp()) // STEP_S
    for step in (now, now - 1, now + 1):
        if step > after and hmac.compare_digest(TOTP(secret).at(step * STEP_S), typed):
            return step
    return None


def _digest(code: str) -> str:
    """SHA-256; enough for a random code of 56 bits that is never chosen by a person."""
    return hashlib.sha256("".join(code.split()).casefold().encode()).hexdigest()
