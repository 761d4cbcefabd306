"""A run that was started by hand is a night too: paused, held back by a full disk, told by the minute."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import structlog
from PIL import Image

from formscan.app import Application, StackOrder
from formscan.batch.watch.guard import Guard
from formscan.batch.watch.moment import NightOrder
from formscan.batch.watch.status import NightBoard, NightStatus
from formscan.settings import Settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three empty sheets, no two alike."""
    made = tmp_path / "in"
    made.mkdir()
    for seed in range(3):
        pixels = np.random.default_rng(seed).integers(244, 252, (876, 620), np.uint8)
        Image.fromarray(pixels).save(made / f"{seed}.png", dpi=(75, 75))
    return made


@pytest.fixture
def core(tmp_path: Path) -> Application:
    (tmp_path / "home").mkdir()
    return Application(Settings(home=tmp_path / "home", person="lan"))


@pytest.fixture(autouse=True)
def _told_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("formscan.batch.watch.moment.TELL_S", 0.05)


def night(
    home: Path, told: Callable[[NightStatus], None], free: Callable[[], int] = lambda: 2**40
) -> NightOrder:
    return NightOrder(Guard(home, disk_bytes=0, free_memory=free), told)


def test_that_a_run_waits_while_it_is_paused_and_then_goes_on(core: Application, folder: Path) -> None:
    board = NightBoard(core.settings.home)
    board.pause(on=True)
    seen: list[NightStatus] = []

    def told(status: NightStatus) -> None:
        seen.append(status)
        if len(seen) == 5:
            board.pause(on=False)

    with core:
        report = core.digitise(StackOrder((folder,), 0), night=night(core.settings.home, told))
    assert [(status.state, status.done) for status in seen[:5]] == [("paused", 0)] * 5
    assert (report.taken_in, report.held, report.balances) == (3, 3, True)
    last = board.read()
    assert last is not None
    assert (last.state, last.done, last.waiting) == ("ended", 3, 0)


def test_that_a_paused_run_can_be_stopped_and_loses_nothing(core: Application, folder: Path) -> None:
    NightBoard(core.settings.home).pause(on=True)
    seen: list[NightStatus] = []
    with core:
        order = night(core.settings.home, seen.append)
        report = core.digitise(StackOrder((folder,), 0), cancelled=lambda: len(seen) > 3, night=order)
        assert report.cancelled
        NightBoard(core.settings.home).pause(on=False)
        again = core.digitise(StackOrder((folder,), 0), night=order)
    assert (again.taken_in, again.held, again.waiting, again.balances) == (3, 3, 0, True)


def test_that_short_memory_is_waited_out_and_a_warning_says_why(core: Application, folder: Path) -> None:
    looks: list[int] = []

    def free() -> int:
        looks.append(1)
        return 0 if len(looks) < 4 else 2**40

    seen: list[NightStatus] = []
    with core, structlog.testing.capture_logs() as lines:
        report = core.digitise(StackOrder((folder,), 0), night=night(core.settings.home, seen.append, free))
    assert [status.state for status in seen[:3]] == ["guarded"] * 3
    assert {status.done for status in seen[:3]} == {0}
    assert [(line["event"], line["reason"]) for line in lines if line["log_level"] == "warning"] == [
        ("night.waits", "watch.memory")
    ]
    assert (report.held, report.balances) == (3, True)


def test_that_a_run_tells_the_log_each_minute(
    core: Application, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("formscan.batch.watch.moment.LOG_S", 0.0)
    with core, structlog.testing.capture_logs() as lines:
        core.digitise(StackOrder((folder,), 0), night=night(core.settings.home, lambda _status: None))
    assert any(line["event"] == "night.minute" for line in lines)


def test_that_somebody_who_waits_for_a_stack_is_not_held_up_by_a_pause(
    core: Application, folder: Path
) -> None:
    NightBoard(core.settings.home).pause(on=True)
    with core:
        assert core.digitise(StackOrder((folder,), 0)).held == 3
