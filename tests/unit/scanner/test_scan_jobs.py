"""Sheets through real scanner software: in order, none lost, none twice, whatever stops the paper."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from formscan.errors import ScannerError
from formscan.scanner import desk
from formscan.scanner.device import Intake, ScanSettings
from formscan.scanner.job import JobOrder, KeptSide, ScanJob
from formscan.scanner.sane import SaneDriver
from tests.unit.scanner.conftest import NETWORK, Network
from tests.unit.scanner.escl import Feeder, number_on

NewJob = Callable[..., ScanJob]


def numbers(job: ScanJob) -> list[int]:
    """What stands on the pages of a job, in the order of their files' names."""
    pages = sorted(job.folder.glob("[0-9]*.jpg"))
    assert [page.name for page in pages] == [side.file for side in job.kept if side.file]
    out = []
    for page in pages:
        with Image.open(page) as picture:
            out.append(number_on(picture))
    return out


def test_that_fifty_sheets_come_through_a_feeder_that_empties_every_ten(
    tmp_path: Path, test_device: dict[str, str]
) -> None:
    driver = SaneDriver(environment={**test_device, "SANE_DEBUG_TEST": "2"})
    order = JobOrder("test:0", ScanSettings(Intake.FEEDER, dpi=75), sheets=50)
    job = ScanJob.begin(tmp_path / "job", order)
    halt = desk.scan_stack(job, driver, wait_s=30)
    assert (halt.reason, job.done, job.sheets) == ("scanner.feeder_empty", True, 50)
    assert [h["after_sheet"] for h in job.halts] == [10, 20, 30, 40, 50]
    assert [side.number for side in job.kept] == list(range(1, 51))
    for side in job.kept:
        data = (job.folder / side.file).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (side.sha256, side.bytes)


def test_that_fifty_network_sheets_with_a_jam_in_the_middle_are_fifty_in_order(
    network: Network, new_job: NewJob
) -> None:
    feeder = Feeder(list(range(1, 51)), {26: "ScannerAdfJam"})
    driver, job = network(feeder), new_job(sheets=50)
    halt = desk.scan_stack(job, driver)
    assert (halt.reason, job.sheets, job.done) == ("scanner.jammed", 25, False)
    assert desk.scan_stack(job, driver).reason == "scanner.jammed"  # as long as nobody has looked
    feeder.clear()
    again = ScanJob.resume(job.folder)
    assert desk.scan_stack(again, driver).reason == "scanner.feeder_empty"
    assert (again.done, numbers(again)) == (True, list(range(1, 51)))
    assert "scanner.repeated" not in again.document()["notes"]
    written = json.loads((job.folder / ".scan.json").read_text(encoding="utf-8"))
    assert (written["state"], written["pages"]) == ("done", 50)


def test_that_a_busy_scanner_is_waited_for(network: Network, new_job: NewJob) -> None:
    driver, job = network(Feeder([1, 2], busy=1)), new_job(sheets=2)
    desk.scan_stack(job, driver)
    assert numbers(job) == [1, 2]


def test_that_a_sheet_whose_back_jammed_is_scanned_again_whole(network: Network, new_job: NewJob) -> None:
    feeder = Feeder([1, 2, 3, 4, 5, 6], {4: "ScannerAdfJam"})
    driver, job = network(feeder), new_job(sheets=3, intake=Intake.DUPLEX)
    assert desk.scan_stack(job, driver).reason == "scanner.jammed"
    assert (job.sheets, feeder.given) == (1, [1, 2, 3])
    feeder.clear(3)  # the sheet goes back with both its sides
    desk.scan_stack(job, driver)
    assert (job.done, numbers(job)) == (True, [1, 2, 3, 4, 5, 6])


def test_that_blank_backs_are_left_out_and_counted(network: Network, new_job: NewJob) -> None:
    driver, job = network(Feeder([1, 0, 2, 3, 4, 0])), new_job(sheets=3, intake=Intake.DUPLEX)
    desk.scan_stack(job, driver)
    told = job.document()
    assert (told["sides"], told["pages"], told["blank_backs"]) == (6, 4, 2)
    assert numbers(job) == [1, 2, 3, 4]


def test_that_blank_backs_stay_where_they_are_wanted(network: Network, new_job: NewJob) -> None:
    driver, job = network(Feeder([1, 0])), new_job(intake=Intake.DUPLEX, keep_backs=True)
    desk.scan_stack(job, driver)
    assert job.document()["pages"] == 2


def test_that_two_sheets_at_once_stop_the_job_and_it_waits_for_the_missing_one(
    network: Network, new_job: NewJob
) -> None:
    feeder = Feeder([1, 2, 3], {2: "ScannerAdfMultipickDetected"})
    driver, job = network(feeder), new_job(sheets=3)
    # sane-airscan 0.99.27 has no word of its own for it and says that reading failed
    assert desk.scan_stack(job, driver).reason in {"scanner.jammed", "scanner.input_output"}
    feeder.clear()
    del feeder.sides[0]  # a person loses it
    assert desk.scan_stack(job, driver).reason == "scanner.feeder_empty"
    assert (job.done, job.missing) == (False, 1)


def test_that_more_sheets_than_were_counted_wait_for_a_person(network: Network, new_job: NewJob) -> None:
    driver, job = network(Feeder([1, 2, 3])), new_job(sheets=2)
    desk.scan_stack(job, driver)
    assert (job.done, job.missing) == (False, -1)
    job.finish()
    assert ScanJob.resume(job.folder).done


def test_that_a_sheet_laid_in_twice_after_a_jam_is_noted(network: Network, new_job: NewJob) -> None:
    feeder = Feeder([1, 2, 3], {3: "ScannerAdfJam"})
    driver, job = network(feeder), new_job()
    desk.scan_stack(job, driver)
    feeder.clear(2)
    desk.scan_stack(job, driver)
    assert numbers(job) == [1, 2, 2, 3]
    assert [side.number for side in job.kept if "scanner.repeated" in side.notes] == [3]


def test_that_a_stop_loses_nothing_once_later_sheets_lie_back(network: Network, new_job: NewJob) -> None:
    feeder = Feeder(list(range(1, 13)))
    driver, job = network(feeder), new_job(sheets=12)
    seen: list[KeptSide] = []
    halt = desk.scan_stack(job, driver, seen.append, go_on=lambda: len(seen) < 4)
    assert (halt.reason, job.sheets) == ("scanner.stopped", 4)
    feeder.clear(*[side for side in feeder.given if side > 4])  # scanners pull sheets ahead
    desk.scan_stack(job, driver)
    assert (job.done, numbers(job)) == (True, list(range(1, 13)))


def test_that_a_silent_scanner_is_given_up(network: Network, new_job: NewJob) -> None:
    driver, job = network(Feeder([1], busy=1000)), new_job()
    impatient = SaneDriver(side_s=0.5, environment=driver._environment)
    assert job.run(impatient).reason == "scanner.silent"


def test_that_a_backend_that_dies_costs_the_side_under_way_only(
    tmp_path: Path, network: Network, new_job: NewJob
) -> None:
    feeder = Feeder([1, 2, 3, 4])
    driver, job = network(feeder), new_job(sheets=4)
    killed: list[int] = []

    def kill_scanimage(side: KeptSide) -> None:
        if side.sheet == 2 and not killed:
            children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
            killed.extend(int(child) for child in children)
            for child in killed:
                os.kill(child, signal.SIGSEGV)

    halt = desk.scan_stack(job, driver, kill_scanimage)
    assert killed
    # What was pulled ahead went through: after the last that counts, everything is laid back.
    assert halt.reason == "scanner.died"
    feeder.clear(*[side for side in feeder.given if side > job.sheets])
    desk.scan_stack(job, driver)
    assert (job.done, numbers(job)) == (True, [1, 2, 3, 4])


def test_that_a_killed_program_leaves_a_job_that_goes_on(
    tmp_path: Path, network: Network, new_job: NewJob
) -> None:
    feeder = Feeder(list(range(1, 31)))
    driver, job = network(feeder), new_job(sheets=30)
    program = (
        "import sys; from pathlib import Path; from formscan.scanner import desk\n"
        "from formscan.scanner.job import ScanJob; from formscan.scanner.sane import SaneDriver\n"
        "desk.scan_stack(ScanJob.resume(Path(sys.argv[1])), SaneDriver())\n"
    )
    environment = {**os.environ, **driver._environment}
    command = [sys.executable, "-c", program, str(job.folder)]
    with subprocess.Popen(command, env=environment) as scan:
        deadline = time.monotonic() + 30
        while len(list(job.folder.glob("[0-9]*.jpg"))) < 5 and time.monotonic() < deadline:
            time.sleep(0.01)
        scan.kill()
    _wait_for_orphan(feeder)
    again = ScanJob.resume(job.folder)
    assert again.sheets > 0
    feeder.clear(*[side for side in feeder.given if side > again.sheets])
    desk.scan_stack(again, driver)
    assert numbers(again) == list(range(1, 31))


def _wait_for_orphan(feeder: Feeder) -> None:
    """Until scanimage, which nobody answers any more, has given the scanner back."""
    before, deadline = -1, time.monotonic() + 30
    while before != len(feeder.given) and time.monotonic() < deadline:
        before = len(feeder.given)
        time.sleep(0.5)


def test_that_a_sheet_that_was_scanned_but_not_noted_is_kept_on_resume(
    network: Network, new_job: NewJob
) -> None:
    driver, job = network(Feeder([1, 2])), new_job(sheets=3)
    desk.scan_stack(job, driver)
    staging = job.folder / ".scanning" / "0a"
    staging.mkdir(parents=True)
    Image.new("RGB", (620, 877), "white").save(staging / "000003.tif", dpi=(75, 75))
    (staging / "000004.tif").write_bytes((staging / "000003.tif").read_bytes()[:1000])  # torn
    assert ScanJob.resume(job.folder).sheets == 3


def test_that_a_torn_line_of_the_journal_does_not_count(network: Network, new_job: NewJob) -> None:
    driver, job = network(Feeder([1, 2])), new_job(sheets=3)
    desk.scan_stack(job, driver)
    with (job.folder / ".scan.jsonl").open("ab") as file:
        file.write(b'{"sheet":[{"number":3,')
    again = ScanJob.resume(job.folder)
    assert again.sheets == 2
    assert (job.folder / ".scan.jsonl").read_bytes().endswith(b"}\n")


def test_that_a_folder_takes_one_job(network: Network, new_job: NewJob) -> None:
    new_job()
    with pytest.raises(ScannerError, match=r"scanner\.job_exists"):
        new_job()


def test_that_an_absent_scanner_is_named(network: Network, tmp_path: Path) -> None:
    driver = network(Feeder([]))
    with pytest.raises(ScannerError, match=r"scanner\.no_device"):
        driver.abilities("airscan:e7:nobody")
    assert [device.name for device in driver.devices()] == [NETWORK]


def test_that_the_preview_is_the_whole_sheet(network: Network) -> None:
    driver = network(Feeder([5]))
    with driver.preview(NETWORK, ScanSettings(Intake.FEEDER)) as growing:
        *_, last = growing
    assert last.shape[1:] == (620, 3)
    assert number_on(Image.fromarray(last)) == 5


def test_that_a_preview_without_paper_says_so(network: Network) -> None:
    driver = network(Feeder([]))
    with (
        pytest.raises(ScannerError, match=r"scanner\.feeder_empty"),
        driver.preview(NETWORK, ScanSettings(Intake.FEEDER)) as growing,
    ):
        list(growing)


def test_that_a_preview_can_be_left_early(test_device: dict[str, str]) -> None:
    driver = SaneDriver(environment=test_device)
    with driver.preview("test:0", ScanSettings(Intake.GLASS)) as growing:
        assert next(growing).ndim == 3
