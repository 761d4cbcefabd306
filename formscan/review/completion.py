"""What a person may be about to type: whole values out of code lists, found without tones.

A suggestion is only ever put into the editor; it counts when the person confirms the field.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache, cached_property
from itertools import chain, islice
from typing import Final

from formscan.model.template import FieldKind, FieldSpec, ValueType
from formscan.model.words import without_diacritics, words_of

MOST: Final = 4
"""Suggestions that have a key."""
COMMON: Final = ("facility.", "stay.", "transfer.", "signature.")
"""Beginnings of the ids of fields about the hospital and its people."""
_LOOKED_AT: Final = 400
"""Entries of a list that are ranked at most; what more matches needs another letter anyway."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text for the editor and what it is shown as (the text itself where empty)."""

    text: str
    label: str = ""

    @property
    def shown(self) -> str:
        """What stands on the screen."""
        return self.label or self.text


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists suggestions come from; any may be empty.

    Attributes:
        family: Family names.
        given: Middle and given names.
        places: (ward, district, province).
        icd10: Title by code with dot.
        catalogues: Name by code, by name of the catalogue.
        drugs: Names of active substances.
    """

    family: Sequence[str] = ()
    given: Sequence[str] = ()
    places: Sequence[tuple[str, str, str]] = ()
    icd10: Mapping[str, str] = field(default_factory=dict)
    catalogues: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    drugs: Sequence[str] = ()


class Completer:
    """Suggests values for a field from lists and from what was decided at the same field before.

    Args:
        lists: The code lists.
    """

    def __init__(self, lists: Lists) -> None:
        self._lists = lists
        self._learned: dict[str, Counter[str]] = {}
        self._codes = list(lists.icd10)

    def learn(self, spec: FieldSpec, text: str) -> None:
        """Take up a decided value: at the same field it may come again.

        Only what belongs to the house is kept (``COMMON``); nothing about one patient is offered to another.
        """
        if text.strip() and spec.id.startswith(COMMON) and not spec.critical:
            self._learned.setdefault(spec.id, Counter())[text.strip()] += 1

    def suggest(self, spec: FieldSpec, text: str, around: Mapping[str, str]) -> tuple[Suggestion, ...]:
        """Values that begin, without tones, as the text does.

        Args:
            spec: The field.
            text: What is typed.
            around: Texts that stand in the other fields of the document, by field id.

        Returns:
            At most ``MOST``, the likeliest first, none equal to the text.
        """
        ways: Mapping[Subject, Callable[[], Iterable[Suggestion]]] = {
            Subject.NAME: lambda: self._names(text),
            Subject.RELATIVE: lambda: self._relative(text, around),
            Subject.CODE: lambda: self._diagnoses(text, spec, around, code=True),
            Subject.DIAGNOSIS: lambda: self._diagnoses(text, spec, around, code=False),
            Subject.WARD: lambda: self._ward(text, around),
            Subject.DISTRICT: lambda: self._district(text, around),
            Subject.PROVINCE: lambda: self._province(text, around),
            Subject.CATALOGUE: lambda: self._catalogue(text, spec),
            Subject.DRUGS: lambda: self._drugs(text),
            Subject.NONE: tuple,
        }
        found: dict[str, Suggestion] = {}
        for one in (*self._again(spec.id, text), *ways[subject_of(spec)]()):
            if one.text != text.strip():
                found.setdefault(one.text, one)
        return tuple(found.values())[:MOST]

    # -- made when first asked for: whoever types no diagnosis needs no index of 12,000 ------------

    @cached_property
    def _icd10(self) -> WordIndex:
        return WordIndex([f"{code} {title}" for code, title in self._lists.icd10.items()])

    @cached_property
    def _wards(self) -> WordIndex:
        return WordIndex([" ".join(place) for place in self._lists.places])

    @cached_property
    def _districts(self) -> list[tuple[str, ...]]:
        return _distinct((d, p) for _, d, p in self._lists.places if d)

    @cached_property
    def _provinces(self) -> list[tuple[str, ...]]:
        return _distinct((p,) for _, _, p in self._lists.places)

    # -- one kind each -------------------------------------------------------------------------

    def _again(self, field_id: str, text: str) -> list[Suggestion]:
        """Values decided here before, the most frequent first; nothing typed offers those that came twice."""
        begun = without_diacritics(text.strip())
        known = self._learned.get(field_id, Counter()).most_common()
        least = 1 if begun else 2
        return [
            Suggestion(value)
            for value, times in known
            if times >= least and without_diacritics(value).startswith(begun)
        ][:MOST]

    def _names(self, text: str) -> list[Suggestion]:
        """The last word of a name: the first is a family name, the others are not."""
        head, _, last = text.rpartition(" ")
        if not last:
            return []
        known = self._lists.given if head.strip() else self._lists.family
        folded = without_diacritics(last)
        fitting = [name for name in known if without_diacritics(name).startswith(folded)]
        fitting.sort(key=lambda name: without_diacritics(name) != folded)
        upper = last.isupper() and (len(last) > 1 or head.isupper())
        begin = f"{head} " if head else ""
        return [Suggestion(begin + (name.upper() if upper else name)) for name in fitting]

    def _relative(self, text: str, around: Mapping[str, str]) -> list[Suggestion]:
        """A name, then an address after a comma."""
        head, comma, tail = text.rpartition(",")
        if not comma:
            return self._names(text)
        return [Suggestion(f"{head}, {one.text}", one.label) for one in self._ward(tail.strip(), around)]

    def _diagnoses(
        self, text: str, spec: FieldSpec, around: Mapping[str, str], *, code: bool
    ) -> list[Suggestion]:
        """ICD-10 by code or by words of the title; a code field without text takes up its diagnosis."""
        asked = text.strip() or (around.get(spec.id.removesuffix(".code"), "") if code else "")
        bare = asked.replace(".", "").upper()
        if asked and bare[1:2].isdigit():
            places = [n for n, known in enumerate(self._codes) if known.replace(".", "").startswith(bare)]
        else:
            places = self._icd10.find(asked)
        found = []
        for place in places[:MOST]:
            known = self._codes[place]
            title = self._lists.icd10[known]
            dotless = known.replace(".", "") if spec.kind is FieldKind.COMB else known
            found.append(Suggestion(dotless if code else title, f"{known}  {title}"))
        return found

    def _ward(self, text: str, around: Mapping[str, str]) -> list[Suggestion]:
        """Wards; those of the district and province that stand in the document come first."""
        district, province = _near(around, "address.district"), _near(around, "address.province")
        rows = [self._lists.places[place] for place in self._wards.find(text, _LOOKED_AT)]
        begun = words_of(text)
        rows.sort(
            key=lambda row: (
                not _within(row[2], province),
                not _within(row[1], district),
                not _begins(row[0], begun),
                len(row[0]),
            )
        )
        return [Suggestion(ward, ", ".join(filter(None, (ward, d, p)))) for ward, d, p in rows]

    def _district(self, text: str, around: Mapping[str, str]) -> list[Suggestion]:
        ward, province = _near(around, "address.ward"), _near(around, "address.province")
        if text.strip():
            rows = [row for row in self._districts if _begins(row[0], words_of(text))]
        else:
            rows = [(d, p) for w, d, p in self._lists.places if d and ward and _within(w, ward)]
        rows = sorted(rows, key=lambda row: not _within(row[1], province))
        return [Suggestion(district, f"{district}, {p}") for district, p in rows]

    def _province(self, text: str, around: Mapping[str, str]) -> list[Suggestion]:
        district = _near(around, "address.district")
        if text.strip():
            rows = [row[0] for row in self._provinces if _begins(row[0], words_of(text))]
        else:
            rows = [p for d, p in self._districts if district and _within(d, district)]
        return [Suggestion(_bare_place(province), province) for province in dict.fromkeys(rows)]

    def _catalogue(self, text: str, spec: FieldSpec) -> list[Suggestion]:
        rows = self._lists.catalogues.get(_catalogue_of(spec), {})
        folded = without_diacritics(text.strip())
        found = [
            (code, name)
            for code, name in rows.items()
            if folded and (code.startswith(folded) or _begins(name, words_of(folded)))
        ]
        in_codes = spec.kind is FieldKind.COMB
        return [Suggestion(code if in_codes else name, f"{code}  {name}") for code, name in found]

    def _drugs(self, text: str) -> list[Suggestion]:
        """The last word, where it has three letters."""
        head, _, last = text.rpartition(" ")
        folded = without_diacritics(last)
        fitting = [d for d in self._lists.drugs if len(folded) > 2 and d.lower().startswith(folded)]
        begin = f"{head} " if head else ""
        return [Suggestion(begin + name, name) for name in fitting]


class WordIndex:
    """Finds texts by beginnings of their words, without tones, in any order.

    Args:
        texts: What is searched; results are positions in it.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        apart = cache(words_of)  # titles say the same words over and over
        self._words = [tuple(chain.from_iterable(map(apart, text.split()))) for text in texts]
        self._places: dict[str, list[int]] = {}
        for place, words in enumerate(self._words):
            for word in set(words):
                self._places.setdefault(word, []).append(place)
        self._known = sorted(self._places)  # each word once: sorting holds up every other thread

    def find(self, asked: str, most: int = MOST) -> list[int]:
        """Positions of texts in which every asked word begins a word; texts that begin so come first.

        One letter finds nothing: a list it would leave is not worth looking at.
        """
        wanted = words_of(asked)
        if len("".join(wanted)) < 2:
            return []
        sets = [self._with(word) for word in sorted(wanted, key=len, reverse=True)]
        both = set.intersection(*sets) if sets else set()
        count = len(wanted)

        def place_of(place: int) -> tuple[bool, int, int]:
            words = self._words[place]
            shown = words[1:] if "." in words[0] or words[0][-1:].isdigit() else words
            begins = shown[:count] == wanted or _starts(shown, wanted)
            return not begins, len(words), place

        return sorted(both, key=place_of)[:most]

    def _with(self, word: str) -> set[int]:
        found: set[int] = set()
        for known in islice(self._known, bisect_left(self._known, word), None):
            if not known.startswith(word):
                break
            found.update(self._places[known])
        return found


class Subject(Enum):
    """What a field is about, as far as there are lists for it."""

    NAME = auto()
    RELATIVE = auto()
    CODE = auto()
    DIAGNOSIS = auto()
    WARD = auto()
    DISTRICT = auto()
    PROVINCE = auto()
    CATALOGUE = auto()
    DRUGS = auto()
    NONE = auto()


def subject_of(spec: FieldSpec) -> Subject:
    """What a field is about: by its type and catalogue, else by its id (``forms/README.md`` fixes ids)."""
    by_type = {ValueType.PERSON_NAME: Subject.NAME, ValueType.ICD10: Subject.CODE}
    if spec.type in by_type:
        return by_type[spec.type]
    if spec.type not in {ValueType.TEXT, ValueType.CATALOGUE}:
        return Subject.NONE
    endings = {
        "address.ward": Subject.WARD,
        "address.district": Subject.DISTRICT,
        "address.province": Subject.PROVINCE,
        "relative.name_address": Subject.RELATIVE,
        "allergen": Subject.DRUGS,
        ".orders": Subject.DRUGS,
        "treatment.given": Subject.DRUGS,
    }
    found = next((subject for ending, subject in endings.items() if spec.id.endswith(ending)), None)
    if found is not None:
        return found
    if _catalogue_of(spec):
        return Subject.CATALOGUE
    return Subject.DIAGNOSIS if spec.id.startswith("diagnosis.") else Subject.NONE


def _catalogue_of(spec: FieldSpec) -> str:
    if spec.catalogue:
        return spec.catalogue
    return {"ethnicity": "ethnic", "occupation": "occupation"}.get(spec.id.rpartition(".")[2], "")


def _distinct(rows: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return list(dict.fromkeys(rows))


def _starts(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the words begin with the wanted ones, the last of them unfinished."""
    if len(words) < len(wanted):
        return False
    pairs = list(zip(words, wanted, strict=False))
    return all(one == other for one, other in pairs[:-1]) and pairs[-1][0].startswith(pairs[-1][1])


_KINDS: Final = frozenset({"tinh", "thanh", "pho", "quan", "huyen", "thi", "xa", "phuong", "tran", "tp"})


def _begins(name: str, wanted: Sequence[str]) -> bool:
    """Whether a place or name begins so, with the word for its kind (Phường, Huyện) or without it."""
    words = words_of(name)
    bare = words
    while len(bare) > 1 and bare[0] in _KINDS:
        bare = bare[1:]
    return _starts(words, wanted) or _starts(bare, wanted)


def _within(name: str, standing: tuple[str, ...]) -> bool:
    """Whether a name is the one that stands in a field, with or without the word for its kind."""
    return bool(standing) and words_of(name)[-len(standing) :] == standing


def _near(around: Mapping[str, str], ending: str) -> tuple[str, ...]:
    """What stands in the field of that ending, as words without the kind."""
    text = next((value for field_id, value in around.items() if field_id.endswith(ending)), "")
    words = words_of(text)
    while len(words) > 1 and words[0] in _KINDS:
        words = words[1:]
    return words


def _bare_place(name: str) -> str:
    for kind in ("Tỉnh ", "Thành phố "):
        name = name.removeprefix(kind)
    return name
