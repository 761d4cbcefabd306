"""The window: inbox and review, one at a time, with menus for everything that has a key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QMenu, QStackedWidget

from formscan.model.record import EmrEntry
from ui.actions import MENUS, OPERATIONS, Operation, Place, plain, spelled
from ui.messages import Told
from ui.speech import LANGUAGES, Speech, says
from ui.tasks import TaskRunner
from ui.theme import THEMES, Theme, base_font
from ui.viewmodels.backend import Backend
from ui.viewmodels.inbox import InboxModel
from ui.viewmodels.pictures import PictureShelf
from ui.viewmodels.review import ReviewModel
from ui.views.inbox_view import InboxView
from ui.views.keys_view import KeysView
from ui.views.review_view import ReviewView

PIXEL_THREADS = 2
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
        self.keys_view = KeysView(self)
        self.pile = QStackedWidget(self)
        self.saved = QLabel(self)
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
        for operation in OPERATIONS:
            self._add_action(operation)
        self._add_choices("Language", LANGUAGES, self._speech.speak, self._speech.language)
        self._add_choices("Theme", THEMES, self.set_theme, self.theme.name)
        self.statusBar().addPermanentWidget(self.saved)
        self.statusBar().setSizeGripEnabled(False)
        self.retranslate()

    def _add_action(self, operation: Operation) -> None:
        action = QAction(self)
        action.setShortcuts([QKeySequence(keys) for keys in operation.keys if not plain(keys)])
        action.setAutoRepeat(operation.repeats)
        action.triggered.connect(lambda: self.perform(operation.id))
        self._actions[operation.id] = action
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
        self.inbox_view.chosen.connect(self.open_draft)
        self.review_view.left.connect(self._leave_review)
        self.review_view.finished.connect(self._finish)
        self.keys_view.left.connect(self._leave_keys)
        self.review.opened.connect(self._show_review)
        self.review.open_failed.connect(self._fail_open)
        self.review.field_changed.connect(self._show_saved)
        self.review.saved.connect(self._show_saved)
        self.review.write_failed.connect(self._show_saved)
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
        for name in (*MENUS, "Language", "Theme"):
            self._menus[name].setTitle(says(name))
        for operation in OPERATIONS:
            self._actions[operation.id].setText(_menu_text(operation))
        for language in LANGUAGES:
            self._actions[f"Language.{language}"].setText(LANGUAGE_NAMES[language])
        for theme in THEMES:
            self._actions[f"Theme.{theme}"].setText(says(THEME_NAMES[theme]))
        self.menuBar().setAccessibleName(self.tr("Menu"))
        self.statusBar().setAccessibleName(self.tr("Status"))
        self._show_saved()

    def set_theme(self, name: str) -> None:
        """Change the colours."""
        self.theme = Theme.load(self._resources / "styles", name)
        dress(self.theme)
        for view in (self.inbox_view, self.review_view, self.keys_view):
            view.set_theme(self.theme)
        self._actions[f"Theme.{name}"].setChecked(True)

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
            "digitise_files": self.inbox_view.ask_files,
            "digitise_folder": self.inbox_view.ask_folder,
        }
        if operation in everywhere:
            everywhere[operation]()
        elif self.pile.currentWidget() is self.review_view:
            self.review_view.perform(operation)
        elif self.pile.currentWidget() is self.inbox_view:
            self.inbox_view.perform(operation)

    def open_draft(self, draft_id: str) -> None:
        """Begin or resume the review of a draft."""
        self.review.open(draft_id)

    def _enable(self, place: Place) -> None:
        for operation in OPERATIONS:
            self._actions[operation.id].setEnabled(operation.place in {Place.ANYWHERE, place})

    def _show_inbox(self) -> None:
        self._enable(Place.INBOX)
        self.pile.setCurrentWidget(self.inbox_view)
        self.inbox_view.focus()
        self._show_saved()

    def _show_review(self) -> None:
        self._enable(Place.REVIEW)
        self.pile.setCurrentWidget(self.review_view)
        self.review_view.panel.focus()
        self._show_saved()

    def _show_keys(self) -> None:
        self._enable(Place.ANYWHERE)
        self.pile.setCurrentWidget(self.keys_view)
        self.keys_view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _leave_keys(self) -> None:
        if self.review.ready:
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
        if self.pile.currentWidget() is not self.review_view:
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
            view = self.pile.currentWidget()
            banner = self.review_view.banner if view is self.review_view else self.inbox_view.banner
            banner.tell(told, "bad")

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - as Qt calls it
        """Write what was decided, stop what is being read, end the threads; then go."""
        if self.inbox.importing:
            self._closing = True
            self.inbox.stop_import()
            self.statusBar().showMessage(self.tr("Closing after the page that is being read …"))
            event.ignore()
            return
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
