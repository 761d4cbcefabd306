"""What the window says, in which language; can change while it runs."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QLocale, QObject, QTranslator, Signal

from formscan.model.template import Choice, FieldKind, FieldSpec, FormTemplate, Section, ValueType
from ui.messages import Messages

LANGUAGES: Final = ("vi", "en")
"""Languages that are complete."""


class Catalogue(QTranslator):
    """Translations out of a JSON file: ``window`` for our own sentences, ``qt`` for those of Qt.

    The source sentences are English, so English needs entries only where the wording differs.

    Args:
        root: ``resources/translations``: ``<language>.json`` and one ``<language>.<desk>.json`` a desk.
        language: One of ``LANGUAGES``.
        parent: Qt parent.
    """

    def __init__(self, root: Path, language: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._texts: dict[str, str] = {}
        for file in (root / f"{language}.json", *sorted(root.glob(f"{language}.*.json"))):
            told = json.loads(file.read_text(encoding="utf-8"))
            self._texts |= {**told.get("qt", {}), **told.get("window", {})}

    def isEmpty(self) -> bool:  # noqa: N802 - a name of Qt
        """Never, so that Qt tells all widgets when the language changes."""
        return False

    def translate(
        self, context: str, source: str, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        """The sentence in this language, or ``None``: Qt then takes the source."""
        return self._texts.get(source)


class Speech(QObject):
    """The language of the window with its sentences.

    Args:
        root: ``resources/translations``.
        language: One of ``LANGUAGES``.
        parent: Qt parent.
    """

    language_changed = Signal(str)

    def __init__(self, root: Path, language: str = "vi", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = root
        self._catalogue: Catalogue | None = None
        self.language = ""
        self.messages = Messages.load(root, LANGUAGES[0])
        self.speak(language)

    def speak(self, language: str) -> None:
        """Change the language; every widget is told by Qt (``QEvent.LanguageChange``)."""
        if language not in LANGUAGES or language == self.language:
            return
        self.language = language
        self.messages = Messages.load(self._root, language)
        self.hush()
        self._catalogue = Catalogue(self._root, language, self)
        QCoreApplication.installTranslator(self._catalogue)
        self.language_changed.emit(language)

    def hush(self) -> None:
        """Take the sentences out of the application again."""
        if self._catalogue is not None:
            QCoreApplication.removeTranslator(self._catalogue)
            self._catalogue = None

    @property
    def locale(self) -> QLocale:
        """For dates and numbers."""
        return QLocale("vi_VN" if self.language == "vi" else "en_GB")

    def decimal(self, number: float, digits: int = 2) -> str:
        """A number as the language writes it; never a negative nought, a dash where it is not finite."""
        if not math.isfinite(number):
            return "–"
        return self.locale.toString(0.0 if abs(number) < 0.5 * 10**-digits else number, "f", digits)

    def kind(self, kind: FieldKind) -> str:
        """What a way of filling a field is called."""
        return self.messages.told(f"field.kind.{kind.value}").say

    def type(self, type_: ValueType) -> str:
        """What a type of values is called."""
        return self.messages.told(f"field.type.{type_.value}").say

    def label(self, named: FieldSpec | Section | Choice) -> str:
        """The label of a field, section or choice."""
        return named.label_vi if self.language == "vi" else named.label_en or named.label_vi

    def title(self, form: FormTemplate) -> str:
        """The title of a form."""
        return form.title_vi if self.language == "vi" else form.title_en or form.title_vi


def says(text: str) -> str:
    """Translate a sentence that is data (``ui.actions``); its source stands there."""
    return QCoreApplication.translate("data", text)


def source(text: str) -> str:
    """Mark a sentence that stands in a table of data here and is translated where it is shown."""
    return text
