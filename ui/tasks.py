"""Work off the GUI thread: callables go in, results come back as calls in the GUI thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

T = TypeVar("T")


class Task(Generic[T]):
    """One piece of work; ``drop`` keeps its result from being delivered, the work itself still ends."""

    def __init__(
        self,
        work: Callable[[], T],
        done: Callable[[T], None] | None,
        failed: Callable[[Exception], None] | None,
    ) -> None:
        self._work = work
        self._done = done
        self._failed = failed
        self._result: list[T] = []
        self._error: Exception | None = None
        self._dropped = False

    def drop(self) -> None:
        """Nobody waits for the result any more."""
        self._dropped = True

    def perform(self) -> None:
        """Do the work; called in a worker thread. Every error is kept for ``deliver``."""
        try:
            self._result.append(self._work())
        except Exception as error:
            self._error = error

    def deliver(self) -> Exception | None:
        """Hand over the result in the GUI thread.

        Returns:
            The error nobody asked to hear about, if there is one.
        """
        if self._dropped:
            return None
        if self._error is None:
            if self._done is not None:
                self._done(self._result[0])
            return None
        if self._failed is None:
            return self._error
        self._failed(self._error)
        return None


class TaskRunner(QObject):
    """Runs tasks in its own threads, in the order they came where it has one thread.

    The object lives in the GUI thread and carries the signal: workers emit it, Qt queues the call.
    ``threads=1`` makes the database thread: everything that touches the store goes through it, in order.

    Args:
        threads: Number of threads, at least 1.
        name: Prefix of the threads' names.
        parent: Qt parent.
    """

    ended = Signal()
    """A task ended, in a worker thread; carries nothing, so that no Python object has to be copied there."""
    crashed = Signal(object)
    """A task ended with an error (an ``Exception``) that nobody handles."""
    became_idle = Signal()
    """Nothing is under way any more."""

    def __init__(self, threads: int, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._waiting = 0
        self._closed = False
        self._ended: deque[Task[Any]] = deque()
        queued = Qt.ConnectionType.QueuedConnection  # a task may end before its callback is added, here
        self.ended.connect(self._deliver, queued)  # before anything can be sent

    @property
    def busy(self) -> int:
        """Tasks submitted whose result was not delivered yet."""
        return self._waiting

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> Task[T]:
        """Do ``work`` in a worker thread; ``done`` or ``failed`` is called in the GUI thread.

        Raises:
            RuntimeError: After ``shut_down``.
        """
        task = Task(work, done, failed)
        self._waiting += 1
        self._pool.submit(task.perform).add_done_callback(lambda _future: self._report(task, _future))
        return task

    def shut_down(self, *, drop_waiting: bool = False) -> None:
        """End the threads and wait for them.

        Args:
            drop_waiting: Give up what has not begun. Never for the database: what was decided is written.
        """
        self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=drop_waiting)

    def _report(self, task: Task[Any], future: Future[None]) -> None:
        if not future.cancelled() and not self._closed:
            self._ended.append(task)
            self.ended.emit()

    @Slot()
    def _deliver(self) -> None:
        task = self._ended.popleft()
        self._waiting -= 1
        unheard = task.deliver()
        if unheard is not None:
            self.crashed.emit(unheard)
        if not self._waiting:
            self.became_idle.emit()
