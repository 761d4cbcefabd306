"""Released fields are counted before figures and samples are shown."""

from __future__ import annotations

from collections.abc import Callable

from ui.tasks import TaskRunner


def caught_up(
    database: TaskRunner,
    some: Callable[[], int],
    then: Callable[[], None],
    failed: Callable[[Exception], None],
) -> None:
    """Count until nothing is left, in short pieces so that nobody waits behind it, and go on.

    Args:
        database: Where it is counted.
        some: Counts a piece; how many are left.
        then: What follows.
        failed: Is told where it goes wrong.
    """

    def go_on(left: int) -> None:
        if left:
            database.run(some, go_on, failed)
        else:
            then()

    go_on(1)
