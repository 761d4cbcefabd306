"""The window: inbox, review and desks, one at a time, with menus for everything that has a key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QMenu, QStackedWidget, QWidget

from formscan.model.record import EmrEntry
from ui.actions import MENUS, OPERATIONS, Operation, Place, plain, spelled
from ui.desk import Desk, DeskParts
from ui.desks import all_desks
from ui.messages import Told
from ui.speech import LANGUAGES, Speech, says
from ui.tasks import TaskRunner
from ui.theme import THEMES, Theme, base_font
from ui.typing.keys import VietnameseKeys
from ui.typing.methods import Method
from ui.typing.syllable import Placement
from ui.viewmodels.asking import Asking
from ui.viewmodels.backend import Backend
from ui.viewmodels.inbox import InboxModel
from ui.viewmodels.pictures import PictureShelf
from ui.viewmodels.review import ReviewModel
from ui.views.desk_view import DeskView
from ui.views.inbox_view import InboxView
from ui.views.keys_view import KeysView
from ui.views.question_talk import QuestionTalk
from ui.views.review_view import ReviewView

PIXEL_THREADS = 2
METHOD_NAMES = {Method.OFF: "Of the system", Method.TELEX: "Telex", Method.VNI: "VNI"}
PLACEMENT_NAMES = {Placement.OLD: "hòa, thủy (traditional)", Placement.NEW: "hoà, thuỷ (newer)"}
LANGUAGE_NAMES = {"vi": "Tiếng Việt", "en": "English"}
THEME_NAMES = {"light": "Light", "dark": "Dark", "contrast": "High contrast"}


class MainWindow(QMainWindow):
    """Puts the parts together; owns the threads and ends them.

    Args:
        backend: The core; its slow parts load in the database thread after the window is shown.
        speech: The language.
        resources: Folder of ``styles`` and ``icons``.
        theme: Name of the theme.
    """

    ended = Signal()
    """The threads have ended and the store is closed."""

    def __init__(self, backend: Backend, speech: Speech, resources: Path, theme: str = "light") -> None:
        super().__init__()
        self._backend, self._speech, self._resources = backend, speech, resources
        self._wanted = ""
        self._closing = False
        self.theme = Theme.load(resources / "styles", theme)
        self.database = TaskRunner(1, "formscan-database", self)
        self.pixels = TaskRunner(PIXEL_THREADS, "formscan-pixels", self)
        self.inbox = InboxModel(backend, self.database, self.pixels, speech, self)
        self.review = ReviewModel(backend, self.database, self.pixels, self)
        self.shelf = PictureShelf(backend, self.database, self.pixels, self)
        self.inbox_view = InboxView(self.inbox, speech, self.theme, self)
        self.review_view = ReviewView(self.review, self.shelf, speech, self.theme, self)
        self.asking = Asking(backend, self.database, self)
        self.questions = QuestionTalk(self.review, self.asking, self.review_view.banner, speech, self)
        self.keys_view = KeysView(self)
        self.desks = {desk.id: desk for desk in all_desks()}
        self.desk_views: dict[str, DeskView] = {}
        self.place: str = Place.INBOX
        self._before_keys: str = Place.INBOX
        self.typing = VietnameseKeys(self)
        self.pile = QStackedWidget(self)
        self.saved, self.typed = QLabel(self), QLabel(self)
        self._menus: dict[str, QMenu] = {}
        self._actions: dict[str, QAction] = {}
        self._build()
        self._connect()
        self.set_theme(theme)
        self._show_inbox()

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        for view in (self.inbox_view, self.review_view, self.keys_view):
            self.pile.addWidget(view)
        self.setCentralWidget(self.pile)
        self.resize(1366, 768)
        self.setMinimumSize(900, 600)
        for name in MENUS:
            self._menus[name] = self.menuBar().addMenu("")
        for desk in self.desks.values():
            self._add_desk(desk)
        for operation in self._operations():
            self._add_action(operation)
        self._add_choices("Language", LANGUAGES, self._speech.speak, self._speech.language)
        self._add_choices("Theme", THEMES, self.set_theme, self.theme.name)
        self._add_choices("Typing", tuple(Method), self._type_with, self.typing.method)
        self._add_choices("Tone marks", tuple(Placement), self._place_tones, self.typing.placement)
        self.statusBar().addPermanentWidget(self.typed)
        self.statusBar().addPermanentWidget(self.saved)
        self.statusBar().setSizeGripEnabled(False)
        self.retranslate()

    def _operations(self) -> tuple[Operation, ...]:
        return (*OPERATIONS, *(operation for desk in self.desks.values() for operation in desk.operations))

    def _add_desk(self, desk: Desk) -> None:
        action = QAction(self)
        action.setShortcuts([QKeySequence(keys) for keys in desk.keys])
        action.setAutoRepeat(False)
        action.triggered.connect(lambda: self.show_desk(desk.id))
        self._actions[f"desk.{desk.id}"] = action
        self._menus["Desks"].addAction(action)

    def _add_action(self, operation: Operation) -> None:
        action = QAction(self)
        action.setShortcuts([QKeySequence(keys) for keys in operation.keys if not plain(keys)])
        action.setAutoRepeat(operation.repeats)
        action.triggered.connect(lambda: self.perform(operation.id))
        self._actions[f"{operation.place}.{operation.id}"] = action
        if operation.menu:
            self._menus[operation.menu].addAction(action)
        else:
            self.addAction(action)

    def _add_choices(
        self, name: str, values: tuple[str, ...], choose: Callable[[str], None], now: str
    ) -> None:
        menu = self._menus["View"].addMenu("")
        self._menus[name] = menu
        group = QActionGroup(self)
        for value in values:
            action = QAction(self)
            action.setCheckable(True)
            action.setChecked(value == now)
            action.triggered.connect(lambda _checked, chosen=value: choose(chosen))
            group.addAction(action)
            menu.addAction(action)
            self._actions[f"{name}.{value}"] = action

    def _connect(self) -> None:
        self.typing.method_changed.connect(self._show_typing)
        self.inbox_view.chosen.connect(self.open_draft)
        self.review_view.left.connect(self._leave_review)
        self.review_view.finished.connect(self._finish)
        self.keys_view.left.connect(self._leave_keys)
        self.review.opened.connect(self._show_review)
        self.review.open_failed.connect(self._fail_open)
        self.review.field_changed.connect(self._show_saved)
        self.review.saved.connect(self._show_saved)
        self.review.write_failed.connect(self._show_saved)
        self.inbox.loaded.connect(self.offer_desks)
        self.inbox.import_began.connect(self._watch_import)
        self.inbox.import_ended.connect(self._end_import)
        self.inbox.import_failed.connect(self._end_import)
        for runner in (self.database, self.pixels):
            runner.crashed.connect(self._tell_crash)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - as Qt calls it
        """Speak the new language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """The language changed."""
        self.setWindowTitle(self.tr("FormScan – review of scanned forms"))
        for name in (*MENUS, "Language", "Theme", "Typing", "Tone marks"):
            self._menus[name].setTitle(says(name))
        for operation in self._operations():
            self._actions[f"{operation.place}.{operation.id}"].setText(_menu_text(operation))
        for desk in self.desks.values():
            self._actions[f"desk.{desk.id}"].setText(says(desk.title))
        for language in LANGUAGES:
            self._actions[f"Language.{language}"].setText(LANGUAGE_NAMES[language])
        for theme in THEMES:
            self._actions[f"Theme.{theme}"].setText(says(THEME_NAMES[theme]))
        for method in Method:
            self._actions[f"Typing.{method}"].setText(says(METHOD_NAMES[method]))
        for placement in Placement:
            self._actions[f"Tone marks.{placement}"].setText(says(PLACEMENT_NAMES[placement]))
        self._show_typing()
        self.menuBar().setAccessibleName(self.tr("Menu"))
        self.statusBar().setAccessibleName(self.tr("Status"))
        self._show_saved()

    def set_theme(self, name: str) -> None:
        """Change the colours."""
        self.theme = Theme.load(self._resources / "styles", name)
        dress(self.theme)
        for view in (self.inbox_view, self.review_view, self.keys_view):
            view.set_theme(self.theme)
        for desk_view in self.desk_views.values():
            desk_view.set_theme(self.theme)
        self._actions[f"Theme.{name}"].setChecked(True)

    def _type_with(self, name: str) -> None:
        self.typing.set_method(Method(name))

    def _place_tones(self, name: str) -> None:
        self.typing.placement = Placement(name)

    def _show_typing(self, *_method: object) -> None:
        method = self.typing.method
        self._actions[f"Typing.{method}"].setChecked(True)
        told = self.tr("Typing: {method} (F11)").format(method=says(METHOD_NAMES[method]))
        self.typed.setText(told)
        self.typed.setAccessibleName(told)

    # -- what the person does ------------------------------------------------------------------

    def start(self, draft_id: str = "") -> None:
        """Load the drafts; open one at once if its id is given."""
        self._wanted = draft_id
        self.inbox.load()
        if draft_id:
            self.open_draft(draft_id)

    def perform(self, operation: str) -> None:
        """Do one of ``ui.actions.OPERATIONS`` wherever the person is."""
        everywhere: dict[str, Callable[[], object]] = {
            "quit": self.close,
            "keys": self._show_keys,
            "leave_desk": self._leave_desk,
            "typing": self.typing.turn,
            "digitise_files": self.inbox_view.ask_files,
            "digitise_folder": self.inbox_view.ask_folder,
        }
        if operation in everywhere:
            everywhere[operation]()
        elif self.place == Place.REVIEW and operation == "ask":
            self.questions.ask()
        elif self.place == Place.REVIEW:
            self.review_view.perform(operation)
        elif self.place == Place.INBOX:
            self.inbox_view.perform(operation)
        elif self.place in self.desk_views:
            self.desk_views[self.place].perform(operation)

    def open_draft(self, draft_id: str) -> None:
        """Begin or resume the review of a draft."""
        self.review.open(draft_id)

    # -- one at a time -------------------------------------------------------------------------

    def _turn_to(self, place: str, view: QWidget) -> None:
        """Show a view and offer what can be done there."""
        self.place = place
        desk = self.desks.get(place)
        here = {place} if desk is None else {place, Place.DESK}
        locked = desk is not None and desk.locked
        for operation in self._operations():
            offered = operation.place in here or (operation.place == Place.ANYWHERE and not locked)
            offered = offered or operation.id == "quit"
            self._actions[f"{operation.place}.{operation.id}"].setEnabled(offered)
        self._actions[f"{Place.DESK}.leave_desk"].setEnabled(desk is not None and not locked)
        self.offer_desks()
        self.pile.setCurrentWidget(view)
        self._show_saved()

    def offer_desks(self) -> None:
        """Offer the desks the person may open; to be called when somebody else sits down."""
        here = self.desks.get(self.place)
        locked = here is not None and here.locked
        for desk in self.desks.values():
            offered = desk.open_to(self._backend.person)
            self._actions[f"desk.{desk.id}"].setVisible(offered)
            self._actions[f"desk.{desk.id}"].setEnabled(offered and not locked)
        self._menus["Desks"].menuAction().setVisible(
            any(d.open_to(self._backend.person) for d in self.desks.values())
        )

    def show_desk(self, desk_id: str) -> None:
        """Show a desk, or the inbox by its id; a draft under review stays open behind it.

        Raises:
            KeyError: If there is no such desk.
        """
        if desk_id == Place.INBOX:
            self._leave_review()
            return
        desk = self.desks[desk_id]
        if not desk.open_to(self._backend.person):
            self.statusBar().showMessage(self.tr("This desk is not open to you."))
            return
        view = self.desk_views.get(desk_id) or self._make_desk(desk)
        self._turn_to(desk_id, view)
        view.focus()

    def _make_desk(self, desk: Desk) -> DeskView:
        view = desk.make(
            DeskParts(
                self._backend,
                self.database,
                self.pixels,
                self.shelf,
                self._speech,
                self.theme,
                self._resources,
                self.show_desk,
                self.open_draft,
                self.offer_desks,
            )
        )
        self.desk_views[desk.id] = view
        self.pile.addWidget(view)
        view.left.connect(self._leave_desk)
        return view

    def _leave_desk(self) -> None:
        """Back to the draft that is open, else to the inbox."""
        if self.review.ready:
            self._show_review()
        else:
            self.inbox.load()
            self._show_inbox()

    def _show_inbox(self) -> None:
        self._turn_to(Place.INBOX, self.inbox_view)
        self.inbox_view.focus()

    def _show_review(self) -> None:
        self._turn_to(Place.REVIEW, self.review_view)
        self.review_view.panel.focus()

    def _show_keys(self) -> None:
        if self.pile.currentWidget() is self.keys_view:
            return
        self._before_keys = self.place
        desk = self.desks.get(self.place)
        self.keys_view.show_operations(None if desk is None else desk.operations)
        self._turn_to(Place.ANYWHERE, self.keys_view)
        self.keys_view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _leave_keys(self) -> None:
        if self._before_keys in self.desks:
            self.show_desk(self._before_keys)
        elif self.review.ready:
            self._show_review()
        else:
            self._show_inbox()

    def _leave_review(self) -> None:
        self.review.close()
        self.inbox.load()
        self._show_inbox()

    def _finish(self, entry: object) -> None:
        self._leave_review()
        if isinstance(entry, EmrEntry):
            said = self.tr("The entry is released. {fields} fields, version {version}.")
            do = self.tr("Enter opens the next draft.")
            self.inbox_view.banner.tell(
                Told(said.format(fields=len(entry.fields), version=entry.version), do), "ok"
            )

    def _fail_open(self, error: object) -> None:
        self.review.close()
        self._show_inbox()
        if isinstance(error, Exception):
            self.inbox_view.banner.tell(self._speech.messages.error(error), "bad")

    # -- what is under way ---------------------------------------------------------------------

    def _show_saved(self, *_facts: object) -> None:
        person = self._backend.person.name
        if self.place != Place.REVIEW:
            self.saved.setText(person)
        elif self.review.unwritten:
            self.saved.setText(self.tr("Not everything is saved") + f"  ·  {person}")
        elif self.review.pending:
            self.saved.setText(self.tr("Saving …") + f"  ·  {person}")
        else:
            self.saved.setText(self.tr("Everything is saved") + f"  ·  {person}")
        self.saved.setAccessibleName(self.saved.text())

    def _watch_import(self) -> None:
        self.statusBar().showMessage(self.tr("Files are being taken in beside the review …"))

    def _end_import(self, _report: object) -> None:
        self.statusBar().clearMessage()
        if self._closing:
            QTimer.singleShot(0, self.close)

    def _tell_crash(self, error: object) -> None:
        if isinstance(error, Exception):
            told = self._speech.messages.error(error)
            desk = self.desk_views.get(self.place)
            if desk is None:
                review = self.place == Place.REVIEW
                (self.review_view if review else self.inbox_view).banner.tell(told, "bad")
            elif not desk.tell(told, "bad"):
                self.statusBar().showMessage(told.whole)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - as Qt calls it
        """Write what was decided, stop what is being read, end the threads; then go."""
        if self.inbox.importing:
            self._closing = True
            self.inbox.stop_import()
            self.statusBar().showMessage(self.tr("Closing after the page that is being read …"))
            event.ignore()
            return
        for desk_id, view in self.desk_views.items():
            why = view.unsaved()
            if why is not None:
                self.show_desk(desk_id)
                self.statusBar().showMessage(why.whole)
                event.ignore()
                return
        self.typing.let_go()
        for view in self.desk_views.values():
            view.end()
        self.review.close()
        self.pixels.shut_down(drop_waiting=True)
        self.database.run(self._backend.close)
        self.database.shut_down()
        event.accept()
        self.ended.emit()


def new_application(arguments: list[str]) -> QApplication:
    """The application object with the look all themes build on."""
    application = QApplication(arguments)
    application.setApplicationName("FormScan")
    application.setStyle("Fusion")
    application.setFont(base_font())
    return application


def dress(theme: Theme) -> None:
    """Give the application the colours of a theme; quick before there are widgets."""
    application = QApplication.instance()
    if isinstance(application, QApplication) and application.styleSheet() != theme.sheet:
        application.setPalette(theme.palette())
        application.setStyleSheet(theme.sheet)


def _menu_text(operation: Operation) -> str:
    """Its name, with the key where Qt does not add it by itself."""
    name = says(operation.text)
    return f"{name}\t{spelled(operation.keys[0])}" if plain(operation.keys[0]) else name
