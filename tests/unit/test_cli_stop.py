"""Work in a terminal stops politely at the first signal and at once at the second."""

from __future__ import annotations

import signal
import threading

import pytest

from formscan.cli_stop import POLITE, asked_to_stop


@pytest.mark.parametrize("number", POLITE)
def test_that_the_first_signal_asks_and_the_second_breaks_off(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(number)
    with asked_to_stop() as asked:
        assert not asked.is_set()
        signal.raise_signal(number)
        assert asked.is_set()
        assert "again to break off" in capsys.readouterr().err
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert signal.getsignal(number) is before


def test_that_elsewhere_than_in_the_main_thread_no_signal_is_taken() -> None:
    before, found = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with asked_to_stop() as asked:
            found.append((signal.getsignal(signal.SIGINT) is before, asked.is_set()))

    other = threading.Thread(target=work)
    other.start()
    other.join()
    assert found == [(True, False)]
