"""The place of work: the picture of the field, its editor right below, and the reasons for doubt."""

from __future__ import annotations

import html
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from formscan.model.reading import FieldState, Flag, Severity
from formscan.review.choices import MOST, WORTH_A_KEY
from ui.actions import BY_ID, STATES, spelled
from ui.items.page_picture import PagePicture, Stance
from ui.messages import Told
from ui.speech import Speech, says
from ui.theme import Theme
from ui.viewmodels.answers import Choice, alternatives, lit_boxes, word_after
from ui.viewmodels.field_list import mark_of
from ui.viewmodels.mirror import Slot
from ui.viewmodels.naming import sureness
from ui.viewmodels.review import ReviewModel
from ui.viewmodels.typed import Asked
from ui.widgets.announce import announce
from ui.widgets.crop_view import CropView
from ui.widgets.editors import AnswerEditor
from ui.widgets.flow import FlowLayout
from ui.widgets.keys import KeyFilter

TONES: Final = {Severity.HARD: "bad", Severity.SOFT: "warn", Severity.INFO: "info"}
SIGNS: Final = {Severity.HARD: "■", Severity.SOFT: "▲", Severity.INFO: "●"}
MOST_FLAGS: Final = 3
LONGEST_CHOICE: Final = 48
COMMANDS: Final = ("blanks", "release")


class WorkPanel(QWidget):
    """Shows the current field of a review and takes its answer.

    Args:
        review: The draft.
        speech: Sentences and labels.
        theme: Colours.
        parent: Qt parent.
    """

    operated = Signal(str)
    """A button of an operation was pressed."""

    def __init__(
        self, review: ReviewModel, speech: Speech, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("workPanel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._review, self._speech, self._theme = review, speech, theme
        self._flags: tuple[Flag, ...] = ()
        self._asked: Told | None = None
        self.keys = KeyFilter(self)
        self.title, self.place, self.state = QLabel(self), QLabel(self), QLabel(self)
        self.crop = CropView(theme, self)
        self.editor = AnswerEditor(self.keys, speech, self)
        self.doubts = QLabel(self)
        self.chips = [self._chip(place) for place in range(1, MOST + 1)]
        self.buttons = {name: self._button(name) for name in (*STATES, *COMMANDS, "accept")}
        self._build()
        self.retranslate()
        review.typing_checked.connect(self._show_typing)
        review.choices_changed.connect(self._show_chips)
        review.text_offered.connect(self.editor.offer)
        review.word_asked.connect(self._ask_word)
        self.editor.edited.connect(self._forget_word)
        self.editor.edited.connect(review.typed)
        self.keys.pressed.connect(self.operated)

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        self.title.setObjectName("fieldTitle")
        self.place.setObjectName("muted")
        self.state.setObjectName("chip")
        self.doubts.setWordWrap(True)
        self.doubts.setTextFormat(Qt.TextFormat.RichText)
        self.doubts.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.doubts.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.title)
        head.addWidget(self.place, 1)
        head.addWidget(self.state)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(14, 8, 14, 8)
        whole.setSpacing(7)
        whole.addLayout(head)
        whole.addWidget(self.crop)
        whole.addLayout(self._answer_row())
        whole.addLayout(self._button_row())

    def _answer_row(self) -> QHBoxLayout:
        chips = QWidget(self)
        flow = FlowLayout(chips, gap=6)
        flow.setContentsMargins(0, 0, 0, 0)
        for chip in self.chips:
            flow.addWidget(chip)
        side = QVBoxLayout()
        side.setSpacing(4)
        side.addWidget(self.doubts, 1)
        side.addWidget(chips)
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(self.editor, 3, Qt.AlignmentFlag.AlignTop)
        row.addLayout(side, 2)
        return row

    def _button_row(self) -> QHBoxLayout:
        states = QWidget(self)
        flow = FlowLayout(states, gap=6)
        flow.setContentsMargins(0, 0, 0, 0)
        for name in STATES:
            flow.addWidget(self.buttons[name])
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(states, 1, Qt.AlignmentFlag.AlignTop)
        for name in (*COMMANDS, "accept"):
            row.addWidget(self.buttons[name], 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _button(self, name: str) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName("primary" if name == "accept" else "command")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.operated.emit(name))
        return button

    def _chip(self, place: int) -> QPushButton:
        chip = QPushButton(self)
        chip.setObjectName("reading")
        chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        chip.clicked.connect(lambda: self.operated.emit(f"take_{place}"))
        chip.hide()
        return chip

    def retranslate(self) -> None:
        """The language changed."""
        short = {"blanks": "Blanks …", "release": "Release", "accept": "Confirm"}
        for name, button in self.buttons.items():
            operation = BY_ID[name]
            button.setText(f"{says(short.get(name, operation.text))}  {spelled(operation.keys[0])}")
            button.setAccessibleName(says(operation.text))
            button.setToolTip(f"{says(operation.text)} ({', '.join(map(spelled, operation.keys))})")
        self.crop.setAccessibleName(says("Picture of the field"))
        if self._review.ready:
            self.show_slot(self._review.slot)

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._theme = theme
        self.crop.set_theme(theme)
        self._show_flags(self._flags)

    # -- showing -------------------------------------------------------------------------------

    def show_field(self, picture: PagePicture | None, stance: Stance | None) -> None:
        """Show the current field with an editor that begins anew."""
        slot = self._review.slot
        self._asked = None
        self.show_picture(picture, stance)
        label = self._label(slot)
        self.editor.setAccessibleName(label)
        self.editor.load(slot.spec, self._review.text_of(slot.spec.id), self._hint(slot))
        self.show_slot(slot)

    def show_picture(self, picture: PagePicture | None, stance: Stance | None) -> None:
        """Show the picture of the current field, once it is there."""
        slot = self._review.slot
        self.crop.show_field(picture, stance, slot.proposal.page_box, lit_boxes(slot))

    def show_slot(self, slot: Slot) -> None:
        """Show what is known about the field; the editor is left alone."""
        form = self._review.mirror.form
        sections = {section.id: self._speech.label(section) for section in form.sections}
        self.title.setText(self._label(slot))
        where = self.tr("Page {page}").format(page=slot.spec.page)
        self.place.setText(" · ".join(part for part in (sections.get(slot.spec.section, ""), where) if part))
        mark = mark_of(slot)
        self.state.setText(self._state(slot, mark))
        self.state.setProperty("mark", mark)
        self.state.style().unpolish(self.state)
        self.state.style().polish(self.state)
        for label in (self.title, self.place, self.state):
            label.setAccessibleName(label.text())
        self._show_chips()
        self._show_flags(self._review.flags_of(slot.spec.id, self.editor.text()))

    def focus(self) -> None:
        """Let the person type."""
        self.editor.active.setFocus(Qt.FocusReason.OtherFocusReason)

    def choose_word(self) -> None:
        """Choose the next word in the editor that may be wrong; what is typed then takes its place."""
        if self._review.ready:
            self.focus()
            self.editor.choose_word(partial(word_after, self._review.slot))

    def _ask_word(self, asked: object) -> None:
        """Enter does not count yet: choose what is compared or typed, say so, let a screen reader say so."""
        if not isinstance(asked, Asked):
            return
        self.focus()
        self.editor.choose(*asked.span)
        word = self.editor.text()[slice(*asked.span)].replace("\n", " ")
        if asked.to_type:
            say = self.tr("Type this word from the paper, {left} left.").format(left=asked.left)
            self._asked = Told(say, self.tr("It was not read surely enough; Delete if nothing is there."))
        else:
            say = self.tr("Compare: “{word}”, {left} left.").format(word=word, left=asked.left)
            self._asked = Told(say, self.tr("Enter if the paper says so, else type it anew."))
        self._show_flags(self._flags)
        announce(self.editor.active, self._asked.whole)

    def _forget_word(self) -> None:
        if self._asked is not None:
            self._asked = None
            self._show_flags(self._flags)

    def _label(self, slot: Slot) -> str:
        label = self._speech.label(slot.spec)
        return f"{label} ({slot.spec.unit})" if slot.spec.unit else label

    def _hint(self, slot: Slot) -> str:
        if slot.value.state is FieldState.UNVERIFIED:
            return self.tr("Not read – type what is written")
        if slot.value.state is not FieldState.VALUE:
            state = self._speech.messages.state(slot.value.state)
            return self.tr("{state} – Enter confirms").format(state=state) if slot.open else state
        return ""

    def _state(self, slot: Slot, mark: str) -> str:
        said = self._speech.messages.told(f"mark.{mark}").say
        if mark == "stated":
            said = self._speech.messages.state(slot.value.state)
        return self.tr("{state} – saving").format(state=said) if slot.pending else said

    def _show_chips(self) -> None:
        found = self._review.choices() if self._review.ready else ()
        for place, chip in enumerate(self.chips):
            chip.setVisible(place < len(found))
            if place < len(found):
                self._show_choice(chip, place + 1, found[place])

    def _show_choice(self, chip: QPushButton, n: int, choice: Choice) -> None:
        text = choice.shown.replace("\n", " ⏎ ")
        short = text if len(text) <= LONGEST_CHOICE else f"{text[:LONGEST_CHOICE]} …"
        sure = ""
        if choice.confidence is not None and choice.confidence >= WORTH_A_KEY:
            sure = f"  {sureness(choice.confidence)}"
        chip.setText(f"Alt+{n}  {short.replace('&', '&&')}{sure}")
        said = (
            self.tr("Suggestion {n}: {text}") if choice.confidence is None else self.tr("Reading {n}: {text}")
        )
        chip.setAccessibleName(said.format(n=n, text=text))

    def _show_typing(self, field_id: str, flags: object) -> None:
        if field_id == self._review.current and isinstance(flags, tuple):
            self._show_flags(flags)

    def _show_flags(self, flags: tuple[Flag, ...]) -> None:
        self._flags = flags
        if not self._review.ready:
            return
        form, slot = self._review.mirror.form, self._review.slot
        names = {spec.id: self._speech.label(spec) for spec in form.fields} if flags else {}
        ordered = sorted(flags, key=lambda flag: list(TONES).index(flag.severity))
        lines, plain = [], []
        if self._asked is not None:
            lines.append(self._line(self._asked, Severity.SOFT))
            plain.append(self._asked.whole)
        for flag in ordered[:MOST_FLAGS]:
            told = self._speech.messages.flag(flag, lambda field_id: names.get(field_id, field_id))
            lines.append(self._line(told, flag.severity))
            plain.append(told.whole)
        if not lines:
            plain.append(self._how_sure(slot))
            colour = self._theme.colours["muted"]
            lines.append(f'<span style="color:{colour}">{html.escape(plain[0])}</span>')
        self.doubts.setText("<br>".join(lines))
        self.doubts.setAccessibleName(" ".join(plain))

    def _line(self, told: Told, severity: Severity) -> str:
        colour, sign = self._theme.colours[TONES[severity]], SIGNS[severity]
        say = f'<span style="color:{colour}"><b>{sign} {html.escape(told.say)}</b></span>'
        return f"{say} {html.escape(told.do)}"

    def _how_sure(self, slot: Slot) -> str:
        if not slot.proposal.readings or slot.proposal.value.state is FieldState.UNVERIFIED:
            if alternatives(slot):
                return self.tr("Not read surely; what was read is under Alt+1.")
            return self.tr("No reading to compare.")
        engines = ", ".join(sorted({reading.engine for reading in slot.proposal.readings}))
        sure = sureness(slot.proposal.confidence)
        return self.tr("Read by {engines}, {sure} sure.").format(sure=sure, engines=engines)
