"""What a scan must be to count as an electronic copy: colour, 200 dpi or more, scale 100 %.

Sources: Decree 30/2020/ND-CP, annex I; Circular 01/2019/TT-BNV. Colour and resolution are settings and
known before the first sheet; the scale shows in the size of each page.
"""

from __future__ import annotations

from typing import Final

from formscan.errors import ScannerError
from formscan.model.geometry import MM_PER_INCH
from formscan.scanner.device import Abilities, ScanSettings

LEAST_DPI: Final = 200
SCALE_SLACK: Final = 0.02


def below_norm(settings: ScanSettings) -> tuple[str, ...]:
    """In what settings fall short: ``norm.resolution``, ``norm.colour``."""
    short = (("norm.resolution", settings.dpi < LEAST_DPI), ("norm.colour", not settings.colour))
    return tuple(code for code, is_short in short if is_short)


def check_settings(settings: ScanSettings, abilities: Abilities, *, allow_below_norm: bool = False) -> None:
    """See that a scanner can do what is wanted, and that it is what the norm wants.

    Raises:
        ScannerError: ``norm.resolution``, ``norm.colour``, ``scanner.no_intake``, ``scanner.no_resolution``,
            ``scanner.no_mode`` or ``scanner.paper_too_large``.
    """
    short = () if allow_below_norm else below_norm(settings)
    if short:
        raise ScannerError(short[0], dpi=settings.dpi, least=LEAST_DPI)
    if settings.intake not in abilities.intakes:
        raise ScannerError("scanner.no_intake", wanted=settings.intake, offered=" ".join(abilities.intakes))
    if not abilities.offers(settings.dpi):
        offered = ("..." if abilities.any_dpi else " ").join(str(dpi) for dpi in abilities.dpi)
        raise ScannerError("scanner.no_resolution", wanted=settings.dpi, offered=offered)
    if not (abilities.colour if settings.colour else abilities.grey):
        raise ScannerError("scanner.no_mode", wanted="colour" if settings.colour else "grey")
    for wanted, widest in zip(settings.paper_mm, abilities.widest_mm, strict=True):
        if widest and wanted > widest + 1.0:
            raise ScannerError("scanner.paper_too_large", wanted=f"{wanted:g}", widest=f"{widest:g}")


def check_side(size: tuple[int, int], dpi: float, *, colour: bool, settings: ScanSettings) -> tuple[str, ...]:
    """In what a page that came falls short.

    Args:
        size: Width and height in pixels.
        dpi: As the scanner states it.
        colour: Whether it came in colour.
        settings: What was ordered.

    Returns:
        Codes: ``norm.resolution``, ``norm.colour``, ``norm.scale``.
    """
    wide, high = (side / dpi * MM_PER_INCH for side in size)
    paper_wide, paper_high = settings.paper_mm
    notes = ["norm.resolution"] if dpi < LEAST_DPI else []
    notes += ["norm.colour"] if not colour else []
    if max(abs(wide / paper_wide - 1), abs(high / paper_high - 1)) > SCALE_SLACK:
        notes.append("norm.scale")
    return tuple(notes)
