"""What sample is wanted: scheme, numbers, and which fields."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from formscan.model.people import Person
from formscan.model.supervision import SampleOrder
from formscan.model.template import FormTemplate
from formscan.review.iso2859 import AQLS, Level, Severity
from ui.speech import Speech, says, source
from ui.viewmodels.trail import day_of
from ui.widgets.said import say_on

SCHEMES = ("bound", "iso")
STRATA = ("", "form", "field", "clerk")
MADE = ("", "taken", "other")
MADE_NAMES = (source("All"), source("Taken over from a doubtful reading"), source("All others"))
"""Lots by how values came about."""


class SampleForm(QWidget):
    """Lets the supervisor say what to draw.

    Args:
        speech: For titles.
        parent: Qt parent.
    """

    ordered = Signal(object)
    """A ``SampleOrder``."""

    def __init__(self, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._speech = speech
        self.scheme, self.level, self.severity = QComboBox(self), QComboBox(self), QComboBox(self)
        self.aql, self.form, self.clerk, self.made, self.strata = (QComboBox(self) for _ in range(5))
        self.bound, self.allowed, self.seed = QDoubleSpinBox(self), QSpinBox(self), QSpinBox(self)
        self.since, self.until = QLineEdit(self), QLineEdit(self)
        self.draw = QPushButton(self)
        self._names: list[tuple[QLabel, QWidget, str]] = []
        self._build()
        self.retranslate()
        self._show_scheme()

    def _build(self) -> None:
        rows = QFormLayout()
        rows.setHorizontalSpacing(14)
        rows.setVerticalSpacing(7)
        self.bound.setRange(0.01, 50.0)
        self.bound.setDecimals(2)
        self.bound.setSingleStep(0.1)
        self.bound.setValue(1.0)
        self.bound.setSuffix(" %")
        self.allowed.setRange(0, 50)
        self.seed.setRange(0, 2**31 - 1)
        self.seed.setValue(secrets.randbelow(10**6))
        for place, aql in enumerate(AQLS):
            self.aql.addItem(f"{aql:g}", aql)
            if aql == 1.0:
                self.aql.setCurrentIndex(place)
        parts = (
            (source("Scheme"), self.scheme),
            (source("At most this share is wrong"), self.bound),
            (source("Findings allowed"), self.allowed),
            (source("Inspection level"), self.level),
            (source("AQL"), self.aql),
            (source("Inspection"), self.severity),
            (source("Form"), self.form),
            (source("Clerk"), self.clerk),
            (source("From dd/mm/yyyy"), self.since),
            (source("To dd/mm/yyyy"), self.until),
            (source("How values came about"), self.made),
            (source("Drawn in shares by"), self.strata),
            (source("Seed"), self.seed),
        )
        for name, part in parts:
            label = QLabel(self)
            label.setObjectName("muted")
            rows.addRow(label, part)
            self._names.append((label, part, name))
        self.draw.setObjectName("primary")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(12)
        whole.addLayout(rows)
        whole.addWidget(self.draw)
        whole.addStretch(1)
        self.scheme.currentIndexChanged.connect(self._show_scheme)
        self.draw.clicked.connect(lambda: self.ordered.emit(self.order()))

    def retranslate(self) -> None:
        """The language changed."""
        for label, part, name in self._names:
            say_on(label, name)
            part.setAccessibleName(says(name))
        self._fill(self.scheme, [(says(name), key) for key, name in zip(SCHEMES, _SCHEMES, strict=True)])
        self._fill(self.level, [(level.value, level.value) for level in Level], "II")
        self._fill(self.severity, [(says(name), severity.value) for severity, name in _SEVERITIES])
        names = (source("The whole lot"), source("Form"), source("Field"), source("Clerk"))
        self._fill(self.strata, [(says(name), key) for key, name in zip(STRATA, names, strict=True)])
        self._fill(self.made, [(says(name), key) for key, name in zip(MADE, MADE_NAMES, strict=True)])
        self.draw.setText(says("Draw the sample (F9)"))
        self.draw.setAccessibleName(says("Draw the sample"))

    def offer(self, forms: Sequence[FormTemplate], people: Sequence[Person]) -> None:
        """Forms and clerks to choose from."""
        everything = says("Everything")
        titles = [(f"{form.code}  {self._speech.title(form)}", form.id) for form in forms]
        self._fill(self.form, [(everything, ""), *titles])
        self._fill(self.clerk, [(everything, ""), *((person.name, person.id) for person in people)])

    def order(self) -> SampleOrder:
        """What is wanted now."""
        return SampleOrder(
            scheme=str(self.scheme.currentData()),
            bound=round(self.bound.value() / 100, 6),
            allowed=self.allowed.value(),
            level=str(self.level.currentData()),
            aql=float(self.aql.currentData()),
            severity=str(self.severity.currentData()),
            form_id=str(self.form.currentData() or ""),
            clerk=str(self.clerk.currentData() or ""),
            since=day_of(self.since.text()),
            until=day_of(self.until.text(), end=True),
            made=str(self.made.currentData() or ""),
            stratify=str(self.strata.currentData() or ""),
            seed=self.seed.value(),
        )

    def _show_scheme(self) -> None:
        by_plan = self.scheme.currentData() == "iso"
        for label, part, _ in self._names:
            if part in {self.level, self.aql, self.severity}:
                label.setVisible(by_plan)
                part.setVisible(by_plan)
            elif part in {self.bound, self.allowed}:
                label.setVisible(not by_plan)
                part.setVisible(not by_plan)

    @staticmethod
    def _fill(box: QComboBox, items: Sequence[tuple[str, str]], first: str = "") -> None:
        chosen = box.currentData() if box.count() else first
        box.blockSignals(True)
        box.clear()
        for text, key in items:
            box.addItem(text, key)
        box.setCurrentIndex(max(0, box.findData(chosen)))
        box.blockSignals(False)


_SEVERITIES = (
    (Severity.NORMAL, source("Normal")),
    (Severity.TIGHTENED, source("Tightened")),
    (Severity.REDUCED, source("Reduced")),
)
_SCHEMES = (source("A bound at 95 %"), source("Plan of ISO 2859-1"))
