"""People whom a directory of the hospital knows: it says whether a password fits, the account stays here.

An account with another source than ``local`` has no password in the database. Roles, locking, waiting after
failures and the trail are the same for everybody.
"""

from __future__ import annotations

import importlib
import ipaddress
import socket
import warnings
from typing import Any, ClassVar, Final, Protocol
from urllib.parse import urlsplit

from formscan.errors import SignInError

TIMEOUT_S: Final = 10


class Elsewhere(Protocol):
    """Vouches for people by name and password."""

    source: ClassVar[str]
    """``source`` of the accounts it speaks for."""

    def vouches(self, name: str, password: str) -> bool:
        """Whether the password fits the name there.

        Raises:
            SignInError: ``access.directory`` where it cannot be asked.
        """


class LdapSignIn:
    """Asks an LDAP directory by binding as the person (RFC 4513, simple bind over TLS).

    Without TLS only a directory on this very machine is asked.

    Args:
        url: ``ldaps://host`` or ``ldap://host`` (StartTLS is used then).
        dn: Where people are, with ``{name}``: ``uid={name},ou=people,dc=benhvien,dc=vn``.

    Raises:
        SignInError: ``access.no_ldap`` where the package ``ldap3`` (extra ``signin``) is not installed.
    """

    source: ClassVar[str] = "ldap"

    def __init__(self, url: str, dn: str) -> None:
        self._url, self._dn = url, dn
        try:
            with warnings.catch_warnings():  # ldap3 2.9 imports names that pyasn1 has renamed since
                warnings.simplefilter("ignore", DeprecationWarning)
                self._ldap: Any = importlib.import_module("ldap3")
                self._escape: Any = importlib.import_module("ldap3.utils.dn").escape_rdn
        except ImportError as error:
            raise SignInError("access.no_ldap") from error

    def vouches(self, name: str, password: str) -> bool:
        """See ``Elsewhere``."""
        if not password or not name:
            return False  # a bind without a password is anonymous, and a server says yes to it
        self._need_there()
        server = self._ldap.Server(self._url, connect_timeout=TIMEOUT_S, get_info=self._ldap.NONE)
        who = self._dn.format(name=self._escape(name))
        asked = self._ldap.Connection(server, user=who, password=password, receive_timeout=TIMEOUT_S)
        try:
            if not self._safe(asked):
                raise SignInError("access.directory")
            return bool(asked.bind())
        except self._ldap.core.exceptions.LDAPException:
            raise SignInError("access.directory") from None  # its text may hold the name
        finally:
            asked.unbind()

    def _need_there(self) -> None:
        """Knock first: ldap3 leaves a socket open where nobody answers."""
        parts = urlsplit(self._url)
        port = parts.port or (636 if parts.scheme == "ldaps" else 389)
        try:
            socket.create_connection((parts.hostname or "", port), TIMEOUT_S).close()
        except OSError:
            raise SignInError("access.directory") from None

    def _safe(self, asked: Any) -> bool:
        """Nothing is sent before the line is encrypted, except to this very machine."""
        parts = urlsplit(self._url)
        if parts.scheme == "ldaps" or is_here(parts.hostname or ""):
            return True
        return bool(asked.start_tls())


def is_here(host: str) -> bool:
    """Whether a host is this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
