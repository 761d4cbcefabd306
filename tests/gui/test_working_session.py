"""One working day through the real window, by keyboard only: two clerks, a supervisor, one database.

The day of ``formscan bench session``, with one form. With ``FORMSCAN_PICTURES`` set to a folder every step
leaves a picture there (``session-01-...png``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from formscan.settings import Settings
from formscan.store import Store
from ui.backing import ApplicationBackend
from ui.start import make_window
from ui.working_day import Day, prepare, wait_until, work


@pytest.fixture
def day(tmp_path: Path, qapp: object) -> Iterator[tuple[Day, Settings]]:
    """The window, shown at the entrance; two forms more than are worked."""
    settings = Settings(home=tmp_path / "home")
    prepare(settings, 3)
    window = make_window(ApplicationBackend(settings), "vi", "light")
    window.resize(1366, 768)
    window.show()
    window.start()
    folder = os.environ.get("FORMSCAN_PICTURES", "")
    made = Day(window, 1, Path(folder) if folder else None)
    wait_until(lambda: window.place == "entrance")
    yield made, settings
    window.close()
    window.deleteLater()


def test_that_a_day_of_two_clerks_and_a_supervisor_is_worked_with_keys_alone(
    day: tuple[Day, Settings],
) -> None:
    worked, settings = day
    work(worked)
    told = worked.tally
    assert told.mouse == 0
    assert (told.released, told.plants_told, told.second_keys, told.rulings) == (1, 1, 1, 1)
    assert told.findings == 1
    worked.window.close()
    with Store.open(settings.database_url, settings.images) as store:
        actions = {line.action for line in store.audit()}
        (newest,) = store.entries()
        assert store.verify_audit().intact
    assert newest.version == 2
    assert {
        "plant.set", "plant.told", "correction.approved", "sample.drawn", "sample.judged", "sample.closed",
        "entry.released", "entry.corrected",
    } <= actions  # fmt: skip
