"""A whole address decoded along the hierarchy of administrative units, the ink having the last word.

Province, district and ward are looked for in the text as read, each only among the parts of the one above;
each combination gives a text in the writer's own manner (with or without "huyện", commas), and the rows say
how likely that text is (``ctc.likelihood``). What was read without any list competes too: a place no list
knows stays.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from formscan.engines.ctc import Rows, WordPrior, explained
from formscan.engines.letters import known
from formscan.paths import resources_dir

_KINDS: Final = re.compile(
    r"^(thành phố|tỉnh|quận|huyện|thị xã|thị trấn|phường|xã|đặc khu)\s+(?=\S)", re.IGNORECASE
)
_MOST: Final = 5
_WEIGHED: Final = 14
"""Chains whose text is weighed against the ink."""
_ROUGH: Final = 0.45
"""Edits a letter up to which a name may be what stands there."""
_LISTED: Final = 1.2
"""Logarithm a letter by which a name of the lists is likelier than letters nobody listed."""


@dataclass(frozen=True, slots=True)
class Found:
    """A name in a text: how many edits away, and where it stands in the folded text."""

    name: str
    cost: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Address:
    """An address as it may have been meant.

    Attributes:
        text: In the writer's manner.
        units: Names of the units that were found, smallest first; empty for the text as read.
        score: Natural logarithm of its likelihood, lists counted.
    """

    text: str
    units: tuple[str, ...]
    score: float


Tree = dict[str, dict[str, tuple[str, ...]]]
"""Province to district to wards; the edition of 2025 has the district ``""``."""


@lru_cache(maxsize=2)
def units() -> tuple[Tree, ...]:
    """The two editions of the administrative units, names without their kind."""
    return tuple(_tree(f"places_{year}") for year in (2024, 2025))


def _tree(name: str) -> Tree:
    packed = (resources_dir() / "lexicons" / f"{name}.tsv.gz").read_bytes()
    grown: dict[str, dict[str, list[str]]] = {}
    for line in gzip.decompress(packed).decode("utf-8").splitlines():
        ward, district, province = (bare(part) for part in line.split("\t"))
        grown.setdefault(province, {}).setdefault(district, []).append(ward)
    return {province: {d: tuple(w) for d, w in districts.items()} for province, districts in grown.items()}


def bare(unit: str) -> str:
    """A unit's name without its kind: ``Huyện Quan Hóa`` is ``Quan Hóa``; ``Quận 5`` stays."""
    name = known(unit)
    rest = _KINDS.sub("", name)
    return name if rest.isdigit() else rest


def folded(text: str) -> str:
    """Lower case without tones and marks, one character for one."""
    letters = (unicodedata.normalize("NFD", c)[:1] or " " for c in text.lower())
    return "".join(letters).replace("đ", "d")


def decoded(rows: Rows, text: str, prior: WordPrior, most: int = _MOST) -> list[Address]:
    """Addresses a line may say, likeliest first; ``text`` as read is one of them.

    Args:
        rows: Of the line.
        text: Best text without lists, composed (NFC).
        prior: Of words, for what no list explains.
        most: Addresses returned.
    """
    if not text or not len(rows):
        return []
    made: dict[str, tuple[tuple[str, ...], float]] = {text: ((), 0.0)}
    chains = [chain for tree in units() for chain in _chains(tree, folded(text))]
    for chain in sorted(chains, key=_far)[:_WEIGHED]:
        names = tuple(found.name for found in chain)
        bonus = _LISTED * sum(len(name) for name in names)
        for placed in (_written(text, chain), old_tones(_written(text, chain))):
            if placed not in made or not made[placed][0]:
                made[placed] = (names, bonus)
    scores = explained(rows, list(made), prior)
    found = [
        Address(placed, names, score + bonus)
        for (placed, (names, bonus)), score in zip(made.items(), scores, strict=True)
    ]
    return sorted(found, key=lambda address: -address.score)[:most]


def old_tones(text: str) -> str:
    """The text with the tone on the last letter of ``oa``, ``oe``, ``uy`` at the end of a word."""
    return _LATER.sub(lambda found: _MOVED[found.group()], text)


def _far(chain: Sequence[Found]) -> float:
    """Edits of a chain less the letters it explains: the more of an address it explains the better."""
    return sum(found.cost - 0.4 * len(found.name) for found in chain)


def _chains(tree: Tree, text: str) -> list[tuple[Found, ...]]:
    """Chains of names that may stand in a folded text: smallest unit first, each left of the one above."""
    chains: list[tuple[Found, ...]] = []
    for province in _best(tuple(tree), text, len(text), 4):
        districts = tree[province.name]
        for district in _best(tuple(name for name in districts if name), text, province.start, 3):
            wards = _best(districts[district.name], text, district.start, 3)
            chains += [(ward, district, province) for ward in wards]
            chains.append((district, province))
        chains += [(ward, province) for ward in _best(districts.get("", ()), text, province.start, 3)]
        chains.append((province,))
    return chains


def _best(names: Sequence[str], text: str, end: int, most: int) -> list[Found]:
    """The names that stand in ``text[:end]`` best; those too far off are left out."""
    seen = text[:end]
    letters = set(seen)
    near = [name for name in names if _missing(name, letters) <= _limit(name)] if seen else []
    rows = _edits([_folded(name) for name in near], seen)
    found = [one for name, row in zip(near, rows, strict=True) if (one := _fit(name, seen, row)) is not None]
    return sorted(found, key=lambda one: (one.cost / max(3, len(one.name)), -one.end))[:most]


def _limit(name: str) -> float:
    """Edits up to which a name may be what stands there."""
    return _ROUGH * len(_folded(name))


def _missing(name: str, letters: set[str]) -> int:
    """Letters of a name that stand nowhere in a text."""
    return sum(letter not in letters for letter in _folded(name))


def _edits(patterns: Sequence[str], text: str) -> list[list[int]]:
    """For each pattern and each place from 0 to the text's end: fewest edits of a fit that ends there.

    Sellers, J. Algorithms 1, 1980, for all patterns at once. Edits and the place where a fit starts are one
    number, edits * (len(text) + 1) + start, which sorts as the pair does.
    """
    edit = len(text) + 1
    order = sorted(range(len(patterns)), key=lambda k: -len(patterns[k]))
    codes = np.zeros((len(order), max(map(len, patterns), default=0)), np.int64)
    for place, k in enumerate(order):
        codes[place, : len(patterns[k])] = [ord(letter) for letter in patterns[k]]
    seen = np.array([ord(letter) for letter in text], np.int64)
    rows = np.tile(np.arange(edit), (len(order), 1))
    along = edit * np.arange(edit)
    for at in range(codes.shape[1]):
        live = int(np.count_nonzero(codes[:, at]))  # the longer ones stand first
        before, here = rows[:live], np.empty((live, edit), np.int64)
        here[:, 0] = (at + 1) * edit
        changed = before[:, :-1] + edit * (codes[:live, at, None] != seen)
        here[:, 1:] = np.minimum(changed, before[:, 1:] + edit)
        rows[:live] = np.minimum.accumulate(here - along, axis=1) + along
    found: list[list[int]] = [[]] * len(order)
    for k, row in zip(order, rows.tolist(), strict=True):
        found[k] = row
    return found


def _fit(name: str, text: str, row: Sequence[int]) -> Found | None:
    """A name's place in a text with the fewest edits (``row`` of ``_edits``), whole words of it.

    None where too many letters would have to be changed.
    """
    edit, limit = len(text) + 1, _limit(name)
    if min(row) // edit > limit:
        return None
    ends = [j for j in range(1, len(text) + 1) if j == len(text) or not text[j].isalnum()]
    cost, start, end = min(
        ((*divmod(row[j], edit), j) for j in ends), key=lambda place: (place[0], -place[2])
    )
    while start > 0 and text[start - 1].isalnum():
        start, cost = start - 1, cost + 1
    while start < end and not text[start].isalnum():
        start += 1
    return Found(name, cost, start, end) if cost <= limit and end > start else None


@lru_cache(maxsize=20_000)
def _folded(name: str) -> str:
    return folded(name)


def _written(text: str, chain: Sequence[Found]) -> str:
    """The text with the names put where they stand, in capitals where the writer wrote capitals."""
    out = text
    for found in sorted(chain, key=lambda one: -one.start):
        seen = text[found.start : found.end]
        name = found.name.upper() if seen.isupper() and len(seen) > 2 else found.name
        out = out[: found.start] + name + out[found.end :]
    return " ".join(out.split())


_MOVED: Final = {
    pair[0] + pair[1]: other[0] + other[1]
    for toned, plain in (("òóỏõọ", "a"), ("òóỏõọ", "e"), ("ùúủũụ", "y"))
    for pair, other in (
        ((letter, plain), ("o" if plain in "ae" else "u", unicodedata.normalize("NFC", plain + mark)))
        for letter, mark in zip(toned, "\u0300\u0301\u0309\u0303\u0323", strict=True)
    )
}
_LATER: Final = re.compile("(?:" + "|".join(_MOVED) + r")(?=\W|$)")
