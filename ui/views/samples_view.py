"""Samples: drawing, looking at each field, and what the lot is worth."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from formscan.model.reading import FieldState
from formscan.model.supervision import Judgement, LotVerdict
from ui.actions import STATES
from ui.desk import DeskParts
from ui.messages import Told
from ui.speech import says, source
from ui.theme import Theme
from ui.viewmodels.samples import SamplesModel
from ui.viewmodels.supervising import supervising
from ui.views.list_desk import ListDesk
from ui.widgets.field_look import FieldLook
from ui.widgets.sample_form import SampleForm

WIDTHS = (146, 110, 160, 60, 60, 70, 90)


class SamplesView(ListDesk):
    """Builds, connects and shows; what happens is decided in ``SamplesModel``.

    The inspector keys what the paper says without seeing what was released; one key shows it, another says
    that it is right.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        super().__init__(parts)
        self.model = SamplesModel(supervising(parts.backend), parts.database, parts.speech, self)
        self.table = self.table_of(self.model.table, WIDTHS)
        self.form = SampleForm(parts.speech, self)
        self.look = FieldLook(parts.shelf, parts.theme, self)
        self.progress, self.moved = QProgressBar(self), QLabel(self)
        self.released, self.report = QLabel(self), QLabel(self)
        self.text, self.reason = QLineEdit(self), QLineEdit(self)
        self.buttons = {name: QPushButton(self) for name in ("right", "show", *STATES)}
        self.pile = QStackedWidget(self)
        self._revealed = False
        self._text_to_repair: str | None = None
        self._state_to_repair: FieldState | None = None
        self._build()
        self._connect()
        self.retranslate()

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        room = QScrollArea(self)
        room.setWidgetResizable(True)
        room.setFrameShape(QScrollArea.Shape.NoFrame)
        room.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        room.setWidget(self.form)
        self.pile.addWidget(room)
        self.pile.addWidget(self._inspection())
        self.body.addWidget(self.table, 5)
        self.body.addWidget(self.pile, 4)

    def _inspection(self) -> QWidget:
        side = QWidget(self)
        beside = QVBoxLayout(side)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(10)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.moved.setObjectName("muted")
        self.report.setObjectName("say")
        self.report.setWordWrap(True)
        self.text.setObjectName("answer")
        for part in (self.moved, self.progress, self.look, self.released, self.text, self.reason):
            beside.addWidget(part)
        self.buttons["right"].setObjectName("primary")
        rows = (("right", "show"), STATES[:3], STATES[3:])
        for names in rows:
            row = QHBoxLayout()
            for name in names:
                row.addWidget(self.buttons[name])
            row.addStretch(1)
            beside.addLayout(row)
        self.report.setAlignment(Qt.AlignmentFlag.AlignTop)
        beside.addWidget(self.report, 1)
        return side

    def _connect(self) -> None:
        model = self.model
        model.loaded.connect(self._show_loaded)
        model.opened.connect(self._show_opened)
        model.field_shown.connect(self._show_field)
        model.judged.connect(self._tell_judged)
        model.closed.connect(self._tell_closed)
        model.failed.connect(self._tell_failed)
        self.form.ordered.connect(model.draw)
        self.text.returnPressed.connect(self._keyed)
        self.reason.returnPressed.connect(self._reasoned)
        self.buttons["right"].clicked.connect(self._right)
        self.buttons["show"].clicked.connect(self._reveal)
        for name in STATES:
            self.buttons[name].clicked.connect(lambda _checked=False, n=name: self._state(n))

    def retranslate(self) -> None:
        """The language changed."""
        super().retranslate()
        self.title.setText(self.tr("Samples"))
        self.form.retranslate()
        self.form.offer(self.model.forms, self.model.people)
        names = {"right": source("As released (F7)"), "show": source("Show what was released (F8)")}
        keys = dict(zip(STATES, ("F2", "F3", "F4", "F5", "F6"), strict=True))
        for name, button in self.buttons.items():
            text = (
                says(names[name])
                if name in names
                else f"{self._speech.messages.state(FieldState(name))} ({keys[name]})"
            )
            button.setText(text)
            button.setAccessibleName(text)
        self.text.setPlaceholderText(says("What the paper says"))
        self.text.setAccessibleName(says("What the paper says"))
        self.reason.setPlaceholderText(says("Why the record is repaired"))
        self.reason.setAccessibleName(says("Why the record is repaired"))
        self.progress.setAccessibleName(says("Fields looked at"))
        self.name_table(self.table, self.tr("Samples"))
        self.model.table.retranslate()
        self.model.fill()
        self._show_counts()
        self._show_field()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        super().set_theme(theme)
        self.look.set_theme(theme)

    # -- what the person does ------------------------------------------------------------------

    def focus(self) -> None:
        """Load and let the person work."""
        self.model.load()
        if self.model.state is None:
            self.form.scheme.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def perform(self, operation: str) -> None:
        """Do one of the desk's operations."""
        name = operation.removeprefix("sample_")
        if name == "draw":
            self._draw()
        elif name == "right":
            self._right()
        elif name == "show":
            self._reveal()
        elif name == "load":
            self.model.load()
        elif name in STATES:
            self._state(name)

    def entered(self, _table: QObject) -> None:
        """Enter goes on with a sample, or shows its report."""
        sample = self.model.table.item(self.table.currentIndex().row())
        if sample is not None:
            self.model.open(sample.id)

    def _draw(self) -> None:
        if self.model.state is not None:
            self.model.leave()
            self.form.scheme.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.model.draw(self.form.order())

    def _right(self) -> None:
        if self.model.field is not None:
            self.model.judge_right()

    def _reveal(self) -> None:
        self._revealed = True
        self._show_released()

    def _keyed(self) -> None:
        if self.text.text().strip():
            self._text_to_repair, self._state_to_repair = self.text.text(), None
            self.model.judge(self.text.text(), self.reason.text())

    def _state(self, name: str) -> None:
        if self.model.field is not None:
            self._text_to_repair, self._state_to_repair = None, FieldState(name)
            self.model.judge("", self.reason.text(), FieldState(name))

    def _reasoned(self) -> None:
        if self._state_to_repair is not None:
            self.model.judge("", self.reason.text(), self._state_to_repair)
        else:
            self._keyed()

    # -- what the model tells ------------------------------------------------------------------

    def _show_loaded(self) -> None:
        self.form.offer(self.model.forms, self.model.people)
        if not self.table.currentIndex().isValid():
            self.table.selectRow(0)
        self._show_counts()

    def _show_counts(self) -> None:
        number = self.model.naming.number
        told = self.tr("{count} samples").format(count=number(self.model.table.rowCount()))
        if self.model.taken:
            first = self.tr("{count} texts taken over from doubtful readings wait: draw them first")
            told = f"{told}  ·  {first.format(count=number(self.model.taken))}"
        self.show_counts(told)

    def _show_opened(self) -> None:
        state = self.model.state
        self.pile.setCurrentIndex(0 if state is None else 1)
        if state is None:
            return
        done, size = len(state.judgements), state.sample.size
        self.progress.setRange(0, size)
        self.progress.setValue(done)
        told = self.tr("{done} of {size} fields looked at, {findings} findings (Ac {accept}, Re {reject})")
        self.moved.setText(
            told.format(
                done=done, size=size, findings=state.findings, accept=state.sample.accept,
                reject=state.sample.reject,
            )
        )  # fmt: skip
        self.moved.setAccessibleName(self.moved.text())

    def _show_field(self) -> None:
        field, naming = self.model.field, self.model.naming
        self._revealed = False
        looking = field is not None
        for part in (self.text, self.reason, *self.buttons.values()):
            part.setVisible(looking)
        self.look.crop.setVisible(looking)
        self.released.setVisible(looking)
        self.reason.setVisible(False)
        self.text.clear()
        self.reason.clear()
        if field is not None:
            form = field.place.form_id
            title = f"{naming.field(form, field.place.field_id)}  ·  {naming.form(form)}"
            self.look.show_place(field.place, title)
            self.text.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.look.show_place(None, self.tr("All fields were looked at.") if self.model.state else "")
        self._show_released()
        self._show_report()

    def _show_released(self) -> None:
        field = self.model.field
        shown = "•••"
        if field is not None and self._revealed:
            place = field.place
            shown = self.model.naming.value(field.value, place.form_id, place.field_id)
        text = self.tr("Released: {value}").format(value=shown) if field is not None else ""
        self.released.setText(text)
        self.released.setAccessibleName(text or "–")

    def _show_report(self) -> None:
        state = self.model.state
        verdict = state.verdict if state is not None else None
        text = "" if verdict is None else self._report(verdict)
        self.report.setText(text)
        self.report.setAccessibleName(text or "–")

    def _report(self, verdict: LotVerdict) -> str:
        naming = self.model.naming
        told = self.tr(
            "{verdict}\n\nShare of wrong fields: {share}, exact 95 % interval {low} to {high}.\n"
            "In this lot at most {upper} are wrong, with 95 % confidence."
        )
        share = verdict.findings / verdict.inspected if verdict.inspected else 0.0
        return told.format(
            verdict=self.model.verdict_words(verdict), share=naming.share(share, 2),
            low=naming.share(verdict.low, 2), high=naming.share(verdict.high, 2),
            upper=naming.share(verdict.upper, 2),
        )  # fmt: skip

    def _tell_judged(self, judgement: object) -> None:
        if not isinstance(judgement, Judgement):
            return
        code = "sample.right" if judgement.right else "sample.repaired"
        facts = (("version", str(judgement.version or "–")),)
        self.banner.tell(self._speech.messages.told(code, facts), "ok" if judgement.right else "warn")

    def _tell_closed(self, verdict: object) -> None:
        if isinstance(verdict, LotVerdict):
            say = self.model.verdict_words(verdict)
            self.banner.tell(Told(say), "ok" if verdict.accepted else "bad")

    def _tell_failed(self, error: object) -> None:
        if getattr(error, "code", "") == "store.reason_needed":
            self.reason.setVisible(True)
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
            say = self.tr("That is not what was released. Say why the record is repaired.")
            self.banner.tell(Told(say), "warn")
        else:
            self.tell_error(error)
