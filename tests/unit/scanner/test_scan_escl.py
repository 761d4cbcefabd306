"""eSCL without SANE: the same jobs, the same scanner, and sane-airscan as a second opinion."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL import Image

from formscan.errors import ScannerError
from formscan.scanner import desk
from formscan.scanner.device import Intake, ScanSettings
from formscan.scanner.escl import EsclDriver
from formscan.scanner.job import JobOrder, ScanJob
from tests.unit.scanner.conftest import NETWORK, Network
from tests.unit.scanner.escl import Feeder, escl_scanner, number_on, number_picture

Start = Callable[[Feeder], str]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a scanner and gives its address."""
    with ExitStack() as scanners:
        yield lambda feeder: scanners.enter_context(escl_scanner(feeder))


def job_on(
    address: str, tmp_path: Path, sheets: int | None = None, intake: Intake = Intake.FEEDER
) -> ScanJob:
    order = JobOrder(address, ScanSettings(intake, 75), sheets)
    return ScanJob.begin(tmp_path / "job", order)


def numbers(job: ScanJob) -> list[int]:
    out = []
    for side in job.kept:
        with Image.open(job.folder / side.file) as page:
            out.append(number_on(page))
    return out


def test_that_fifty_sheets_with_a_jam_are_fifty_in_order(start: Start, tmp_path: Path) -> None:
    feeder = Feeder(list(range(1, 51)), {26: "ScannerAdfJam"})
    address = start(feeder)
    driver, job = EsclDriver([address]), job_on(address, tmp_path, 50)
    assert desk.scan_stack(job, driver).reason == "scanner.jammed"
    assert job.sheets == 25
    feeder.clear()
    again = ScanJob.resume(job.folder)
    assert desk.scan_stack(again, driver).reason == "scanner.feeder_empty"
    assert (again.done, numbers(again)) == (True, list(range(1, 51)))


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("ScannerAdfMultipickDetected", "scanner.double_feed"),
        ("ScannerAdfHatchOpen", "scanner.cover_open"),
        ("ScannerAdfJam", "scanner.jammed"),
    ],
)
def test_that_what_stopped_the_paper_is_told_apart(
    start: Start, tmp_path: Path, state: str, reason: str
) -> None:
    feeder = Feeder([1, 2, 3, 4], {4: state})
    address = start(feeder)
    driver, job = EsclDriver([address]), job_on(address, tmp_path, 2, Intake.DUPLEX)
    assert desk.scan_stack(job, driver).reason == reason
    feeder.clear(3)
    desk.scan_stack(job, driver)
    assert (job.done, numbers(job)) == (True, [1, 2, 3, 4])


def test_that_the_scanners_own_bytes_are_kept(start: Start, tmp_path: Path) -> None:
    address = start(Feeder([7]))
    job = job_on(address, tmp_path, 1)
    desk.scan_stack(job, EsclDriver([address]))
    assert job.kept[0].sha256 == hashlib.sha256(number_picture(7, 75)).hexdigest()


def test_that_the_glass_gives_one_sheet_a_time(start: Start, tmp_path: Path) -> None:
    feeder = Feeder([1, 2])
    address = start(feeder)
    job = job_on(address, tmp_path, 2, Intake.GLASS)
    assert [desk.scan_stack(job, EsclDriver([address])).reason for _ in range(2)] == [
        "scanner.next_sheet"
    ] * 2
    assert numbers(job) == [1, 2]


def test_that_sane_and_we_see_the_same_scanner(start: Start, network: Network) -> None:
    feeder = Feeder([])
    theirs = network(feeder).abilities(NETWORK)
    ours = EsclDriver().abilities(start(feeder))
    assert (ours.intakes, ours.colour, ours.grey, ours.dpi) == (
        theirs.intakes, theirs.colour, theirs.grey, theirs.dpi,
    )  # fmt: skip
    assert ours.widest_mm == pytest.approx(theirs.widest_mm, abs=0.1)


def test_that_busy_is_waited_for_and_silence_is_not(start: Start, tmp_path: Path) -> None:
    busy = start(Feeder([1], busy=1))
    job = job_on(busy, tmp_path, 1)
    assert desk.scan_stack(job, EsclDriver([busy])).reason == "scanner.feeder_empty"
    dead = start(Feeder([1], busy=10_000))
    stuck = ScanJob.begin(tmp_path / "other", JobOrder(dead, ScanSettings(dpi=75)))
    assert stuck.run(EsclDriver([dead], side_s=0.3)).reason == "scanner.silent"


def test_that_an_empty_feeder_is_told_before_and_after(start: Start, tmp_path: Path) -> None:
    address = start(Feeder([]))
    driver = EsclDriver([address])
    assert job_on(address, tmp_path).run(driver).reason == "scanner.feeder_empty"
    with (
        pytest.raises(ScannerError, match=r"scanner\.feeder_empty"),
        driver.preview(address, ScanSettings(Intake.FEEDER)) as growing,
    ):
        list(growing)


def test_that_the_preview_comes_from_the_scanner(start: Start) -> None:
    address = start(Feeder([5]))
    with EsclDriver([address]).preview(address, ScanSettings(Intake.FEEDER)) as growing:
        *_, last = growing
    assert number_on(Image.fromarray(last)) == 5


def test_that_scanners_that_are_off_keep_nobody_from_the_others(start: Start) -> None:
    address = start(Feeder([]))
    driver = EsclDriver(["http://127.0.0.1:9/eSCL", address])
    assert [(device.name, device.label) for device in driver.devices()] == [(address, "Emulated Feeder")]
    with pytest.raises(ScannerError, match=r"scanner\.no_device"):
        driver.abilities("http://127.0.0.1:9/eSCL")
    with pytest.raises(ScannerError, match=r"scanner\.no_device"):
        driver.abilities("file:///etc/passwd")


def test_that_it_works_where_an_address_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORMSCAN_ESCL", raising=False)
    assert not EsclDriver.works_here()
    monkeypatch.setenv("FORMSCAN_ESCL", "http://192.0.2.1/eSCL http://192.0.2.2/eSCL")
    assert EsclDriver.works_here()
