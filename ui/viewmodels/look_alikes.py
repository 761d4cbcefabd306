"""Look-alikes of many documents: which screen is shown, what was decided about it, what is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from PySide6.QtCore import QObject, Signal

from formscan.errors import ReviewError
from formscan.model.reading import FieldState
from formscan.review.groups import Group, GroupSession, Refused, Tile, grouped, without
from ui.tasks import TaskRunner
from ui.viewmodels.backend import Backend

T = TypeVar("T")

DOCUMENTS: Final = 200
"""Documents that are looked through at once, in the order of the inbox."""


class LookAlikes(QObject):
    """Groups of tiles, shown a screen at a time.

    Args:
        backend: The core.
        database: The thread of the store.
        parent: Qt parent.
    """

    moved = Signal(int, int)
    """Documents looked through, of how many."""
    loaded = Signal()
    screen_changed = Signal()
    confirmed = Signal(int)
    """So many fields were decided and are in the journal."""
    refused = Signal(object)
    """Tiles that were not decided (``tuple[Refused, ...]``)."""
    failed = Signal(object)
    reopened = Signal(int)
    """So many fields are open again."""

    def __init__(self, backend: Backend, database: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._backend, self._database = backend, database
        self._session: GroupSession | None = None  # lives in the database thread
        self._tiles: dict[tuple[str, str], Tile] = {}
        self._aside: set[tuple[str, str]] = set()
        self._load = 0
        self.groups: tuple[Group, ...] = ()
        self.place = 0
        self.room = 24
        self.loading = False
        self.pending = 0

    # -- loading -------------------------------------------------------------------------------

    def load(self) -> None:
        """Look through the documents that wait; others may work meanwhile, document by document."""
        self._load += 1
        self.loading = True
        self._tiles, self._aside = {}, set()
        turn = self._load

        def begin(ids: list[str]) -> None:
            self._take_next(turn, ids, 0)

        work = lambda: [draft.id for draft in self._backend.drafts()][:DOCUMENTS]  # noqa: E731
        self._database.run(work, begin, self._fail_load)

    def _take_next(self, turn: int, ids: list[str], done: int) -> None:
        if turn != self._load:
            return
        self.moved.emit(done, len(ids))
        if done == len(ids):
            self.loading = False
            self._regroup()
            self.loaded.emit()
            return

        def take(tiles: Sequence[Tile]) -> None:
            self._tiles |= {tile.key: tile for tile in tiles}
            self._take_next(turn, ids, done + 1)

        self._database.run(lambda: self._backend.group_tiles(ids[done]), take, self._fail_load)

    def _fail_load(self, error: Exception) -> None:
        self.loading = False
        self.failed.emit(error)
        self.loaded.emit()

    def _regroup(self) -> None:
        """Group what is open anew; the group that is shown stays where it is, if it is still there."""
        shown = self.group
        left = [tile for tile in self._tiles.values() if tile.key not in self._aside]
        self.groups = grouped(left)
        same = [n for n, g in enumerate(self.groups) if shown and _alike(g, shown)]
        self.place = same[0] if same else 0
        self.screen_changed.emit()

    # -- looking -------------------------------------------------------------------------------

    @property
    def group(self) -> Group | None:
        """The group that is shown."""
        return self.groups[self.place] if self.place < len(self.groups) else None

    @property
    def screen(self) -> tuple[Tile, ...]:
        """The tiles that are shown."""
        return self.group.tiles[: self.room] if self.group else ()

    @property
    def coming(self) -> tuple[Tile, ...]:
        """The tiles of the screen after this one."""
        if self.group and len(self.group.tiles) > self.room:
            return self.group.tiles[self.room : 2 * self.room]
        after = self.groups[self.place + 1] if self.place + 1 < len(self.groups) else None
        return after.tiles[: self.room] if after else ()

    def give_room(self, room: int) -> None:
        """So many tiles fit on the screen."""
        if room != self.room and room > 0:
            self.room = room
            self.screen_changed.emit()

    def turn(self, by: int) -> None:
        """Go to another group."""
        place = min(max(self.place + by, 0), max(0, len(self.groups) - 1))
        if place != self.place:
            self.place = place
            self.screen_changed.emit()

    # -- deciding ------------------------------------------------------------------------------

    def confirm(self, left_out: frozenset[tuple[str, str]] = frozenset()) -> None:
        """Stand behind the screen but for the tiles that were left out; those stay with their documents."""
        tiles = tuple(tile for tile in self.screen if tile.key not in left_out)
        self._aside |= left_out
        self._drop([tile.key for tile in self.screen])
        if tiles:
            self._do(lambda session: session.confirm(tiles), tiles)

    def correct(self, tile: Tile, text: str) -> None:
        """Put another value in place of one tile's."""
        self._drop([tile.key])
        self._do(lambda session: session.correct(tile, text), (tile,))

    def state(self, tile: Tile, state: FieldState) -> None:
        """Say what one tile is instead."""
        self._drop([tile.key])
        self._do(lambda session: session.state(tile, state), (tile,))

    def undo(self) -> None:
        """Open the last screen, or the last corrected tile, again."""

        def taken(opened: tuple[Tile, ...]) -> None:
            self._tiles |= {tile.key: tile for tile in opened}
            self._regroup()
            self._show(opened)
            self.reopened.emit(len(opened))

        self._run(lambda session: session.undo(), taken, self.failed.emit)

    def _show(self, tiles: tuple[Tile, ...]) -> None:
        """Turn to the group the first of these is in."""
        for place, group in enumerate(self.groups):
            if tiles and tiles[0] in group.tiles:
                self.place = place
                self.screen_changed.emit()

    def _do(self, work: Callable[[GroupSession], tuple[Refused, ...]], tiles: tuple[Tile, ...]) -> None:
        def written(refused: tuple[Refused, ...]) -> None:
            done = len(tiles) - len(refused)
            if done:
                self.confirmed.emit(done)
            if refused:
                self.refused.emit(refused)

        def failed(error: Exception) -> None:
            self._tiles |= {tile.key: tile for tile in tiles}
            if isinstance(error, ReviewError):  # this value cannot stand here: its document has to be opened
                self._aside |= {tile.key for tile in tiles}
            self._regroup()
            self.failed.emit(error)

        self._run(work, written, failed)

    def _run(
        self,
        work: Callable[[GroupSession], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self.pending += 1

        def perform() -> T:
            if self._session is None:
                self._session = self._backend.open_groups()
            return work(self._session)

        def finished(result: T) -> None:
            self.pending -= 1
            done(result)

        def broken(error: Exception) -> None:
            self.pending -= 1
            failed(error)

        self._database.run(perform, finished, broken)

    def _drop(self, keys: list[tuple[str, str]]) -> None:
        """Take tiles off; an empty group makes room for the next one."""
        for key in keys:
            self._tiles.pop(key, None)
        groups = [without(group, keys) if n == self.place else group for n, group in enumerate(self.groups)]
        self.groups = tuple(group for group in groups if group.tiles)
        self.place = min(self.place, max(0, len(self.groups) - 1))
        self.screen_changed.emit()


def _alike(one: Group, other: Group) -> bool:
    same = (one.likeness, one.text) == (other.likeness, other.text)
    return same and (one.spec.kind, one.spec.type) == (other.spec.kind, other.spec.type)
