"""What is kept between runs is taken up only where it is whole."""

from __future__ import annotations

import gc
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from formscan.paths import forms_dir
from formscan.shelf import put_by, take_up
from formscan.templates import load_form


@dataclass(frozen=True, slots=True)
class _Slotted:
    first: int
    rest: tuple[object, ...] = ()
    seen: dict[str, object] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class _Reckoned:
    """A field that the constructor does not take."""

    first: int
    twice: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "twice", 2 * self.first)


@pytest.mark.parametrize(
    "thing",
    [
        _Slotted(1, (_Slotted(2), _Slotted(3, ("a",)), _Slotted), {"x": _Reckoned(4)}),
        [_Reckoned(7), Path("a"), 2.5, None],
    ],
)
def test_that_dataclasses_are_taken_up_equal(tmp_path: Path, thing: object) -> None:
    put_by(thing, tmp_path / "x.thing", 2)
    again = take_up(tmp_path / "x.thing")
    assert again == thing
    assert again is not thing
    assert repr(again) == repr(thing)


def test_that_a_form_is_taken_up_equal_and_finds_its_fields(tmp_path: Path) -> None:
    form = load_form(next((forms_dir() / "36-BV2").glob("*/form.toml")))
    put_by(form, tmp_path / "x.form", 2)
    again = take_up(tmp_path / "x.form")
    assert again == form
    assert [again.field(spec.id) for spec in form.fields] == list(form.fields)


@pytest.mark.parametrize("searching", [True, False])
def test_that_what_was_put_by_is_taken_up(tmp_path: Path, searching: bool) -> None:
    before = gc.isenabled()
    put_by({"a": (1, 2)}, tmp_path / "deep" / "x.thing", 2)
    try:
        (gc.enable if searching else gc.disable)()
        assert take_up(tmp_path / "deep" / "x.thing") == {"a": (1, 2)}
        assert gc.isenabled() is searching
    finally:
        (gc.enable if before else gc.disable)()


@pytest.mark.parametrize("cut", [0, 10, 31, 40, -1])
def test_that_a_file_which_was_cut_short_is_not_taken_up(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "x.thing"
    put_by(list(range(100)), path, 2)
    path.write_bytes(path.read_bytes()[:cut])
    assert take_up(path) is None


def test_that_a_changed_file_is_not_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "x.thing"
    put_by(["right"], path, 2)
    path.write_bytes(path.read_bytes().replace(b"right", b"wrong"))
    assert take_up(path) is None


def test_that_only_the_newest_stay_and_other_kinds_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "other.kind").touch()
    for number in range(5):
        put_by(number, tmp_path / f"{number}.thing", 2)
    assert len(list(tmp_path.glob("*.thing"))) == 2
    assert (tmp_path / "4.thing").is_file()
    assert (tmp_path / "other.kind").is_file()
