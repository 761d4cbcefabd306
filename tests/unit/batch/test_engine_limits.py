"""Workers that hang, die or eat memory cost their own page, and nothing is waited for longer than allowed."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from formscan.batch.cluster import LOST_S, Cluster
from formscan.batch.engine import Engine, Inline
from formscan.batch.intake import stack_id, take_in
from formscan.batch.night import Night
from formscan.batch.orders import CrewSetup, Order, PageLimits, orders_of
from formscan.batch.processes import Processes
from formscan.errors import EngineError
from formscan.model.ledger import PageKey, Stand, StoredPage, WorkState
from formscan.model.page import Source
from formscan.store import Store, Waiting

AT = datetime(2026, 1, 2, tzinfo=UTC)
GIB = 2**30


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{(tmp_path / 'a.db').as_posix()}", tmp_path / "images") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path, form_page: Path) -> Path:
    """A blank page, a page of a form, another blank page."""
    made = tmp_path / "in"
    made.mkdir()
    for name, grey in (("0.png", 255), ("2.png", 254)):
        Image.new("L", (1240, 1754), grey).save(made / name, dpi=(150, 150))
    shutil.copy(form_page, made / "1.png")
    return made


def take(store: Store, folder: Path) -> list[str]:
    stand = Stand(stack_id([folder]), str(folder))
    return list(take_in([folder], store.ledger, store.images, lambda _file, _path: stand))


def work(store: Store, engine: Engine, limits: PageLimits) -> Night:
    with engine:
        night = Night(store.ledger, engine, {}, limits=limits)
        night.work()
    return night


@pytest.mark.parametrize(
    ("what", "limits", "reason", "lost"),
    [
        ("eat", PageLimits(worker_bytes=int(1.5 * GIB)), "read.memory", 2),
        ("die", PageLimits(), "read.worker_died", 2),
    ],
)
def test_that_a_page_its_reader_fails_on_is_quarantined_alone(
    store: Store,
    folder: Path,
    misbehaving: pytest.MonkeyPatch,
    what: str,
    limits: PageLimits,
    reason: str,
    lost: int,
) -> None:
    misbehaving.setenv("MISBEHAVE", what)
    take(store, folder)
    setup = CrewSetup(str(folder.parent / "images"), page_s=limits.page_s)
    night = work(store, Processes(setup, 1, limits), limits)
    count = store.ledger.balance()
    assert (count.taken_in, count.held, count.quarantined, count.balances) == (3, 2, 1, True)
    assert count.by_reason == {"clean.blank_page": 2, reason: 1}
    assert night.tally.lost == {reason: lost}


def test_that_a_page_that_hangs_its_reader_costs_its_time_limit_once(
    store: Store, folder: Path, misbehaving: pytest.MonkeyPatch
) -> None:
    misbehaving.setenv("MISBEHAVE", "hang")
    for name in ("0.png", "2.png"):  # on a busy machine they might run out of so short a time, too
        (folder / name).unlink()
    take(store, folder)
    limits = PageLimits(page_s=10.0)
    setup = CrewSetup(str(folder.parent / "images"), page_s=limits.page_s)
    night = work(store, Processes(setup, 1, limits), limits)
    count = store.ledger.balance()
    assert (count.taken_in, count.quarantined, count.balances) == (1, 1, True)
    assert count.by_reason == {"read.timeout": 1}
    assert night.tally.lost == {"read.timeout": 1}


def test_that_a_reader_that_cannot_be_loaded_ends_the_night_and_blames_no_page(
    store: Store, folder: Path, misbehaving: pytest.MonkeyPatch
) -> None:
    misbehaving.setenv("MISBEHAVE", "absent")
    take(store, folder)
    with pytest.raises(EngineError, match=r"engine\.load"):
        work(store, Processes(CrewSetup(str(folder.parent / "images")), 1, PageLimits()), PageLimits())
    count = store.ledger.balance()
    assert (count.waiting, count.balances) == (3, True)
    assert {file.attempts for file in store.ledger.files()} == {0}


def test_that_a_night_that_is_stopped_goes_on_where_it_was(store: Store, folder: Path) -> None:
    (folder / "1.png").unlink()
    take(store, folder)
    asked = iter([False, True])
    setup = CrewSetup(str(folder.parent / "images"))
    with Inline(setup) as engine:
        first = Night(store.ledger, engine, {}).work(cancelled=lambda: next(asked, True))
    assert first.cancelled
    assert store.ledger.balance().waiting == 1
    with Inline(setup) as engine:
        second = Night(store.ledger, engine, {}).work()
    assert (first.pages, second.pages, store.ledger.balance().waiting) == (1, 1, 0)


def test_that_a_file_is_copied_once_and_again_only_when_it_changed(store: Store, folder: Path) -> None:
    first = take(store, folder)
    seen = {file.id: file.state for file in store.ledger.files()}
    assert take(store, folder) == first
    assert {file.id: file.state for file in store.ledger.files()} == seen
    Image.new("L", (1240, 1754), 200).save(folder / "0.png", dpi=(150, 150))
    assert len(set(take(store, folder)) - set(first)) == 1


def test_that_bytes_stay_when_the_folder_is_emptied(store: Store, folder: Path) -> None:
    (folder / "1.png").unlink()
    take(store, folder)
    shutil.rmtree(folder)
    work(store, Inline(CrewSetup(str(folder.parent / "images"))), PageLimits())
    assert store.ledger.balance().by_reason == {"clean.blank_page": 2}


def test_that_a_file_that_gave_nothing_is_tried_again_and_counts_once(store: Store, folder: Path) -> None:
    (folder / "0.png").write_bytes(b"")
    take(store, folder)
    assert store.ledger.balance().by_reason == {"acquire.empty": 1}
    Image.new("L", (1240, 1754), 250).save(folder / "0.png", dpi=(150, 150))
    take(store, folder)
    count = store.ledger.balance()
    assert (count.taken_in, count.waiting, count.balances) == (3, 3, True)
    assert [file.state for file in store.ledger.files()].count(WorkState.REPLACED) == 1


def waits(file: str, index: int, attempts: int = 0, *, single: bool = True) -> Waiting:
    return Waiting(PageKey(file, index), 0, AT, 0, attempts, "", "a" * 64, file, None, single)


def spans(waiting: list[Waiting]) -> list[tuple[str, int, int]]:
    return [(order.file_id, order.first, order.most) for order in orders_of(waiting, 4)]


def test_that_neighbouring_pages_of_a_file_go_together_and_suspects_alone() -> None:
    assert spans([waits("a", n) for n in range(6)]) == [("a", 0, 4), ("a", 4, 2)]
    assert spans([waits("a", 0), waits("b", 1), waits("b", 3)]) == [("a", 0, 1), ("b", 1, 1), ("b", 3, 1)]
    assert spans([waits("a", 0), waits("a", 1, 1), waits("a", 2)]) == [("a", 0, 1), ("a", 1, 1), ("a", 2, 1)]
    assert spans([waits("a", 0, single=False), waits("b", 0, single=False)]) == [("a", 0, 1), ("b", 0, 1)]


def test_that_a_page_whose_image_is_stored_is_read_from_it_alone() -> None:
    stored = StoredPage(Source("a", "f" * 64, 1, 3), "b" * 64, 9, "image/png", 300.0)
    page = Waiting(PageKey("a", 1), 0, AT, 0, 0, "", "a" * 64, "a", stored, single=True)
    orders = list(orders_of([waits("a", 0), page, waits("a", 2)], 4))
    assert [(o.first, o.most, o.stored) for o in orders] == [(0, 1, None), (1, 1, stored), (2, 1, None)]
    assert orders[1] == Order("a", "a" * 64, "a", 1, 1, "", stored)


def test_that_a_worker_loads_neither_the_program_that_started_it_nor_a_database(tmp_path: Path) -> None:
    started = tmp_path / "started.py"
    started.write_text(
        "import sys\n"
        "from pathlib import Path\n"
        "with (Path(sys.argv[1]) / 'loads').open('a') as out:\n"
        "    out.write('x')\n"
        "if __name__ == '__main__':\n"
        "    from formscan.batch.orders import CrewSetup, Order, PageLimits\n"
        "    from formscan.batch.processes import Processes\n"
        "    with Processes(CrewSetup(sys.argv[1]), 1, PageLimits()) as engine:\n"
        "        engine.submit(Order('f', '0' * 64, 'x.jpg', 0))\n"
        "        while not (found := engine.wait(1.0)):\n"
        "            pass\n"
        "    print(found[0][1].outcomes[0].result.reason)\n"
    )
    told = subprocess.run(
        [sys.executable, str(started), str(tmp_path)], capture_output=True, check=True, encoding="utf-8"
    )
    assert (tmp_path / "loads").read_text() == "x"
    assert told.stdout.strip() == "store.no_such_image"
    loaded = "import sys, formscan.batch.processes, formscan.batch.worker; print(*sorted(sys.modules))"
    modules = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, check=True, encoding="utf-8"
    ).stdout.split()
    assert "formscan.pipeline.run" in modules
    assert not {"sqlalchemy", "typer", "scipy.stats"} & set(modules)


def test_that_an_address_where_no_cluster_is_is_told_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
    began = time.monotonic()
    engine = Cluster(CrewSetup(str(tmp_path)), nobody, 0, PageLimits())
    with pytest.raises(EngineError, match=r"engine\.no_cluster"), engine:
        pass
    assert time.monotonic() - began < LOST_S / 2
