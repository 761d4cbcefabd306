"""A watched night on the real engine: files come in while it runs, pauses, ends, and the count balances."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import structlog
from PIL import Image

from formscan.app import Application
from formscan.batch.watch.folders import WatchedFolders
from formscan.batch.watch.guard import Guard
from formscan.batch.watch.hours import Hours
from formscan.batch.watch.quiet import Quietness
from formscan.batch.watch.rules import TODAY, FolderRule
from formscan.batch.watch.run import WatchOrder
from formscan.batch.watch.status import NightBoard, NightStatus
from formscan.logs import ALLOWED
from formscan.model.ledger import LedgerFile, WorkState
from formscan.settings import Settings

PATIENT_S = 60.0


def drop(folder: Path, name: str, seed: int = 0) -> Path:
    """An empty sheet as a scanner leaves it; pages differ, and the line is done with them quickly."""
    folder.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(244, 252, (876, 620), np.uint8)
    Image.fromarray(pixels).save(folder / name, dpi=(75, 75))
    return folder / name


@pytest.fixture
def core(tmp_path: Path) -> Application:
    return Application(Settings(home=tmp_path / "home", person="lan"))


class Watcher:
    """Runs the watch and acts on its status, as a person beside it would."""

    def __init__(self, core: Application, rules: list[FolderRule], **more: object) -> None:
        given: dict[str, object] = {"workers": 0, "quiet_s": 0.2, "poll_s": 0.1, **more}
        self.order = WatchOrder(rules, "lan", **given)  # type: ignore[arg-type]
        self.core = core
        self.seen: list[NightStatus] = []
        self.until = time.monotonic() + PATIENT_S

    def run(self, act: Callable[[NightStatus], bool], guard: Guard | None = None) -> None:
        """Watch until ``act`` says so."""
        done = [False]

        def told(status: NightStatus) -> None:
            self.seen.append(status)
            done[0] = act(status)

        self.core.watch(self.order, told, lambda: done[0] or time.monotonic() > self.until, guard)


@pytest.fixture(autouse=True)
def _told_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("formscan.batch.watch.moment.TELL_S", 0.1)


def test_that_a_folder_is_worked_off_once_and_a_second_watch_does_nothing(
    core: Application, tmp_path: Path
) -> None:
    for seed in range(3):
        drop(tmp_path / "in", f"{seed}.png", seed)
    (tmp_path / "in" / "late.png.part").write_bytes(b"half")
    rule = FolderRule(tmp_path / "in", department="Khoa Nội", scanner="fi-7160")
    with core:
        for _ in range(2):
            core.watch(WatchOrder([rule], "lan", 0, once=True, quiet_s=0.1, poll_s=0.05))
        files = core.store.ledger.files()
        count = core.store.ledger.balance()
        assert (count.taken_in, count.held, count.balances) == (3, 3, True)
        assert {(file.stand.department, file.stand.scanner) for file in files} == {("Khoa Nội", "fi-7160")}
        assert len({file.stand.stack for file in files}) == 1
        assert len([s for s in core.store.ledger.steps() if s.state is WorkState.HELD]) == 3
    last = NightBoard(tmp_path / "home").read()
    assert last is not None
    assert (last.state, last.waiting) == ("ended", 0)


def test_that_files_that_come_while_it_runs_are_read_and_a_pause_holds_them(
    core: Application, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    drop(folder, "1.png", 1)
    board = NightBoard(tmp_path / "home")
    paused: list[int] = []

    def act(status: NightStatus) -> bool:
        if status.done == 1 and not paused:
            board.pause(on=True)
            drop(folder, "2.png", 2)
            paused.append(0)
        elif status.state == "paused":
            paused.append(status.done)
            if len(paused) > 8:
                board.pause(on=False)
        return status.done == 2

    with core:
        watcher = Watcher(core, [FolderRule(folder)])
        watcher.run(act)
        assert core.store.ledger.balance().held == 2
    assert set(paused[1:]) == {1}  # nothing was read while it was paused
    assert {status.state for status in watcher.seen} >= {"waiting", "paused"}


def taken_in(core: Application, rules: list[FolderRule]) -> list[LedgerFile]:
    """What one look at the folders takes in."""
    store = core.store
    list(WatchedFolders(rules, store.ledger, store.images, "lan", Quietness(0.0)).look())
    return store.ledger.files()


def test_that_todays_pages_go_before_an_archive_that_came_first(core: Application, tmp_path: Path) -> None:
    for seed in range(3):
        drop(tmp_path / "kho", f"{seed}.png", seed)
    drop(tmp_path / "noi", "a.png", 9)
    rules = [FolderRule(tmp_path / "kho", archive=True, priority=7), FolderRule(tmp_path / "noi")]
    with core:
        priorities = {Path(f.place).name: f.stand.priority for f in taken_in(core, rules)}
        first = core.store.ledger.waiting(1)[0].name
    assert priorities == {"0.png": 7, "1.png": 7, "2.png": 7, "a.png": TODAY}
    assert first == "a.png"


def test_that_short_memory_is_waited_out_and_told_in_the_log(
    core: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(tmp_path / "in", "1.png", 1)
    free = [0]
    home = tmp_path / "home"
    home.mkdir()
    guard = Guard(home, 0, 100, lambda: free[0])

    def act(status: NightStatus) -> bool:
        if status.reason == "watch.memory":
            assert status.done == 0
            free[0] = 100
        return status.done == 1

    monkeypatch.setattr("formscan.batch.watch.moment.LOG_S", 0.0)
    with core, structlog.testing.capture_logs() as lines:
        watcher = Watcher(core, [FolderRule(tmp_path / "in")])
        watcher.run(act, guard)
    assert watcher.seen[0].state == "guarded"
    told = [line for line in lines if line["event"] == "night.minute"]
    assert told[0]["kind"] == "guarded"
    assert set(told[0]) - {"log_level"} <= ALLOWED


def test_that_out_of_hours_nothing_is_read(core: Application, tmp_path: Path) -> None:
    drop(tmp_path / "in", "1.png", 1)
    now = datetime.now().astimezone()
    begin = now.replace(hour=(now.hour + 2) % 24).time()
    until = now.replace(hour=(now.hour + 3) % 24).time()
    with core:
        watcher = Watcher(core, [FolderRule(tmp_path / "in")], hours=Hours(begin, until))
        watcher.run(lambda _status: len(watcher.seen) > 5)
        assert core.store.ledger.balance().taken_in == 0
    assert {status.state for status in watcher.seen} == {"closed"}


def test_that_the_end_of_the_hours_ends_the_watch(core: Application, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    soon = (datetime.now().astimezone() + timedelta(seconds=3)).time()
    with core:
        core.watch(WatchOrder([FolderRule(tmp_path / "in")], "lan", 0, Hours(until=soon), poll_s=0.05))
    last = NightBoard(tmp_path / "home").read()
    assert last is not None
    assert last.state == "ended"


def test_that_a_finished_scan_job_is_one_stack_with_what_its_order_says(
    core: Application, tmp_path: Path
) -> None:
    folder = tmp_path / "in" / "20260302-080000-ab"
    for number in (1, 2):
        drop(folder, f"{number:06d}.png", number)
    (folder / ".scan.jsonl").write_text("{}\n")
    order = {"department": "Khoa Ngoại", "form": "36-BV2", "priority": 3, "device": "fujitsu:fi-7160"}
    rules = [FolderRule(tmp_path / "in", department="khác")]
    with core:
        assert taken_in(core, rules) == []  # still being scanned
        (folder / ".scan.json").write_text(json.dumps({"state": "done", "order": order}))
        files = taken_in(core, rules)
    assert [Path(file.place).name for file in files] == ["000001.png", "000002.png"]
    assert {(f.stand.department, f.stand.form_id, f.stand.scanner) for f in files} == {
        ("Khoa Ngoại", "36-BV2", "fujitsu:fi-7160")
    }
    assert {file.stand.priority for file in files} == {TODAY + 3}
    assert files[0].stand.stack.startswith("scan-")


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
def test_that_the_command_line_watches_pauses_and_ends_politely(tmp_path: Path) -> None:
    folder, home = tmp_path / "in", tmp_path / "home"
    drop(folder, "1.png", 1)
    program = str(Path(sys.executable).with_name("formscan"))
    command = [program, "batch", "watch", str(folder), "--home", str(home), "--quiet-s", "0.2"]
    with subprocess.Popen(
        [*command, "--workers", "0", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    ) as night:  # fmt: skip
        board, deadline = NightBoard(home), time.monotonic() + PATIENT_S
        while time.monotonic() < deadline:
            status = board.read()
            if status is not None and status.done == 1:
                break
            time.sleep(0.1)
        told = subprocess.run(
            [program, "batch", "pause", "--home", str(home), "--json"],
            capture_output=True, check=True, encoding="utf-8",
        )  # fmt: skip
        night.send_signal(signal.SIGINT)
        out, _ = night.communicate(timeout=PATIENT_S)
    assert json.loads(told.stdout) == {"paused": True, "running": True}
    document = json.loads(out)
    assert (document["pages"], document["balances"], night.returncode) == (1, True, 0)
