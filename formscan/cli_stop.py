"""Long work in a terminal ends politely: after what is under way, and at once when asked again."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

POLITE: Final = (signal.SIGINT, signal.SIGTERM)
"""Ctrl+C, and what a service manager or the end of the machine sends first."""


@contextmanager
def asked_to_stop() -> Iterator[threading.Event]:
    """Set at the first Ctrl+C or polite end, which is answered with a line on standard error.

    The second one raises ``KeyboardInterrupt``, so that whatever is open is closed on the way out. Signals
    reach the main thread only; elsewhere the event stays unset.
    """
    asked = threading.Event()

    def ask(_signal: int, _frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        sys.stderr.write("\nstopping after the pages that are being read; again to break off\n")

    main = threading.current_thread() is threading.main_thread()
    kept = {number: signal.signal(number, ask) for number in POLITE} if main else {}
    try:
        yield asked
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
