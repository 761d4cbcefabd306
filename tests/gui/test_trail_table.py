"""The trail's table under a filter: stretches are gathered, nothing is lost, and a new query begins anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from formscan.model.record import AuditEvent
from formscan.model.trail import TrailQuery, TrailStretch
from formscan.paths import resources_dir
from ui.speech import Speech
from ui.tasks import TaskRunner
from ui.viewmodels.trail_table import GATHERED, TrailTable

NEWEST, STEP = 12_000, 1_000


class Lines:
    """Every seventh of the lines matches."""

    def trail_newest(self) -> int:
        return NEWEST

    def trail_look(self, _query: TrailQuery, below: int) -> TrailStretch:
        least = max(0, below - STEP)
        return TrailStretch(tuple(n for n in range(below, least, -1) if n % 7 == 0), least)

    def trail_page(self, _query: TrailQuery, _first: int, _last: int) -> Sequence[AuditEvent]:
        return ()


@pytest.fixture
def table(qapp: object) -> Iterator[TrailTable]:
    """A table with a thread of its own."""
    assert qapp
    owner = QObject()
    database = TaskRunner(1, "formscan-database", owner)
    yield TrailTable(Lines(), database, Speech(resources_dir() / "translations", "en", owner), owner)
    database.shut_down()


def test_that_rows_come_a_few_times_and_all_of_them(table: TrailTable, qtbot: QtBot) -> None:
    added: list[tuple[int, int]] = []
    table.rowsInserted.connect(lambda _parent, first, last: added.append((first, last)))
    table.load(TrailQuery(person="lan"))
    qtbot.waitUntil(lambda: table.complete and table.rowCount() > 0)
    assert table.rowCount() == NEWEST // 7
    assert added[0] == (0, len([n for n in range(NEWEST - STEP + 1, NEWEST + 1) if n % 7 == 0]) - 1)
    assert len(added) == 1 + -(-(NEWEST // STEP - 1) // GATHERED)
    assert [first for first, _ in added[1:]] == [last + 1 for _, last in added[:-1]]


def test_that_another_query_takes_nothing_of_the_one_before(table: TrailTable, qtbot: QtBot) -> None:
    table.load(TrailQuery(person="lan"))
    qtbot.waitUntil(lambda: table.rowCount() > 0)
    table.load(TrailQuery(person="hoa"))
    qtbot.waitUntil(lambda: table.complete and table.rowCount() > 0)
    assert table.rowCount() == NEWEST // 7
