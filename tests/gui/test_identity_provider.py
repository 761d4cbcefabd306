"""Signing in at the window with an identity provider: F3, the browser, and back."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from formscan.app import Application
from formscan.model.people import Person, Role
from formscan.settings import Settings
from tests.unit.test_signin_oidc import GROUPS, LAN, Provider, provider  # noqa: F401 - a fixture
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow
from ui.start import make_window
from ui.views.entrance_view import EntranceView

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the provider's own, in its thread


@pytest.fixture
def window(tmp_path: Path, provider: Provider, qapp: object) -> Iterator[MainWindow]:  # noqa: F811
    """A house with one account of the provider's."""
    assert qapp
    told = {"oidc_issuer": provider.url, "oidc_roles": GROUPS, "oidc_secret": "a secret"}
    settings = Settings.model_validate({"home": tmp_path, "person": "root", "lock_minutes": 0, **told})
    with Application(settings) as core:
        admin = Person("admin", "Admin", frozenset({Role.ADMINISTRATOR}))
        core.store.accounts.add(admin, None, "root", source="ldap")
        lan = Person("lan", "Lan", frozenset({Role.READER}))
        core.store.accounts.add(lan, None, "admin", source="oidc")
    made = make_window(ApplicationBackend(settings), "en", "light")
    made.show()
    made.start()
    yield made
    made.close()
    made.deleteLater()


class Browser:
    """What the system would open: a person who answers in a thread of its own, as a browser does."""

    def __init__(self, provider_url: str) -> None:
        self._provider, self.action = provider_url, ""
        self.threads: list[threading.Thread] = []

    def open(self, url: QUrl) -> bool:
        """Stands for ``QDesktopServices.openUrl``."""
        self.threads.append(threading.Thread(target=self._answer, args=(url.toString(),)))
        self.threads[-1].start()
        return True

    def _answer(self, url: str) -> None:
        web: Any = importlib.import_module("httpx")
        web.put(f"{self._provider}/users/lan", json=LAN)
        back = web.post(url, data={"sub": "lan", "action": self.action}).headers["location"]
        if "state=" not in back:  # this provider leaves it out where it refuses
            back += "&state=" + parse_qs(urlsplit(url).query)["state"][0]
        web.get(back)


def _entrance(window: MainWindow, qtbot: QtBot) -> EntranceView:
    qtbot.waitUntil(lambda: window.place == "entrance" and not window.database.busy, timeout=30_000)
    view = window.desk_views["entrance"]
    assert isinstance(view, EntranceView)
    qtbot.waitUntil(view.provider.isVisible)
    return view


def _go(window: MainWindow) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_F3)


def test_that_f3_leads_through_the_browser_and_in_with_the_roles_of_the_groups(
    window: MainWindow,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    provider: Provider,  # noqa: F811
) -> None:
    browser = Browser(provider.url)
    monkeypatch.setattr(QDesktopServices, "openUrl", browser.open)
    view = _entrance(window, qtbot)
    browser.action = "deny"
    _go(window)
    qtbot.waitUntil(lambda: "let nobody in" in view.banner.accessibleDescription(), timeout=30_000)
    assert window.place == "entrance"
    browser.action = ""
    _go(window)
    qtbot.waitUntil(lambda: window.place == "inbox", timeout=30_000)
    qtbot.waitUntil(lambda: not window.database.busy)
    for thread in browser.threads:
        thread.join()
    assert window._backend.person == Person("lan", "Lan", frozenset({Role.REVIEWING_CLERK}))
    assert not [thread.name for thread in threading.enumerate() if thread.name == "formscan-oidc"]


def test_that_nobody_is_waited_for_when_no_browser_opens_or_the_window_closes(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = _entrance(window, qtbot)
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)
    _go(window)
    qtbot.waitUntil(lambda: "No browser opened" in view.banner.accessibleDescription(), timeout=30_000)
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: True)
    _go(window)
    qtbot.waitUntil(lambda: "The browser asks" in view.banner.accessibleDescription(), timeout=30_000)
    window.close()
    assert not [thread.name for thread in threading.enumerate() if thread.name == "formscan-oidc"]
