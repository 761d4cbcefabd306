"""The read stage: readers found by entry point, one batch a kind, contracts held."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import EntryPoint
from typing import ClassVar

import numpy as np
import pytest

from formscan.engines.protocol import Reader
from formscan.errors import EngineError
from formscan.model.geometry import Area, Box
from formscan.model.reading import Alternative, CellReading, Crop, FieldState, Reading
from formscan.model.template import Cell, FieldKind, FieldSpec, ValueType
from formscan.pipeline.read import load_readers, read


def crop(field_id: str, kind: FieldKind) -> Crop:
    told = FieldSpec(field_id, 1, kind, ValueType.TEXT, "", "", (Cell(Area(0, 0, 1, 1)),))
    white = np.full((4, 4), 255, np.uint8)
    return Crop(told, white, white, (Box(0, 0, 4, 4),), 300.0, Box(0, 0, 4, 4), 0.0)


class Echo:
    """Says the ids of the fields it was given."""

    name: ClassVar[str] = "echo"
    kinds: ClassVar[frozenset[FieldKind]] = frozenset({FieldKind.TEXT})

    def __init__(self, mark: str = "") -> None:
        self.mark, self.batches = mark, 0

    def read(self, crops: Sequence[Crop]) -> list[Reading]:
        self.batches += 1
        return [Reading(self.mark + one.field.id, FieldState.VALUE, 1.0, "echo") for one in crops]


class Forgetful(Echo):
    """Loses the last crop."""

    name: ClassVar[str] = "forgetful"

    def read(self, crops: Sequence[Crop]) -> list[Reading]:
        return super().read(crops)[:-1]


class Broken(Echo):
    """Cannot start."""

    name: ClassVar[str] = "broken"

    def read(self, crops: Sequence[Crop]) -> list[Reading]:
        raise EngineError("engine.model", model="x", crops=len(crops))


def test_that_every_crop_goes_to_the_readers_of_its_kind_in_one_batch() -> None:
    first, second = Echo(), Echo("2:")
    crops = [crop("a", FieldKind.TEXT), crop("b", FieldKind.MARK), crop("c", FieldKind.TEXT)]
    opinions = read(crops, [first, second])
    assert [[one.text for one in given] for given in opinions] == [["a", "2:a"], [], ["c", "2:c"]]
    assert (first.batches, second.batches) == (1, 1)


def test_that_a_reader_losing_a_crop_is_named() -> None:
    with pytest.raises(EngineError, match="forgetful") as caught:
        read([crop("a", FieldKind.TEXT)], [Forgetful()])
    assert caught.value.code == "engine.count"


def test_that_a_broken_reader_is_named_with_its_facts() -> None:
    with pytest.raises(EngineError, match="broken") as caught:
        read([crop("a", FieldKind.TEXT)], [Broken()])
    assert caught.value.facts == {"model": "x", "crops": "1", "reader": "broken"}


def test_that_all_kinds_have_a_reader_by_entry_point() -> None:
    readers = load_readers()
    assert all(isinstance(reader, Reader) for reader in readers)
    assert frozenset().union(*(reader.kinds for reader in readers)) == frozenset(FieldKind)


@pytest.mark.parametrize("target", ["nowhere.at:All", "formscan.model.reading:Reading", "pathlib:Path"])
def test_that_an_entry_point_that_is_no_reader_is_named(target: str) -> None:
    with pytest.raises(EngineError, match="odd") as caught:
        load_readers([EntryPoint("odd", target, "formscan.readers")])
    assert caught.value.code == "engine.load"


class Noisy(Echo):
    """As sure as the last bits of its sums."""

    noise = 0.0

    def read(self, crops: Sequence[Crop]) -> list[Reading]:
        sure = 0.87654321 + self.noise
        cells = (CellReading("", "1", FieldState.VALUE, sure),)
        return [
            Reading("1", FieldState.VALUE, sure, "noisy", "", (Alternative("7", 0.1 + self.noise),), cells)
            for _ in crops
        ]


def test_that_the_last_bits_of_a_sum_are_in_no_reading() -> None:
    quiet, loud = Noisy(), Noisy()
    loud.noise = 3e-10
    crops = [crop("a", FieldKind.TEXT)]
    assert read(crops, [quiet]) == read(crops, [loud])
    assert read(crops, [quiet])[0][0].confidence == 0.876543
