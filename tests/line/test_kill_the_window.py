"""The window is killed at random moments of a review: what it called saved is there, nothing is half done.

``FORMSCAN_KILLS=50`` kills more often than the suite does.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from formscan.app import Application, StackOrder
from formscan.model.record import Draft, DraftState
from formscan.paths import forms_dir
from formscan.settings import Settings
from formscan.store import Store
from formscan.templates import TemplateLibrary, render_page

KILLS = int(os.environ.get("FORMSCAN_KILLS", "6"))
DRIVER = Path(__file__).with_name("kill_window_driver.py")
Decided = dict[str, list[str]]


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, list[str]]:
    """A home with as many copies of one draft as there can be releases."""
    home = tmp_path_factory.mktemp("home")
    settings = Settings(home=home, url="", person="clerk")
    blank = render_page(TemplateLibrary.load(forms_dir()).get("15-BV1"), 1, 150.0)
    Image.fromarray(blank).save(home / "page.png", dpi=(150, 150))
    with Application(settings) as core:
        report = core.digitise(StackOrder((home / "page.png",), 0))
        first: Draft = core.get_draft(report.draft_ids[0])
        copies = [replace(first, id=f"{first.id[:28]}{place:04d}") for place in range(KILLS)]
        for copy in copies:
            core.store.add_draft(copy)
    return settings, [copy.id for copy in copies]


def _run_and_kill(home: Path, draft: str, seed: int, wait_s: float, *mode: str) -> tuple[list[Any], bool]:
    """Lines the window said before it was killed, and whether it was killed (rather than released)."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "OMP_THREAD_LIMIT": "1"}
    command = [sys.executable, str(DRIVER), str(home), draft, str(seed), *mode]
    said: list[Any] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as window:
        assert window.stdout is not None
        ready = threading.Event()

        def listen() -> None:
            assert window.stdout is not None
            for line in window.stdout:
                if line.endswith("\n"):
                    said.append(json.loads(line))
                    ready.set()

        ear = threading.Thread(target=listen)
        ear.start()
        assert ready.wait(60), "the window did not open the draft"
        time.sleep(wait_s)
        released = any(what == "RELEASED" for what, _ in said)
        os.kill(window.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        ear.join()
        window.wait()
    return said, not released


def _journal(store: Store, draft: str) -> dict[str, list[list[str]]]:
    """Every decision in the journal, by field, in order."""
    kept: dict[str, list[list[str]]] = {}
    for d in store.decisions(draft):
        kept.setdefault(d.field_id, []).append([d.action.value, d.value.state.value, d.value.text])
    return kept


def test_that_a_killed_window_loses_nothing_it_called_saved(drafts: tuple[Settings, list[str]]) -> None:
    settings, waiting = drafts
    chance = random.Random(20261)
    killed = acknowledged = releases = 0
    for seed in range(KILLS):
        said, _ = _run_and_kill(settings.home, waiting[0], seed, chance.uniform(0.0, 2.0))
        killed += 1
        saved: Decided = next((facts for what, facts in reversed(said) if what == "SAVED"), {})
        acknowledged += len(saved)
        with Store.open(settings.database_url, settings.images) as store:
            journal = _journal(store, waiting[0])
            assert store.verify_audit().intact
            entries = [entry for entry in store.entries() if entry.draft_id == waiting[0]]
            state = next(s.state for s in store.drafts(None) if s.id == waiting[0])
            assert (state is DraftState.RELEASED) == bool(entries), "a half-saved entry"
            for entry in entries:
                whole = store.get_entry(entry.id)
                assert all(field.history for field in whole.fields)
        lost = [name for name, decision in saved.items() if decision not in journal.get(name, [])]
        assert lost == [], "decisions the window called saved are gone"
        if entries:
            releases += 1
            waiting.pop(0)
    assert killed == KILLS
    assert acknowledged > 0
    sys.stdout.write(f"kills {killed}, acknowledged decisions {acknowledged}, releases {releases}\n")


def test_that_a_killed_window_gives_back_what_was_typed_and_not_decided(
    drafts: tuple[Settings, list[str]],
) -> None:
    settings, waiting = drafts
    chance, written = random.Random(20262), 0
    for seed in range(max(2, KILLS // 3)):
        said, _ = _run_and_kill(settings.home, waiting[-1], seed, chance.uniform(1.2, 2.5), "type")
        (told, shown), *later = said
        assert told == "READY"
        last = {**shown, **{name: text for _, texts in later for name, text in texts.items()}}
        with Store.open(settings.database_url, settings.images) as store:
            kept = store.jottings.of(waiting[-1], "clerk")
            assert store.decisions(waiting[-1]) == []
        for name, text in last.items():
            assert kept.get(name, "").startswith(text), "typed text the window called written is gone"
        assert seed == 0 or set(shown.values()) != {""}, "the window did not show what was typed before"
        written += len(later)
    assert written > 0
