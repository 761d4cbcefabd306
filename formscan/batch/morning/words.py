"""The words of the report in Vietnamese and English: its own, and the sentences of the codes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from formscan.model.page import Held
from formscan.paths import resources_dir

Language = Literal["vi", "en"]
FORMATS: Final = {"vi": "%H:%M %d/%m/%Y", "en": "%d %b %Y %H:%M"}


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"


@dataclass(frozen=True, slots=True)
class Words:
    """Words of one language.

    Attributes:
        own: Of the report, by key.
        codes: Sentence and what to do, by code.
        language: ``vi`` or ``en``.
    """

    own: dict[str, str]
    codes: dict[str, list[str]]
    language: Language

    @classmethod
    def load(cls, language: Language, root: Path | None = None) -> Words:
        """Read ``report.<language>.json`` and the codes of ``resources/translations``."""
        folder = root or resources_dir() / "translations"
        codes: dict[str, list[str]] = {}
        for file in (folder / f"codes.{language}.json", *sorted(folder.glob(f"codes.{language}.*.json"))):
            codes |= json.loads(file.read_text(encoding="utf-8"))
        own = json.loads((folder / f"report.{language}.json").read_text(encoding="utf-8"))
        return cls(own, codes, language)

    def __call__(self, key: str, **facts: object) -> str:
        """A word or sentence of the report.

        Raises:
            KeyError: If there is none.
        """
        return self.own[key].format(**facts) if facts else self.own[key]

    def reason(self, held: Held) -> tuple[str, str]:
        """Why a page was not read and what to do about it."""
        return self.code(held.reason, dict(held.facts))

    def summed(self, code: str) -> str:
        """What a code says of several documents at once: without the facts of any one of them."""
        return self.own.get(f"summed.{code}") or self.code(code, {})[0]

    def code(self, code: str, facts: dict[str, str]) -> tuple[str, str]:
        """The sentence of a code, of the nearest more general one where it has none."""
        while code not in self.codes:
            head, dot, _ = code.rpartition(".")
            code = head if dot else "unknown"
        say, do = self.codes[code]
        filled = _Facts(facts | {"code": code})
        return say.format_map(filled), do.format_map(filled)
