"""On which line of a TOML text a key stands, so that a problem can be shown where it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_HEADER: Final = re.compile(r"\s*\[(\[)?\s*([A-Za-z0-9_.-]+)\s*\]?\]")
_KEY: Final = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]+\")\s*=\s*")
_MESSAGE_LINE: Final = re.compile(r"at line (\d+)")


class LineIndex:
    """Lines of keys in the TOML subset forms are written in: top-level tables and arrays of tables."""

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[str | int, ...], int] = {(): 1}
        self._read(text)

    def line(self, path: Sequence[str | int]) -> int:
        """The 1-based line of the deepest known part of a path such as ``("fields", 3, "cells", 0)``."""
        for end in range(len(path), -1, -1):
            found = self._lines.get(tuple(path[:end]))
            if found is not None:
                return found
        return 1

    def _read(self, text: str) -> None:
        prefix: tuple[str | int, ...] = ()
        counts: dict[tuple[str | int, ...], int] = {}
        lines = text.splitlines()
        at = 0
        while at < len(lines):
            header, key = _HEADER.match(lines[at]), _KEY.match(lines[at])
            if header:
                prefix = _open(header.group(2).split("."), bool(header.group(1)), counts)
                self._lines.setdefault(prefix[:1], at + 1)
                self._lines[prefix] = at + 1
            elif key:
                path = (*prefix, key.group(1).strip('"'))
                self._lines[path] = at + 1
                at = self._value(lines, at, key.end(), path)
            at += 1

    def _value(self, lines: list[str], at: int, column: int, path: tuple[str | int, ...]) -> int:
        """Note the lines of an array's items; returns the line the value ends on, 0-based."""
        depth, item, fresh = 0, 0, True
        while at < len(lines):
            for kind in _marks(lines[at][column:]):
                if depth == 1 and fresh and kind not in "],":
                    self._lines[(*path, item)] = at + 1
                    fresh = False
                if kind in "[{":
                    depth += 1
                elif kind in "]}":
                    depth -= 1
                elif kind == "," and depth == 1:
                    item, fresh = item + 1, True
            if depth <= 0:
                return at
            at, column = at + 1, 0
        return at


def _open(
    names: list[str], repeated: bool, counts: dict[tuple[str | int, ...], int]
) -> tuple[str | int, ...]:
    """The path of a table whose header names ``names``; ``repeated`` for ``[[...]]``."""
    path: tuple[str | int, ...] = ()
    for name in names[:-1]:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path])
    path = (*path, names[-1])
    if repeated:
        counts[path] = counts.get(path, -1) + 1
        path = (*path, counts[path])
    return path


def _marks(line: str) -> str:
    """A line with strings put as ``s``, other words as ``w``, without blanks and comments."""
    out = re.sub(r'"(?:\\.|[^"\\])*"|\'[^\']*\'', "s", line)
    out = out.split("#", 1)[0]
    return re.sub(r"[^\[\]{},s]+", "w", re.sub(r"\s+", "", out))


def line_of_syntax_error(message: str) -> int:
    """The line a ``tomllib`` message names, or 1."""
    found = _MESSAGE_LINE.search(message)
    return int(found.group(1)) if found else 1
