"""Results of tasks come from Qt's queue, however early a task ends."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from ui.tasks import TaskRunner


def test_that_a_task_that_ends_at_once_is_told_after_the_step_that_asked_for_it(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a refusal would be told before the window went on, and the window would stay where it went."""
    submit: Callable[..., Future[Any]] = ThreadPoolExecutor.submit

    def at_once(pool: ThreadPoolExecutor, work: Callable[[], None]) -> Future[Any]:
        future = submit(pool, work)
        future.result()
        return future

    monkeypatch.setattr(ThreadPoolExecutor, "submit", at_once)
    runner, told = TaskRunner(1, "test"), list[int]()
    try:
        runner.run(lambda: 7, told.append)
        assert told == []
        assert runner.busy == 1
        qtbot.waitUntil(lambda: told == [7])
        assert runner.busy == 0
    finally:
        runner.shut_down()
