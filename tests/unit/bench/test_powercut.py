"""The model of a disk loses what was not flushed, and the writers of the program flush."""

from __future__ import annotations

import random
import sys

import pytest

from formscan.bench.powercut import (
    Writer,
    after_cut,
    careless,
    copied,
    cut_often,
    durable,
    scanned,
    unflushed_journal,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="steps are noted through /proc")


@pytest.mark.parametrize("writer", [durable, copied, scanned])
def test_that_no_page_said_to_be_safe_is_lost_in_200_power_cuts(writer: Writer) -> None:
    found = cut_often(writer, 30, 200, 5)
    assert found.cuts == 200
    assert found.acknowledged > 1000
    assert found.lost == 0


@pytest.mark.parametrize("writer", [careless, unflushed_journal])
def test_that_a_writer_that_does_not_flush_loses_pages_in_the_same_cuts(writer: Writer) -> None:
    found = cut_often(writer, 30, 200, 5)
    assert 0 < found.lost < found.acknowledged


def test_that_a_name_is_lost_with_its_folder_unflushed_and_kept_with_it_flushed() -> None:
    steps = [("make", "/a/t", ""), ("flush", "/a/t", "x"), ("rename", "/a/t", "/a/f")]
    left = [after_cut(steps, random.Random(seed)).holds("/a", "/a/f") for seed in range(40)]
    assert None in left
    steps.append(("names", "/a", ""))
    assert {after_cut(steps, random.Random(seed)).holds("/a", "/a/f") for seed in range(40)} == {"x"}
