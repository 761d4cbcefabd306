"""People whom an identity provider knows (OpenID Connect): authorisation code, PKCE, a loopback address.

The browser of the system asks for name, password and whatever else the provider wants (RFC 8252); this
program never sees them. It sends the browser to the provider, hears on a port of this machine alone that it
came back, changes the code for an ID token with the secret only it knows (RFC 7636), and looks at the token's
signature, issuer, audience, time and nonce (OpenID Connect Core 1.0, 3.1.3.7). The account stays here; roles
may follow the provider's groups.
"""

from __future__ import annotations

import importlib
import secrets
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import parse_qs, urlsplit

from formscan.errors import SignInError
from formscan.model.people import Person, Role
from formscan.settings import Settings
from formscan.signin import TIMEOUT_S, is_here

if TYPE_CHECKING:  # SQLAlchemy takes half a second to load
    from formscan.store.accounts import Accounts

SIGNED_WITH: Final = ("RS256", "PS256", "ES256", "EdDSA")
"""Only signatures of a key pair: a token signed with the client's secret could be made by any client."""
CLOCKS_DIFFER_S: Final = 60
ENOUGH: Final = "Xong. Bạn có thể đóng trang này và quay lại FormScan. / Done. You may close this page."


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for.

    Attributes:
        name: Her login name there.
        groups: What the provider says she belongs to.
    """

    name: str
    groups: frozenset[str]


def provider_of(settings: Settings) -> OidcSignIn | None:
    """The provider people of the source ``oidc`` sign in with; ``None`` where there is none.

    Raises:
        SignInError: As ``OidcSignIn``.
    """
    if not settings.oidc_issuer:
        return None
    secret, names = settings.oidc_secret.get_secret_value(), (settings.oidc_name, settings.oidc_groups)
    return OidcSignIn(
        settings.oidc_issuer, settings.oidc_client, secret, name_claim=names[0], groups_claim=names[1]
    )


def enter(accounts: Accounts, settings: Settings, vouched: Vouched) -> Person:
    """Let somebody in whom the provider vouched for; see ``Accounts.sign_in_from``."""
    known = settings.oidc_roles
    return accounts.sign_in_from(vouched.name, OidcSignIn.source, _roles(vouched, known) if known else None)


class OidcSignIn:
    """An identity provider.

    Args:
        issuer: Its URL; ``https``, or ``http`` on this very machine.
        client: What it calls this program.
        secret: Of the client, where the provider gave one out; empty for a public client.
        name_claim: Claim that is the login name.
        groups_claim: Claim that lists groups.

    Raises:
        SignInError: ``access.no_oidc`` where the packages of the extra ``signin`` are not installed;
            ``access.provider`` for an address that is not safe.
    """

    source: ClassVar[str] = "oidc"

    def __init__(
        self,
        issuer: str,
        client: str,
        secret: str = "",
        *,
        name_claim: str = "preferred_username",
        groups_claim: str = "groups",
    ) -> None:
        self.issuer, self.client, self.secret = issuer.rstrip("/"), client, secret
        self.name_claim, self.groups_claim = name_claim, groups_claim
        _need_safe(self.issuer)
        try:
            with warnings.catch_warnings(record=True):  # authlib 1.9 says, past all filters, to use httpx2
                self.web: Any = importlib.import_module("httpx")
                self.flow: Any = importlib.import_module("authlib.integrations.httpx_client")
                self.jwt: Any = importlib.import_module("joserfc.jwt")
                self.jwk: Any = importlib.import_module("joserfc.jwk")
        except ImportError as error:
            raise SignInError("access.no_oidc") from error

    def begin(self) -> OidcTry:
        """Ask the provider where things are, and listen; ``close`` the try in the end.

        Raises:
            SignInError: ``access.provider`` where it cannot be asked or says another issuer.
        """
        known = self.get(f"{self.issuer}/.well-known/openid-configuration")
        if str(known.get("issuer", "")).rstrip("/") != self.issuer:
            raise SignInError("access.provider")
        for place in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            _need_safe(str(known.get(place, "")))
        return OidcTry(self, known)

    def get(self, url: str, token: str = "") -> dict[str, Any]:
        """A JSON document of the provider.

        Raises:
            SignInError: ``access.provider``.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            answer = self.web.get(url, headers=headers, timeout=TIMEOUT_S)
            answer.raise_for_status()
            told = answer.json()
        except (self.web.HTTPError, self.web.InvalidURL, ValueError):
            raise SignInError("access.provider") from None  # its text may hold what a person typed
        if not isinstance(told, dict):
            raise SignInError("access.provider")
        return told


class OidcTry:
    """One way through the browser; made by ``OidcSignIn.begin``.

    Args:
        provider: The provider.
        known: What it says about itself.
    """

    def __init__(self, provider: OidcSignIn, known: Mapping[str, Any]) -> None:
        self._provider, self._known = provider, known
        self._nonce, self._verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        state = secrets.token_urlsafe(32)
        self._ear = _Ear(state)
        self._flow = provider.flow.OAuth2Client(
            provider.client,
            provider.secret or None,
            scope="openid profile",
            redirect_uri=self._ear.address,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if provider.secret else "none",
            timeout=TIMEOUT_S,
        )
        where = known["authorization_endpoint"]
        told = {"state": state, "nonce": self._nonce, "code_verifier": self._verifier}
        self.url: str = self._flow.create_authorization_url(where, **told)[0]
        self._state = state

    @property
    def arrived(self) -> bool:
        """The browser came back."""
        return self._ear.heard.is_set()

    def finish(self) -> Vouched:
        """Who came back.

        Raises:
            SignInError: ``access.provider_refused`` where the provider let nobody in, ``access.provider`` for
                anything it says that does not hold.
        """
        if "error" in parse_qs(urlsplit(self._ear.came).query):
            raise SignInError("access.provider_refused")
        tokens = self._tokens()
        claims = self._claims(str(tokens.get("id_token", "")))
        name, groups = claims.get(self._provider.name_claim), claims.get(self._provider.groups_claim)
        if (name is None or groups is None) and "userinfo_endpoint" in self._known:
            more = self._provider.get(str(self._known["userinfo_endpoint"]), str(tokens["access_token"]))
            if more.get("sub") != claims["sub"]:
                raise SignInError("access.provider")
            name = name or more.get(self._provider.name_claim)
            groups = groups or more.get(self._provider.groups_claim)
        if not isinstance(name, str) or not name:
            raise SignInError("access.provider")
        listed = groups if isinstance(groups, list) else []
        return Vouched(name, frozenset(group for group in listed if isinstance(group, str)))

    def close(self) -> None:
        """Listen no more."""
        self._ear.close()
        self._flow.close()

    def _tokens(self) -> dict[str, Any]:
        try:
            tokens: dict[str, Any] = self._flow.fetch_token(
                self._known["token_endpoint"],
                authorization_response=self._ear.came,
                state=self._state,
                code_verifier=self._verifier,
            )
        except Exception as error:  # noqa: BLE001 - authlib has no common error; none may reach a log with its text
            raise SignInError("access.provider", kind=type(error).__name__) from None
        return tokens

    def _claims(self, token: str) -> dict[str, Any]:
        """What a token says, once all that must hold does."""
        wanted = {
            "iss": {"essential": True, "value": str(self._known["issuer"])},
            "aud": {"essential": True, "value": self._provider.client},
            "exp": {"essential": True},
            "sub": {"essential": True},
            "nonce": {"essential": True, "value": self._nonce},
        }
        keys = self._provider.get(str(self._known["jwks_uri"]))
        try:
            read = self._provider.jwt.decode(
                token, self._provider.jwk.KeySet.import_key_set(keys), algorithms=SIGNED_WITH
            )
            self._provider.jwt.JWTClaimsRegistry(leeway=CLOCKS_DIFFER_S, **wanted).validate(read.claims)
        except Exception as error:  # noqa: BLE001 - as above: whatever is wrong with a token, nobody comes in
            raise SignInError("access.provider", kind=type(error).__name__) from None
        if read.claims.get("azp", self._provider.client) != self._provider.client:
            raise SignInError("access.provider")
        return dict(read.claims)


class _Ear:
    """Hears the browser come back on a port of this machine; what lacks our ``state`` is turned away."""

    def __init__(self, state: str) -> None:
        self.heard, self.came = threading.Event(), ""
        ear = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                ours = parse_qs(urlsplit(self.path).query).get("state") == [state]
                text = ENOUGH.encode() if ours else b""
                self.send_response(200 if ours else 404)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
                if ours and not ear.heard.is_set():
                    ear.came = f"{ear.address}{self.path[1:]}"
                    ear.heard.set()

            def log_message(self, *_facts: object) -> None:
                """The address holds the code."""

        self._server = HTTPServer(("127.0.0.1", 0), Door)
        self.address = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="formscan-oidc")
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _roles(vouched: Vouched, known: Mapping[str, Role]) -> frozenset[Role]:
    """The roles of somebody in these groups; groups nobody mapped give none."""
    return frozenset(known[group] for group in vouched.groups if group in known)


def _need_safe(url: str) -> None:
    """Only over TLS, but for a provider on this machine.

    Raises:
        SignInError: ``access.provider``.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_here(parts.hostname or "")):
        raise SignInError("access.provider")
