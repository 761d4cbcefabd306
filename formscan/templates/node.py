"""One table of a form.toml: hands out typed values, refuses what is missing, odd or unknown."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NoReturn, TypeVar

Kind = TypeVar("Kind", bound=StrEnum)
Path = tuple[str | int, ...]


class BadValueError(Exception):
    """A value of a form.toml is wrong; ``path`` leads to it."""

    def __init__(self, code: str, path: Path, **facts: object) -> None:
        super().__init__(code, path)
        self.code, self.path, self.facts = code, path, facts


class Node:
    """A TOML table with its path; every key has to be asked for before ``done``."""

    def __init__(self, value: object, path: Path = ()) -> None:
        if not isinstance(value, dict):
            raise BadValueError("template.not_a_table", path)
        self._value: dict[str, object] = value
        self._asked: set[str] = set()
        self.path = path

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._value

    def text(self, key: str, default: str | None = None) -> str:
        """A string; missing is an error where ``default`` is ``None``."""
        value = self._take(key, default)
        return value if isinstance(value, str) else self._fail(key, "template.not_text")

    def text_or_none(self, key: str) -> str | None:
        """A string, or ``None`` where it is missing."""
        return self.text(key) if self.has(key) else None

    def flag(self, key: str) -> bool:
        """A truth value, false where it is missing."""
        value = self._take(key, False)
        return value if isinstance(value, bool) else self._fail(key, "template.not_boolean")

    def whole(self, key: str) -> int:
        """A whole number."""
        value = self._take(key, None)
        if isinstance(value, bool) or not isinstance(value, int):
            self._fail(key, "template.not_whole")
        return value

    def number(self, key: str) -> float:
        """A number."""
        return as_number(self._take(key, None), (*self.path, key))

    def kind(self, key: str, kinds: type[Kind], default: str | None = None) -> Kind:
        """A word of an enumeration."""
        value = self.text(key, default)
        try:
            return kinds(value)
        except ValueError:
            self._fail(key, "template.unknown_word", value=value)

    def items(self, key: str) -> list[tuple[Path, object]]:
        """The items of an array with their paths; none where it is missing."""
        value = self._take(key, [])
        if not isinstance(value, list):
            self._fail(key, "template.not_a_list")
        return [((*self.path, key, at), item) for at, item in enumerate(value)]

    def texts(self, key: str) -> tuple[str, ...]:
        """An array of strings."""
        out = []
        for path, item in self.items(key):
            if not isinstance(item, str):
                raise BadValueError("template.not_text", path)
            out.append(item)
        return tuple(out)

    def nodes(self, key: str) -> Iterator[Node]:
        """The tables of an array of tables."""
        for path, item in self.items(key):
            yield Node(item, path)

    def node(self, key: str) -> Node:
        """A table."""
        return Node(self._take(key, None), (*self.path, key))

    def done(self) -> None:
        """Refuse keys nobody asked for."""
        for key in self._value:
            if key not in self._asked:
                self._fail(key, "template.unknown_key")

    def _take(self, key: str, default: object) -> object:
        self._asked.add(key)
        value = self._value.get(key, default)
        if value is None:
            self._fail(key, "template.missing_key")
        return value

    def _fail(self, key: str, code: str, **facts: object) -> NoReturn:
        raise BadValueError(code, (*self.path, key), **facts)


def as_number(value: object, path: Path) -> float:
    """A finite number as a float."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e6:
        raise BadValueError("template.not_a_number", path)
    return float(value)


def row(value: object, path: Path, *lengths: int) -> list[object]:
    """A list of one of the given lengths."""
    if not isinstance(value, list) or len(value) not in lengths:
        raise BadValueError("template.wrong_length", path, wanted=" or ".join(map(str, lengths)))
    return value


def numbers(value: object, path: Path, *lengths: int) -> list[float]:
    """A list of numbers of one of the given lengths."""
    return [as_number(item, path) for item in row(value, path, *lengths)]
