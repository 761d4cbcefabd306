"""The options of a SANE device, as ``scanimage -A`` tells them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from formscan.scanner.device import Abilities, Intake, ScanSettings

_OPTION: Final = re.compile(
    r"^ {4}(?P<flag>--?[a-z][\w-]*)(?P<values>.*?)(?: \[(?P<now>[^\]]*)\])?(?: \[[^\]]*\])*$"
)
_RANGE: Final = re.compile(r"^(-?[\d.]+)\.\.(-?[\d.]+)")
_DOUBLE_FEED: Final = (("--df-action", "Stop"), ("--df-thickness", "yes"), ("--df-length", "yes"))
"""Sensors for two sheets at once, as the Fujitsu and Canon DR backends name them (sane-fujitsu(5))."""
_PREFERRED_FEEDERS: Final = ("ADF Front", "ADF", "Automatic Document Feeder")


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its flag, the values it may have, the one it has; ``inactive`` ones cannot be set."""

    flag: str
    values: tuple[str, ...]
    now: str

    @property
    def active(self) -> bool:
        """Whether it can be set."""
        return self.now != "inactive"

    def value_like(self, *parts: str) -> str | None:
        """The first value that has one of these parts, small or large letters alike."""
        return next((value for part in parts for value in self.values if part in value.casefold()), None)


class SaneOptions:
    """The options of one device.

    Args:
        text: What ``scanimage -A`` prints.
    """

    def __init__(self, text: str) -> None:
        found = (_OPTION.match(line) for line in text.splitlines())
        options = [Option(m["flag"], _values(m["values"]), m["now"] or "") for m in found if m]
        self._options = {option.flag: option for option in options if option.active}

    def __contains__(self, flag: str) -> bool:
        return flag in self._options

    def abilities(self) -> Abilities:
        """What the device can do."""
        intakes = tuple(intake for intake in Intake if self._source(intake) is not None)
        dpi, any_dpi = self._resolutions()
        return Abilities(
            intakes=intakes or (Intake.GLASS,),
            colour=self._mode(colour=True) is not None,
            grey=self._mode(colour=False) is not None,
            dpi=dpi,
            any_dpi=any_dpi,
            widest_mm=(self._extent("-x"), self._extent("-y")),
            tells_double_feeds=any(flag in self for flag, _ in _DOUBLE_FEED),
        )

    def arguments(self, settings: ScanSettings) -> list[str]:
        """How ``scanimage`` is told the settings, in the order SANE wants them set."""
        wide, high = settings.paper_mm
        out = list(self._source(settings.intake) or ())
        mode = self._mode(colour=settings.colour)
        out += [f"--mode={mode}"] if mode else []
        out += [f"--resolution={settings.dpi}"] if "--resolution" in self else []
        for flag, value in (("--page-width", wide), ("--page-height", high)):
            out += [f"{flag}={value:g}"] if flag in self else []
        for flag, value in (("-l", 0.0), ("-t", 0.0), ("-x", wide), ("-y", high)):
            out += [flag, f"{value:g}"] if flag in self else []
        out += [f"{flag}={value}" for flag, value in _DOUBLE_FEED if flag in self]
        return out

    def _source(self, intake: Intake) -> tuple[str, ...] | None:
        """Flags that choose where the paper lies; ``None`` where it cannot lie there."""
        source = self._options.get("--source", Option("--source", (), ""))
        feeders = (*(v for v in _PREFERRED_FEEDERS if v in source.values), *filter(_is_feeder, source.values))
        feeder = feeders[0] if feeders else None
        if intake is Intake.GLASS:
            glass = source.value_like("flatbed", "table", "normal", "platen")
            return (f"--source={glass}",) if glass else (None if source.values else ())
        if intake is Intake.FEEDER:
            return (f"--source={feeder}", *self._one_sided()) if feeder else None
        both = source.value_like("duplex")
        if both:
            return (f"--source={both}",)
        if feeder and "--adf-mode" in self:
            return f"--source={feeder}", "--adf-mode=Duplex"
        return (f"--source={feeder}", "--duplex=yes") if feeder and "--duplex" in self else None

    def _one_sided(self) -> tuple[str, ...]:
        if "--adf-mode" in self:
            return ("--adf-mode=Simplex",)
        return ("--duplex=no",) if "--duplex" in self else ()

    def _mode(self, *, colour: bool) -> str | None:
        mode = self._options.get("--mode", Option("--mode", (), ""))
        return mode.value_like("color", "colour") if colour else mode.value_like("gray", "grey")

    def _resolutions(self) -> tuple[tuple[int, ...], bool]:
        values = self._options.get("--resolution", Option("", (), "")).values
        bounds = _RANGE.match(values[0]) if len(values) == 1 else None
        if bounds:
            return (round(float(bounds[1])), round(float(bounds[2]))), True
        listed = sorted(round(float(v)) for v in values if re.fullmatch(r"[\d.]+", v))
        return (tuple(listed), False) if listed else ((1, 9999), True)

    def _extent(self, flag: str) -> float:
        values = self._options.get(flag, Option("", (), "")).values
        bounds = _RANGE.match(values[0]) if values else None
        return float(bounds[2]) if bounds else 0.0


def _is_feeder(value: str) -> bool:
    small = value.casefold()
    return ("adf" in small or "feeder" in small) and "duplex" not in small and "back" not in small


def _values(told: str) -> tuple[str, ...]:
    """``300|600dpi (in steps of 1)`` to its values."""
    told = told.strip().removeprefix("[=(").removesuffix(")]")
    told = re.sub(r" \(in (?:quants|steps) of [^)]*\)$", "", told)
    values = [value.strip() for value in told.split("|")]
    values[-1] = re.sub(r"(?<=\d)(?:dpi|mm|%|pel|us|bit)$", "", values[-1])
    return tuple(value for value in values if value)
