"""Measures the desk of the trail from within: ``python -m ui.measure_trail HOME``; prints one JSON document.

``formscan.bench.trail`` makes the lines and runs this.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtGui import QGuiApplication

from formscan.model.trail import TrailQuery
from formscan.settings import Settings
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow, new_application
from ui.measure import summary
from ui.start import make_window
from ui.viewmodels.trail_table import WAITING
from ui.views.trail_view import TrailView

TICK_MS: Final = 2
PATIENCE_MS: Final = 600_000
STEP_PATIENCE_MS: Final = 20_000


class Pulse(QObject):
    """Beats in the window's thread; a beat that comes late is a pause.

    On a busy machine a pause may be the machine's, so what this thread computed meanwhile is noted as well.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[float] = []
        self.cpu: list[float] = []
        self._last, self._last_cpu = time.perf_counter(), time.thread_time()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._beat)
        self._timer.start(TICK_MS)

    def begin(self) -> None:
        """Forget what was."""
        self.gaps, self.cpu = [], []
        self._last, self._last_cpu = time.perf_counter(), time.thread_time()

    def told(self) -> dict[str, Any]:
        """Pauses, and what of them was computing."""
        return {"pause_ms": summary(self.gaps), "computing_ms": summary(self.cpu)}

    def _beat(self) -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        self.gaps.append((now - self._last) * 1000)
        self.cpu.append((cpu - self._last_cpu) * 1000)
        self._last, self._last_cpu = now, cpu


class Painted(QObject):
    """Notes when the table was painted."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - as Qt calls it
        """A paint event begins; it is over at the next turn of the loop."""
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self._note)
        return False

    def _note(self) -> None:
        self.at = time.perf_counter()


def main() -> int:
    """Measure."""
    gc.disable()
    parser = argparse.ArgumentParser(prog="python -m ui.measure_trail", description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--chain", action="store_true", help="check the chain as well")
    given = parser.parse_args()
    application = new_application(sys.argv[:1])
    window = make_window(ApplicationBackend(Settings(home=given.home)), "vi", "light")
    window.show()
    window.start()
    until(lambda: not window.database.busy)
    figures = measure(window, given.steps, chain=given.chain)
    sys.stdout.write(json.dumps(figures) + "\n")
    window.close()
    application.quit()
    return 0


def measure(window: MainWindow, steps: int, *, chain: bool) -> dict[str, Any]:
    """Open the desk and scroll; check the chain at the end where that is wanted."""
    pulse, painted = Pulse(), Painted()
    began = time.perf_counter()
    window.show_desk("trail")
    view = window.desk_views["trail"]
    assert isinstance(view, TrailView)
    view.table.viewport().installEventFilter(painted)
    until(lambda: _there(view))
    first_ms = (time.perf_counter() - began) * 1000
    rows = view.model.table.rowCount()
    bar = view.table.verticalScrollBar()
    chance = random.Random(3)
    ways: dict[str, dict[str, Any]] = {
        "page by page": _scroll(
            view, pulse, painted, [bar.value() + bar.pageStep() * n for n in range(1, steps)]
        ),
        "thrown to and fro": _scroll(
            view, pulse, painted, [chance.randrange(bar.maximum()) for _ in range(steps)]
        ),
    }
    pulse.begin()
    began = time.perf_counter()
    view.model.load(TrailQuery(person="lan", action="field"))
    until(lambda: view.model.table.complete and not window.database.busy)
    filtered_s = time.perf_counter() - began
    ways["while a filter counts"] = _alone(pulse, filtered_s)
    ways["thrown, filtered"] = _scroll(
        view, pulse, painted, [chance.randrange(max(1, bar.maximum())) for _ in range(steps)]
    )
    verify_s = 0.0
    if chain:
        pulse.begin()
        began = time.perf_counter()
        view.model.verify()
        until(lambda: view.model.verdict is not None)
        verify_s = time.perf_counter() - began
        ways["while the chain is checked"] = _alone(pulse, verify_s)
    return {
        "platform": QGuiApplication.platformName(),
        "rows": rows,
        "filtered_rows": view.model.table.rowCount(),
        "first_ms": round(first_ms, 1),
        "verify_s": round(verify_s, 2),
        "ways": ways,
        "load": _load(),
    }


def _scroll(view: TrailView, pulse: Pulse, painted: Painted, targets: list[int]) -> dict[str, Any]:
    bar = view.table.verticalScrollBar()
    drawn, there = [], []
    pulse.begin()
    for target in targets:
        if target > bar.maximum() or target == bar.value():
            continue
        began, painted.at = time.perf_counter(), 0.0
        bar.setValue(target)
        until(lambda: painted.at > 0, STEP_PATIENCE_MS)
        drawn.append((painted.at - began) * 1000)
        until(lambda: _there(view), STEP_PATIENCE_MS)
        there.append((time.perf_counter() - began) * 1000)
    return {**pulse.told(), "painted_ms": summary(drawn), "there_ms": summary(there)}


def _alone(pulse: Pulse, took_s: float) -> dict[str, Any]:
    """Something that ran beside the window."""
    return {
        **pulse.told(),
        "painted_ms": summary([0.0]),
        "there_ms": summary([took_s * 1000]),
    }


def _load() -> str:
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return f"{load} on {os.cpu_count()} cores"


def _there(view: TrailView) -> bool:
    """Whether the first and the last row on the screen show their lines."""
    table = view.table
    if not view.model.table.rowCount():
        return False
    first = max(0, table.rowAt(1))
    last = table.rowAt(table.viewport().height() - 2)
    last = view.model.table.rowCount() - 1 if last < 0 else last
    shown = [view.model.table.index(row, 3).data() for row in (first, last)]
    return WAITING not in shown


def until(holds: Callable[[], bool], patience_ms: int = PATIENCE_MS) -> None:
    """Turn the event loop until something holds.

    Raises:
        TimeoutError: If it does not in that time.
    """
    loop, looking, end = QEventLoop(), QTimer(), QTimer()
    late: list[bool] = []

    def give_up() -> None:
        late.append(True)
        loop.quit()

    looking.timeout.connect(lambda: loop.quit() if holds() else None)
    end.setSingleShot(True)
    end.timeout.connect(give_up)
    looking.start(1)
    end.start(patience_ms)
    if not holds():
        loop.exec()
    if late:
        raise TimeoutError


if __name__ == "__main__":
    sys.exit(main())
