"""``formscan scanner``: sheets from a scanner into a folder the night takes in."""

from __future__ import annotations

import secrets
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from PIL import Image
from rich.console import Console

from formscan.cli_parts import EXIT_HELD, AsJson, print_json, print_rows, settings_of
from formscan.scanner import desk
from formscan.scanner.device import Halt, Intake, ScanSettings, find_drivers
from formscan.scanner.job import JobOrder, KeptSide, ScanJob
from formscan.scanner.norm import check_settings

scanner_app = typer.Typer(no_args_is_help=True, help="Scanners: flatbed, feeder, network (eSCL).")

DeviceName = Annotated[str, typer.Option("--device", help="Name from `scanner list`; default the only one.")]
FromWhere = Annotated[Intake, typer.Option("--from", help="Where the paper lies.")]
Dpi = Annotated[int, typer.Option(min=50, max=1200, help="Resolution.")]


@scanner_app.command("list")
def scanner_list(as_json: AsJson = False) -> None:
    """Scanners that can be reached and what they can do."""
    rows = []
    for driver in find_drivers():
        for device in driver.devices():
            can = driver.abilities(device.name)
            dpi = "..." if can.any_dpi else " "
            rows.append(
                {
                    "device": device.name,
                    "label": device.label,
                    "driver": device.driver,
                    "intakes": " ".join(can.intakes),
                    "colour": can.colour,
                    "dpi": dpi.join(str(each) for each in can.dpi),
                    "widest_mm": "x".join(f"{side:g}" for side in can.widest_mm),
                    "double_feed_sensor": can.tells_double_feeds,
                }
            )
    print_rows(rows, as_json, "Scanners")


@scanner_app.command("preview")
def scanner_preview(
    out: Annotated[Path, typer.Argument(help="Picture to write (PNG).")],
    device: DeviceName = "",
    intake: FromWhere = Intake.GLASS,
    as_json: AsJson = False,
) -> None:
    """Scan one side coarsely."""
    driver, name = desk.driver_of(device)
    settings = ScanSettings(intake)
    check_settings(settings, driver.abilities(name))
    with driver.preview(name, settings) as growing:
        *_, pixels = growing
    Image.fromarray(pixels).save(out, "PNG")
    told = {"written": str(out), "width": pixels.shape[1], "height": pixels.shape[0]}
    if as_json:
        print_json(told)
    else:
        sys.stdout.write("{written}: {width} x {height}\n".format(**told))


@scanner_app.command("run")
def scanner_run(
    into: Annotated[
        Path | None, typer.Option(help="Folder in which the job gets a folder of its own.")
    ] = None,
    resume: Annotated[Path | None, typer.Option(help="Folder of a job that stopped.")] = None,
    finish: Annotated[bool, typer.Option("--finish", help="State that the resumed job is whole.")] = False,
    device: DeviceName = "",
    intake: FromWhere = Intake.FEEDER,
    dpi: Dpi = 300,
    grey: Annotated[bool, typer.Option("--grey", help="Grey, not colour (below the norm).")] = False,
    sheets: Annotated[int | None, typer.Option(min=1, help="How many sheets you counted.")] = None,
    keep_backs: Annotated[bool, typer.Option("--keep-backs", help="Keep blank backs of sheets.")] = False,
    lossless: Annotated[bool, typer.Option("--lossless", help="PNG instead of JPEG.")] = False,
    allow_below_norm: Annotated[
        bool, typer.Option("--allow-below-norm", help="Scan below 200 dpi or in grey all the same.")
    ] = False,
    form: Annotated[str, typer.Option(help="Form id, if all pages are of one form.")] = "",
    department: Annotated[str, typer.Option(help="Where the stack comes from.")] = "",
    priority: Annotated[int, typer.Option(help="Higher is read earlier.")] = 0,
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for paper while sheets are missing.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Scan a stack; after a jam the job goes on where it stopped.

    In a terminal the command asks what to do at each stop; elsewhere it ends with exit code 3 and
    `--resume` goes on.
    """
    if (into is None) == (resume is None):
        raise typer.BadParameter("--into FOLDER or --resume JOB", param_hint="--into")
    if resume is not None:
        job = ScanJob.resume(resume)
        if finish:
            job.finish()
            _end(job, Halt("scanner.finished"), as_json)
            return
        driver, _ = desk.driver_of(job.order.device)
    else:
        assert into is not None
        driver, name = desk.driver_of(device)
        settings = ScanSettings(intake, dpi, not grey)
        check_settings(settings, driver.abilities(name), allow_below_norm=allow_below_norm)
        counted = 1 if sheets is None and intake is Intake.GLASS else sheets
        order = JobOrder(
            name, settings, counted, keep_backs, "png" if lossless else "jpeg", form, department, priority,
            settings_of().person,
        )  # fmt: skip
        job = ScanJob.begin(into / f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}", order)  # noqa: DTZ005
    talk = Console(stderr=True)
    asks = not as_json and sys.stdin.isatty() and talk.is_terminal
    halt = desk.scan_stack(job, driver, _teller(talk, quiet=as_json), wait_s=wait)
    while asks and not job.done and _goes_on(job, halt, talk):
        halt = desk.scan_stack(job, driver, _teller(talk, quiet=False), wait_s=wait)
    _end(job, halt, as_json)


def _teller(talk: Console, *, quiet: bool) -> Any:
    def tell(side: KeptSide) -> None:
        notes = "  ! " + ", ".join(side.notes) if side.notes else ""
        talk.print(f"sheet {side.sheet}  side {side.number}{notes}", highlight=False)

    return (lambda _side: None) if quiet else tell


def _goes_on(job: ScanJob, halt: Halt, talk: Console) -> bool:
    """Ask what to do after a stop."""
    facts = ", ".join(value for _, value in halt.facts)
    talk.print(f"stopped: {halt.reason} {facts}", style="yellow", highlight=False)
    shown = job.last_page.name if job.last_page else "none yet"
    talk.print(f"{job.sheets} sheets are safe; the last is {shown}. Lay every sheet after it back.")
    if job.missing:
        talk.print(f"counted {job.order.sheets}: {job.missing:+d} to come")
    answer = talk.input("Enter goes on, f + Enter finishes the job, q + Enter leaves it for later: ")
    if answer.strip().casefold() == "f":
        job.finish()
    return not job.done and answer.strip().casefold() != "q"


def _end(job: ScanJob, halt: Halt, as_json: bool) -> None:
    document = job.document() | {
        "folder": str(job.folder), "stopped": halt.reason, "facts": dict(halt.facts),
    }  # fmt: skip
    if as_json:
        print_json(document)
    else:
        told = "{folder}: {sheets} sheets, {pages} pages, {blank_backs} blank backs left out; {state}"
        sys.stdout.write(told.format(**document) + "\n")
        for note, count in document["notes"].items():
            sys.stdout.write(f"{note}: {count}\n")
        if not job.done:
            sys.stdout.write(f"stopped: {halt.reason}; go on with: formscan scanner run --resume FOLDER\n")
    if not job.done:
        raise typer.Exit(EXIT_HELD)
