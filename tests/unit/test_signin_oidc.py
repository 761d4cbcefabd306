"""Signing in with a real OpenID provider on the loopback: the browser is a client that follows its forms."""

from __future__ import annotations

import base64
import hashlib
import importlib
import importlib.util
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from formscan.app import Application
from formscan.errors import AccessError, SignInError
from formscan.model.people import Person, Role
from formscan.settings import Settings
from formscan.signin_oidc import OidcSignIn, OidcTry, Vouched, enter, provider_of

if importlib.util.find_spec("oidc_provider_mock") is None or importlib.util.find_spec("joserfc") is None:
    pytest.skip("oidc-provider-mock and the extra signin are not installed", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the provider's own, in its thread
GROUPS = {"duyet-ho-so": Role.REVIEWING_CLERK, "giam-sat": Role.SUPERVISOR}
LAN = {"preferred_username": "lan", "groups": ["duyet-ho-so", "khoa-noi"], "name": "Lan"}


class Provider:
    """The provider with the PKCE check it lacks, and what it was asked."""

    def __init__(self, mock: Any) -> None:
        self.app: Any = mock.app(require_nonce=True)
        self.asked: list[dict[str, str]] = []
        self.challenges: list[str] = []
        self.url = ""
        self.app.before_request(self._watch)

    def _watch(self) -> Any:
        flask: Any = importlib.import_module("flask")
        request = flask.request
        if request.path.endswith("/authorize"):
            self.asked.append(dict(request.args))
            self.challenges.append(str(request.args.get("code_challenge", "")))
        if request.path.endswith("/token"):
            verifier = str(request.form.get("code_verifier", "")).encode()
            made = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
            if made not in self.challenges:
                return {"error": "invalid_grant"}, 400
        return None


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """It runs until the tests are done."""
    with warnings.catch_warnings(record=True):  # it uses parts of authlib that are named parts of the past
        serving: Any = importlib.import_module("werkzeug.serving")
        made = Provider(importlib.import_module("oidc_provider_mock"))
    server = serving.make_server("localhost", 0, made.app, threaded=True)
    made.url = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.1,))
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def begin(provider: Provider) -> Iterator[Callable[..., OidcTry]]:
    """Begins tries; all are closed in the end."""
    tries = []

    def make(client: str = "formscan") -> OidcTry:
        tries.append(OidcSignIn(provider.url, client, "a secret").begin())
        return tries[-1]

    yield make
    for each in tries:
        each.close()


def _browse(begun: OidcTry, provider: Provider, person: str, claims: dict[str, Any], **form: str) -> None:
    """The browser: the person says who she is and is sent back."""
    web: Any = importlib.import_module("httpx")
    assert web.put(f"{provider.url}/users/{person}", json=claims).status_code == 204
    sent = web.post(begun.url, data={"sub": person, **form})
    assert sent.status_code == 302
    back = sent.headers["location"]
    if "state=" not in back:  # this provider leaves it out where it refuses; RFC 6749 (4.1.2.1) wants it
        back += f"&state={begun._state}"
    assert web.get(back).status_code == 200
    assert begun.arrived


def test_that_whoever_the_provider_knows_comes_back_with_name_and_groups(
    provider: Provider, begin: Callable[..., OidcTry]
) -> None:
    begun = begin()
    _browse(begun, provider, "lan-sub", LAN)
    assert begun.finish() == Vouched("lan", frozenset({"duyet-ho-so", "khoa-noi"}))
    asked = provider.asked[-1]
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    with pytest.raises(SignInError, match=r"access\.provider"):
        begun.finish()  # a code is good once


def test_that_a_code_is_worth_nothing_to_whoever_has_not_the_verifier(
    provider: Provider, begin: Callable[..., OidcTry]
) -> None:
    begun = begin()
    _browse(begun, provider, "lan-sub", LAN)
    begun._verifier = "x" * 64
    with pytest.raises(SignInError, match=r"access\.provider"):
        begun.finish()


def test_that_a_token_for_another_try_client_or_issuer_lets_nobody_in(
    provider: Provider, begin: Callable[..., OidcTry]
) -> None:
    def other_nonce(begun: OidcTry) -> None:
        begun._nonce = "another"

    def other_client(begun: OidcTry) -> None:
        begun._provider.client = "somebody-else"

    def other_issuer(begun: OidcTry) -> None:
        begun._known = {**begun._known, "issuer": "http://localhost:1"}

    def other_keys(begun: OidcTry) -> None:
        key = importlib.import_module("joserfc.jwk").RSAKey.generate_key(2048, {"kid": "x"})
        begun._provider.get = lambda *_a: {"keys": [key.as_dict(private=False)]}  # type: ignore[method-assign]

    reasons = []
    for spoil in (other_nonce, other_client, other_issuer, other_keys):
        begun = begin()
        _browse(begun, provider, "lan-sub", LAN)
        spoil(begun)
        with pytest.raises(SignInError, match=r"access\.provider") as refused:
            begun.finish()
        reasons.append(str(refused.value.facts["kind"]))
    assert reasons == ["InvalidClaimError", "InvalidClaimError", "InvalidClaimError", "BadSignatureError"]


def test_that_who_is_refused_there_is_refused_here(provider: Provider, begin: Callable[..., OidcTry]) -> None:
    begun = begin()
    _browse(begun, provider, "lan-sub", LAN, action="deny")
    with pytest.raises(SignInError, match=r"access\.provider_refused"):
        begun.finish()


def test_that_somebody_else_on_the_port_is_turned_away(begin: Callable[..., OidcTry]) -> None:
    web: Any = importlib.import_module("httpx")
    begun = begin()
    for query in ("?code=stolen", "?code=stolen&state=guessed", ""):
        assert web.get(begun._ear.address + query).status_code == 404
    assert not begun.arrived


@pytest.mark.parametrize(
    "issuer", ["http://sso.benhvien.vn", "ftp://localhost", "", "http://127.0.0.1.evil.vn"]
)
def test_that_a_provider_elsewhere_is_only_asked_over_tls(issuer: str) -> None:
    with pytest.raises(SignInError, match=r"access\.provider"):
        OidcSignIn(issuer, "formscan")


def test_that_a_provider_that_is_not_there_or_is_another_is_said(provider: Provider) -> None:
    for issuer in ("http://localhost:1", f"{provider.url}/users"):
        with pytest.raises(SignInError, match=r"access\.provider"):
            OidcSignIn(issuer, "formscan").begin()


def test_that_roles_follow_the_groups_and_strangers_stay_out(tmp_path: Path) -> None:
    found = Settings(home=tmp_path, person="root", oidc_issuer="https://sso.vn", oidc_roles=GROUPS)
    lan = Vouched("lan", frozenset({"duyet-ho-so"}))
    with Application(found) as core:
        accounts = core.store.accounts
        accounts.add(Person("admin", "Admin", frozenset({Role.ADMINISTRATOR})), "bốn mùa thay lá", "root")
        accounts.add(Person("lan", "Lan", frozenset({Role.READER})), None, "admin", source="oidc")
        core.let_in(enter(accounts, found, lan))
        assert core.person.roles == {Role.REVIEWING_CLERK}
        both = replace(lan, groups=frozenset(GROUPS))
        assert enter(accounts, found, both).roles == {Role.REVIEWING_CLERK, Role.SUPERVISOR}
        for stranger in (
            replace(lan, groups=frozenset({"khoa-noi"})),
            Vouched("who", both.groups),
            Vouched("admin", both.groups),
        ):
            with pytest.raises(SignInError, match=r"access\.sign_in"):
                enter(accounts, found, stranger)
        kept = Settings(home=tmp_path, person="root", oidc_issuer="https://sso.vn")
        assert enter(accounts, kept, Vouched("lan", frozenset())).roles == {
            Role.REVIEWING_CLERK,
            Role.SUPERVISOR,
        }
        trail = [event.action for event in core.store.audit()]
    assert trail.count("person.signed_in") == 3
    assert trail.count("person.changed") == 2


def test_that_the_last_administrator_stays_one_whatever_the_groups_say(tmp_path: Path) -> None:
    found = Settings(home=tmp_path, person="root", oidc_issuer="https://sso.vn", oidc_roles=GROUPS)
    with Application(found) as core:
        admin = Person("admin", "Admin", frozenset({Role.ADMINISTRATOR}))
        core.store.accounts.add(admin, None, "root", source="oidc")
        with pytest.raises(AccessError, match=r"people\.last_administrator"):
            enter(core.store.accounts, found, Vouched("admin", frozenset({"giam-sat"})))
        assert core.store.accounts.get("admin").person == admin


def test_that_the_secret_of_the_client_is_in_no_text(tmp_path: Path) -> None:
    found = Settings(home=tmp_path, oidc_issuer="https://sso.vn", oidc_secret=SecretStr("very hidden"))
    assert "very hidden" not in f"{found!r}{found}"
    made = provider_of(found)
    assert made is not None
    assert made.secret == "very hidden"
    assert provider_of(Settings(home=tmp_path)) is None
