"""Nouns to canonical JSON and back, exactly: what is read is equal to what was written.

Canonical means: keys sorted, no spaces, UTF-8 text unescaped, shortest floats; so equal nouns give equal
bytes and a hash over them means something.
"""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar

from formscan.errors import StoreError

T = TypeVar("T")
Turn = Callable[[Any], Any]


def canonical(plain: object) -> str:
    """Canonical JSON of lists, dicts, strings, numbers, booleans and ``None``.

    Raises:
        ValueError: For NaN and infinities, which JSON does not have.
    """
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def dump(noun: object) -> str:
    """Canonical JSON of a noun (a frozen dataclass of ``formscan.model``).

    Raises:
        StoreError: ``store.codec`` if a time in it has no zone.
    """
    return canonical(_turns(type(noun))[0](noun))


def dump_all(kind: type[T], nouns: tuple[T, ...]) -> str:
    """Canonical JSON array of nouns of one kind."""
    turn = _turns(kind)[0]
    return canonical([turn(noun) for noun in nouns])


def load(kind: type[T], text: str) -> T:
    """The noun a text of ``dump`` stands for.

    Raises:
        StoreError: ``store.codec`` if it is none of this kind.
    """
    return typing.cast("T", _guarded(_turns(kind)[1], text))


def load_all(kind: type[T], text: str) -> tuple[T, ...]:
    """The nouns a text of ``dump_all`` stands for.

    Raises:
        StoreError: ``store.codec`` if they are none of this kind.
    """
    turn = _turns(kind)[1]
    return typing.cast("tuple[T, ...]", _guarded(lambda plain: tuple(turn(item) for item in plain), text))


def _guarded(turn: Turn, text: str) -> object:
    try:
        return turn(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise StoreError("store.codec") from None  # the cause would quote patient text


def _turns(kind: Any) -> tuple[Turn, Turn]:
    """(to plain, from plain) for a declared type; built once a type."""
    return _built(kind)


@lru_cache(maxsize=256)
def _built(kind: Any) -> tuple[Turn, Turn]:
    if dataclasses.is_dataclass(kind):
        return _dataclass(typing.cast("type[Any]", kind))
    origin = typing.get_origin(kind)
    if origin is not None:
        return _generic(kind, origin)
    if kind in (str, bool):
        return _same, _same
    if kind is int:
        return int, int
    if kind is float:
        return _float_out, float
    if kind is datetime:
        return _time_out, datetime.fromisoformat
    if issubclass(kind, Enum):
        return _enum_out, {member.value: member for member in kind}.__getitem__
    raise TypeError(kind)


def _generic(kind: Any, origin: Any) -> tuple[Turn, Turn]:
    args = typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _optional(next(arg for arg in args if arg is not type(None)))
    if origin is tuple and args[-1] is Ellipsis:
        return _sequence(*_turns(args[0]))
    if origin is tuple:
        return _pair([_turns(arg) for arg in args])
    if origin is frozenset:
        out, back = _turns(args[0])
        return (lambda items: sorted(out(i) for i in items)), (lambda plain: frozenset(map(back, plain)))
    raise TypeError(kind)


def _optional(inner: Any) -> tuple[Turn, Turn]:
    out, back = _turns(inner)
    return (
        (lambda item: None if item is None else out(item)),
        (lambda plain: None if plain is None else back(plain)),
    )


def _sequence(out: Turn, back: Turn) -> tuple[Turn, Turn]:
    return (lambda items: [out(item) for item in items]), (lambda plain: tuple([back(p) for p in plain]))


def _pair(inner: list[tuple[Turn, Turn]]) -> tuple[Turn, Turn]:
    outs, backs = [turn[0] for turn in inner], [turn[1] for turn in inner]
    return (
        (lambda items: [out(item) for out, item in zip(outs, items, strict=True)]),
        (lambda plain: tuple(back(p) for back, p in zip(backs, plain, strict=True))),
    )


def _dataclass(kind: type[Any]) -> tuple[Turn, Turn]:
    hints = typing.get_type_hints(kind)
    turns = [(f.name, *_turns(hints[f.name])) for f in dataclasses.fields(kind)]
    backs = {name: back for name, _, back in turns}

    def out(noun: Any) -> dict[str, Any]:
        return {name: turn(getattr(noun, name)) for name, turn, _ in turns}

    def back(plain: Any) -> Any:
        return kind(**{name: backs[name](value) for name, value in plain.items()})

    return out, back


def _same(value: Any) -> Any:
    return value


def _float_out(value: Any) -> float | str:
    number = float(value)
    return number if math.isfinite(number) else repr(number)


def _time_out(value: datetime) -> str:
    if value.tzinfo is None:
        raise StoreError("store.codec", why="time without zone")
    return value.isoformat()


def _enum_out(value: Enum) -> Any:
    return value.value
