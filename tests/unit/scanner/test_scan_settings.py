"""What scanners offer, in the words their backends use, and what the norm wants."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from formscan.errors import ScannerError
from formscan.scanner import desk
from formscan.scanner.device import Abilities, Driver, Intake, ScanSettings, find_drivers
from formscan.scanner.norm import check_settings, check_side
from formscan.scanner.sane import SaneDriver
from formscan.scanner.sane_options import SaneOptions
from tests.unit.scanner.conftest import QUICK

FUJITSU = """
All options specific to device `fujitsu:fi-7160:1':
  Standard:
    --source ADF Front|ADF Back|ADF Duplex [ADF Front]
        Selects the scan source (such as a document-feeder).
    --mode Lineart|Halftone|Gray|Color [Lineart]
        Selects the scan mode (e.g., lineart, monochrome, or color).
    --resolution 50..600dpi (in steps of 1) [600]
        Sets the resolution of the scanned image.
  Geometry:
    --page-width 0..221.121mm (in steps of 0.0211639) [215.872]
        Specifies the width of the media.
    --page-height 0..863.489mm (in steps of 0.0211639) [279.364]
        Specifies the height of the media.
    -l 0..215.872mm (in steps of 0.0211639) [0]
        Top-left x position of scan area.
    -t 0..279.364mm (in steps of 0.0211639) [0]
        Top-left y position of scan area.
    -x 0..215.872mm (in steps of 0.0211639) [215.872]
        Width of scan-area.
    -y 0..279.364mm (in steps of 0.0211639) [279.364]
        Height of scan-area.
    --df-action Default|Continue|Stop [Default]
        Action following double feed error
    --df-thickness[=(yes|no)] [inactive]
        Detect double feeds by comparing document thickness
"""
EPSON = """
    --mode Lineart|Gray|Color [Lineart]
        Selects the scan mode (e.g., lineart, monochrome, or color).
    --resolution 75|150|300|600dpi [75]
        Sets the resolution of the scanned image.
    --source Flatbed|Automatic Document Feeder [Flatbed]
        Selects the scan source (such as a document-feeder).
    --adf-mode Simplex|Duplex [Simplex]
        Selects the ADF mode (simplex/duplex)
    -x 0..215.9mm [215.9]
        Width of scan-area.
    -y 0..297.18mm [297.18]
        Height of scan-area.
"""
"""As sane-fujitsu(5) and sane-epson2(5) name their options; not taken from machines that stood here."""


def test_that_a_feeder_scanner_is_told_front_duplex_paper_and_double_feed_stop() -> None:
    options = SaneOptions(FUJITSU)
    assert options.abilities().intakes == (Intake.FEEDER, Intake.DUPLEX)
    assert options.abilities().tells_double_feeds
    told = options.arguments(ScanSettings(Intake.DUPLEX))
    assert told[:3] == ["--source=ADF Duplex", "--mode=Color", "--resolution=300"]
    assert {"--page-height=297", "--df-action=Stop"} <= set(told)
    assert "--df-thickness=yes" not in told  # inactive options cannot be set
    assert told.index("--page-height=297") < told.index("-y")
    assert "--source=ADF Front" in options.arguments(ScanSettings(Intake.FEEDER))


def test_that_duplex_by_a_mode_of_its_own_is_found() -> None:
    options = SaneOptions(EPSON)
    assert options.abilities().intakes == tuple(Intake)
    assert options.abilities().dpi == (75, 150, 300, 600)
    duplex = options.arguments(ScanSettings(Intake.DUPLEX))
    assert duplex[:2] == ["--source=Automatic Document Feeder", "--adf-mode=Duplex"]
    assert "--adf-mode=Simplex" in options.arguments(ScanSettings(Intake.FEEDER))


FULL = Abilities(tuple(Intake), True, True, (75, 150, 200, 300), False, (216.0, 356.0))


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (ScanSettings(dpi=150), "norm.resolution"),
        (ScanSettings(colour=False), "norm.colour"),
        (ScanSettings(dpi=250), "scanner.no_resolution"),
        (ScanSettings(paper_mm=(297.0, 420.0)), "scanner.paper_too_large"),
    ],
)
def test_that_settings_below_the_norm_or_beyond_the_scanner_are_refused(
    settings: ScanSettings, code: str
) -> None:
    with pytest.raises(ScannerError) as refused:
        check_settings(settings, FULL)
    assert refused.value.code == code


def test_that_settings_below_the_norm_pass_where_a_person_says_so() -> None:
    check_settings(ScanSettings(dpi=150, colour=False), FULL, allow_below_norm=True)


def test_that_a_glass_without_a_feeder_refuses_a_stack() -> None:
    glass = Abilities((Intake.GLASS,), True, True, (300,), False, (216.0, 297.0))
    with pytest.raises(ScannerError, match=r"scanner\.no_intake"):
        check_settings(ScanSettings(Intake.DUPLEX), glass)


@pytest.mark.parametrize(
    ("size", "dpi", "notes"),
    [
        ((2480, 3508), 300.0, ()),
        ((2480, 3508), 290.0, ("norm.scale",)),
        ((2530, 3508), 300.0, ("norm.scale",)),
        ((2528, 3508), 300.0, ()),
        ((1240, 1754), 150.0, ("norm.resolution",)),
    ],
)
def test_that_a_page_off_scale_by_more_than_two_percent_is_noted(
    size: tuple[int, int], dpi: float, notes: tuple[str, ...]
) -> None:
    assert check_side(size, dpi, colour=True, settings=ScanSettings()) == notes


def test_that_without_a_driver_the_reason_is_said() -> None:
    none: list[Driver] = []
    with pytest.raises(ScannerError, match=r"scanner\.no_driver"):
        find_drivers(lambda: none)


def test_that_sane_is_found_by_its_entry_point(test_device: dict[str, str]) -> None:
    assert [driver.name for driver in find_drivers()] == ["sane"]
    driver, device = desk.driver_of("", [SaneDriver(environment=test_device)])
    assert (driver.name, device) == ("sane", "test:0")


def _formscan(environment: dict[str, str], *arguments: str) -> tuple[int, Any]:
    program = Path(sys.executable).with_name("formscan")
    done = subprocess.run(
        [str(program), "scanner", *arguments, "--json"],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def test_that_the_command_line_lists_previews_scans_and_resumes(
    tmp_path: Path, test_device: dict[str, str]
) -> None:
    code, devices = _formscan(test_device, "list")
    assert (code, [device["device"] for device in devices]) == (0, ["test:0"])
    code, seen = _formscan(test_device, "preview", str(tmp_path / "seen.png"))
    assert (code, seen["width"]) == (0, 620)
    into = ["run", "--into", str(tmp_path / "in")]
    coarse = ["--dpi", str(QUICK.dpi), "--allow-below-norm"]
    code, job = _formscan(test_device, *into, *coarse, "--sheets", "12", "--department", "Khoa Nội")
    assert (code, job["state"], job["sheets"], job["stopped"]) == (3, "open", 10, "scanner.feeder_empty")
    assert job["order"]["department"] == "Khoa Nội"
    code, job = _formscan(test_device, "run", "--resume", job["folder"])
    assert (code, job["state"], job["sheets"]) == (3, "open", 20)  # more than were counted
    code, job = _formscan(test_device, "run", "--resume", job["folder"], "--finish")
    assert (code, job["state"], job["pages"]) == (0, "done", 20)


def test_that_the_command_line_refuses_settings_below_the_norm(
    tmp_path: Path, test_device: dict[str, str]
) -> None:
    code, told = _formscan(test_device, "run", "--into", str(tmp_path / "in"), "--dpi", "150")
    assert code == 2
    assert "norm.resolution" in told
    assert not (tmp_path / "in").exists()
