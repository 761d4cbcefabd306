"""Real SANE: its own test device, and sane-airscan on a network scanner that runs here."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from formscan.scanner.device import Intake, ScanSettings
from formscan.scanner.job import JobOrder, ScanJob
from formscan.scanner.sane import SaneDriver
from tests.unit.scanner.escl import Feeder, escl_scanner

NETWORK = "airscan:e0:emulated"
QUICK = ScanSettings(Intake.FEEDER, dpi=75)
"""Coarse, so that many pages take little time."""


def _sane_folder(folder: Path, backend: str) -> Path:
    if shutil.which("scanimage") is None:
        pytest.skip("scanimage (Debian: sane-utils) is not installed")
    folder.mkdir(exist_ok=True)
    (folder / "dll.conf").write_text(f"{backend}\n")
    return folder


@pytest.fixture
def test_device(tmp_path: Path) -> dict[str, str]:
    """The environment in which SANE has only its test device, which takes A4."""
    folder = _sane_folder(tmp_path / "sane-test", "test")
    told = "number_of_devices 1\nmode Color\ngeometry_max 300.0\nresolution_max 1200.0\n"
    (folder / "test.conf").write_text(told)
    return {"SANE_CONFIG_DIR": str(folder)}


Network = Callable[[Feeder], SaneDriver]


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    """Starts a network scanner and gives the driver that reaches it."""
    folder = _sane_folder(tmp_path / "sane-network", "airscan")
    if not any(Path(root).glob("**/sane/libsane-airscan.so.1") for root in ("/usr/lib", "/usr/lib64")):
        pytest.skip("sane-airscan is not installed")
    with ExitStack() as scanners:

        def start(feeder: Feeder) -> SaneDriver:
            url = scanners.enter_context(escl_scanner(feeder))
            told = (
                f'[devices]\n"emulated" = {url}, eSCL\n[options]\ndiscovery = disable\nws-discovery = off\n'
            )
            (folder / "airscan.conf").write_text(told)
            return SaneDriver(side_s=20, environment={"SANE_CONFIG_DIR": str(folder)})

        yield start


@pytest.fixture
def new_job(tmp_path: Path) -> Callable[..., ScanJob]:
    """Makes a job on the network scanner: ``new_job(sheets=3, intake=Intake.DUPLEX)``."""

    def make(
        sheets: int | None = None, intake: Intake = Intake.FEEDER, *, keep_backs: bool = False
    ) -> ScanJob:
        settings = ScanSettings(intake, QUICK.dpi)
        return ScanJob.begin(tmp_path / "intake" / "job", JobOrder(NETWORK, settings, sheets, keep_backs))

    return make
