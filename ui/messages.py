"""Codes to sentences: what is the matter, and what to do. The sentences are data in ``resources``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from formscan.errors import FormScanError
from formscan.model.page import Held
from formscan.model.reading import FieldState, Flag
from formscan.model.record import Problem
from formscan.pipeline.flag_codes import FLAG_TEXTS

NameOf = Callable[[str], str]
"""Turns a field id into its label."""


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence and what to do about it; ``do`` may be empty."""

    say: str
    do: str = ""

    @property
    def whole(self) -> str:
        """Both in one line."""
        return f"{self.say} {self.do}".strip()


class Messages:
    """Sentences of one language.

    Args:
        codes: ``code -> [sentence, what to do]``; sentences name facts in braces.
        language: ``vi`` or ``en``.
    """

    def __init__(self, codes: dict[str, list[str]], language: str) -> None:
        self._codes = codes
        self.language = language

    @classmethod
    def load(cls, root: Path, language: str) -> Messages:
        """Read ``codes.<language>.json`` and the ``codes.<language>.<desk>.json`` under ``root``."""
        codes: dict[str, list[str]] = {}
        for file in (root / f"codes.{language}.json", *sorted(root.glob(f"codes.{language}.*.json"))):
            codes |= json.loads(file.read_text(encoding="utf-8"))
        return cls(codes, language)

    def knows(self, code: str) -> bool:
        """Whether there is a sentence for exactly this code."""
        return code in self._codes

    def told(self, code: str, facts: Iterable[tuple[str, str]] = (), name_of: NameOf = str) -> Told:
        """The sentence of a code; of the nearest more general one where it has none.

        Args:
            code: Dotted, e.g. ``date.impossible``.
            facts: Fill the braces; the facts ``other``, ``field`` and ``first`` are field ids and named.
            name_of: Names a field.
        """
        known = _Facts(
            {k: name_of(v) if k in {"other", "field", "first"} else v for k, v in facts}, code=code
        )
        say, do = self._codes[self._nearest(code)]
        return Told(say.format_map(known), do.format_map(known))

    def flag(self, flag: Flag, name_of: NameOf = str) -> Told:
        """A broken rule or a doubt; the rules bring their own sentences."""
        text = FLAG_TEXTS.get(flag.code)
        if text is None:
            return self.told(flag.code, flag.facts, name_of)
        vietnamese = self.language == "vi"
        facts = tuple((name, name_of(value)) for name, value in flag.facts)
        filled = Flag(flag.code, flag.severity, facts)
        return Told(text.sentence(filled, self.language), text.do_vi if vietnamese else text.do_en)

    def held(self, held: Held) -> Told:
        """Why a page was not read."""
        return self.told(held.reason, held.facts)

    def problem(self, problem: Problem) -> Told:
        """Something about a whole document."""
        page = (("page", str(problem.page)),) if problem.page is not None else ()
        return self.told(problem.code, (*problem.facts, *page))

    def error(self, error: Exception, name_of: NameOf = str) -> Told:
        """An error; one that is not of this program is a fault of the program and says so."""
        if isinstance(error, FormScanError):
            return self.told(error.code, error.facts.items(), name_of)
        if isinstance(error, OSError):
            return self.told("system.os", (("kind", type(error).__name__),))
        return self.told("system.fault", (("kind", type(error).__name__),))

    def state(self, state: FieldState) -> str:
        """The name of a field state."""
        return self.told(f"state.{state.value}").say

    def _nearest(self, code: str) -> str:
        while code not in self._codes:
            head, dot, _ = code.rpartition(".")
            if not dot:
                return "unknown"
            code = head
        return code


class _Facts(dict[str, str]):
    """Facts for ``format_map``; one that is missing shows as a dash, never as an error."""

    def __missing__(self, key: str) -> str:
        return "–"
