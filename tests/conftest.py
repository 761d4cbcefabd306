"""What every test is held to: no warning, no leaked thread, no leaked process, data only where it may lie."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from multiprocessing import resource_tracker
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent

os.environ.setdefault("OMP_THREAD_LIMIT", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

_OURS_TO_KEEP = ("pydevd", "ThreadPoolExecutor-", "asyncio_")
"""Names of threads that belong to tools, not to the program."""


_TOGETHER = ("unit/store",)
"""Folders whose files share a part that only one process may hold, a database server of their own."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With several processes a file's tests stay in one of them: what its fixtures make is made once."""
    for item in items if config.pluginmanager.hasplugin("xdist") else ():
        place = item.path.relative_to(REPOSITORY / "tests").as_posix()
        group = next((folder for folder in _TOGETHER if place.startswith(folder + "/")), place)
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the source tree."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The development data, where a machine has them; tests that need them are skipped elsewhere."""
    folder = Path(os.environ.get("FORMSCAN_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("development data (FORMSCAN_DATA or ../shared/data) are not here")
    return folder


@pytest.fixture(autouse=True)
def _tracked() -> None:
    """Multiprocessing's own helper is there: a test before, one that kills, may have ended it.

    Python starts it again by itself, but with a warning that would fail whichever test comes next.
    """
    if sys.platform != "win32":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            resource_tracker.ensure_running()


@pytest.fixture(autouse=True)
def _no_leaked_threads_or_processes() -> Iterator[None]:
    before = {thread.ident for thread in threading.enumerate()}
    yield
    deadline = time.monotonic() + 2.0
    while time.monotonic() < deadline and _left(before):
        time.sleep(0.01)
    leaked = _left(before)
    assert not leaked, f"threads left running: {leaked}"
    children = multiprocessing.active_children()
    assert not children, f"processes left running: {children}"


def _left(before: set[int | None]) -> list[str]:
    return [
        thread.name
        for thread in threading.enumerate()
        if thread.ident not in before and thread.is_alive() and not thread.name.startswith(_OURS_TO_KEEP)
    ]
