"""The scanner: settings that meet the norm, a live preview, the sheets that are safe, what to do at stops."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from formscan.scanner.device import Halt, Intake, ScanSettings
from formscan.scanner.job import JobOrder
from ui.actions import spelled
from ui.desk import DeskParts
from ui.messages import Told
from ui.speech import says
from ui.theme import Theme
from ui.viewmodels.backend import Digitised
from ui.viewmodels.scanning import ScanModel
from ui.views.desk_view import DeskView
from ui.widgets.banner import Banner
from ui.widgets.flow import FlowLayout
from ui.widgets.page_sight import PageSight
from ui.widgets.said import tell_on

DPI: Final = (200, 300, 400, 600)
FIELDS: Final = ("device", "intake", "backs", "dpi", "sheets", "department")
BUTTONS: Final = ("scan_preview", "scan_start", "scan_go_on", "scan_finish", "scan_stop", "scan_read")


class ScanView(DeskView):
    """Builds, connects and shows; what happens is decided in ``ScanModel``.

    Args:
        scan: The scanner.
        parts: What the desk is made of.
    """

    def __init__(self, scan: ScanModel, parts: DeskParts) -> None:
        super().__init__()
        self._scan, self._speech, self._person = scan, parts.speech, parts.backend.person
        self._looked = False
        self.title, self.counts = QLabel(self), QLabel(self)
        self.banner = Banner(self)
        self.device, self.intake, self.dpi = QComboBox(self), QComboBox(self), QComboBox(self)
        self.sheets, self.department = QSpinBox(self), QLineEdit(self)
        self.backs = QComboBox(self)
        self.names = {
            name: QLabel(self) for name in ("device", "intake", "backs", "dpi", "sheets", "department")
        }
        self.norm = QLabel(self)
        self.sight, self.side = PageSight(parts.theme, self), QLabel(self)
        self.buttons = {name: QPushButton(self) for name in BUTTONS}
        self._build()
        self._connect()
        self.retranslate()

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        self.title.setObjectName("heading")
        for label in (self.counts, self.norm, self.side):
            label.setObjectName("muted")
            label.setWordWrap(True)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.setChildrenCollapsible(False)
        split.addWidget(self._settings())
        split.addWidget(self._page())
        split.setSizes([520, 800])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 16, 20, 12)
        whole.setSpacing(8)
        for widget in (self.title, self.counts, self.banner):
            whole.addWidget(widget)
        whole.addWidget(split, 1)

    def _settings(self) -> QWidget:
        box = QWidget(self)
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setVerticalSpacing(10)
        fields: dict[str, QWidget] = {
            "device": self.device, "intake": self.intake, "backs": self.backs, "dpi": self.dpi,
            "sheets": self.sheets, "department": self.department,
        }  # fmt: skip
        for name, field in fields.items():
            self.names[name].setBuddy(field)
            form.addRow(self.names[name], field)
        for kept in (False, True):
            self.backs.addItem("", kept)
        self.sheets.setRange(0, 5000)
        for dpi in DPI:
            self.dpi.addItem(f"{dpi} dpi", dpi)
        self.dpi.setCurrentIndex(DPI.index(300))
        keys = QWidget(box)
        flow = FlowLayout(keys)
        for name, button in self.buttons.items():
            button.setObjectName("primary" if name == "scan_start" else "command")
            flow.addWidget(button)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self.norm)
        column.addWidget(keys)
        column.addStretch(1)
        room = QScrollArea(self)
        room.setWidget(box)
        room.setWidgetResizable(True)
        room.setFrameShape(QFrame.Shape.NoFrame)
        room.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        room.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return room

    def _page(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 0, 0, 0)
        row = QHBoxLayout()
        row.addWidget(self.side, 1)
        column.addLayout(row)
        column.addWidget(self.sight, 1)
        return page

    def _connect(self) -> None:
        scan = self._scan
        scan.found.connect(self._show_scanners)
        scan.picture_changed.connect(self._show_picture)
        scan.moved.connect(self._show_counts)
        scan.stopped.connect(self._show_stop)
        scan.finished.connect(self._show_finished)
        scan.read.connect(self._show_read)
        scan.failed.connect(self._fail)
        scan.busy_changed.connect(self._show_busy)
        self.device.currentIndexChanged.connect(self._offer)
        for name, button in self.buttons.items():
            button.clicked.connect(lambda _checked=False, what=name: self.perform(what))

    def retranslate(self) -> None:
        """The language changed."""
        from ui.desks.scan import OPERATIONS

        self.title.setText(self.tr("Scan"))
        self.title.setAccessibleName(self.title.text())
        told = {
            "device": (self.tr("Scanner"), self.device), "intake": (self.tr("Paper lies"), self.intake),
            "backs": (self.tr("Blank backs"), self.backs),
            "dpi": (self.tr("Resolution"), self.dpi), "sheets": (self.tr("Sheets counted"), self.sheets),
            "department": (self.tr("Department"), self.department),
        }  # fmt: skip
        for name, (text, field) in told.items():
            self.names[name].setText(text)
            field.setAccessibleName(text)
        self.sheets.setSpecialValueText(self.tr("not counted"))
        self.backs.setItemText(0, self.tr("are left out"))
        self.backs.setItemText(1, self.tr("are kept"))
        self.norm.setText(self.tr("Colour, at least 200 dpi, scale 100 %: what an electronic copy must be."))
        spoken = {operation.id: operation for operation in OPERATIONS}
        for name, button in self.buttons.items():
            button.setText(f"{says(spoken[name].text)} ({spelled(spoken[name].keys[0])})")
            button.setAccessibleName(says(spoken[name].text))
        self.banner.retranslate()
        self._offer()
        self._show_counts()
        self._show_picture()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self.sight.set_theme(theme)

    # -- what the person does ------------------------------------------------------------------

    def focus(self) -> None:
        """It is shown now."""
        self.device.setFocus(Qt.FocusReason.OtherFocusReason)
        if not self._looked:
            self._looked = True
            self._scan.look()

    def perform(self, operation: str) -> None:
        """Do one of the desk's operations."""
        if operation == "scan_look":
            self._scan.look()
        elif operation == "scan_stop":
            self._scan.stop()
        elif operation == "scan_go_on":
            self._scan.go_on()
        elif operation == "scan_finish":
            self._scan.finish()
        elif operation == "scan_read":
            self._scan.digitise()
        elif not self._scan.scanners:
            self._scan.look()
        elif operation == "scan_preview":
            self._scan.preview(str(self.device.currentData()), self._wanted())
        elif operation == "scan_start":
            self.banner.dismiss()
            self._scan.scan(self._order())

    def unsaved(self) -> Told | None:
        """A scanner that runs is stopped first."""
        if self._scan.busy in {"scanning", "previewing", "reading"}:
            self._scan.stop()
            return Told(self.tr("The scanner is stopping after this sheet …"))
        return None

    def tell(self, told: Told, tone: str = "info") -> bool:
        """Show a message."""
        self.banner.tell(told, tone)
        return True

    def _wanted(self) -> ScanSettings:
        return ScanSettings(Intake(self.intake.currentData() or "feeder"), int(self.dpi.currentData()))

    def _order(self) -> JobOrder:
        settings = self._wanted()
        counted = self.sheets.value() or (1 if settings.intake is Intake.GLASS else None)
        return JobOrder(
            str(self.device.currentData()), settings, counted, bool(self.backs.currentData()),
            department=self.department.text().strip(), person=self._person.id,
        )  # fmt: skip

    # -- what the model tells ------------------------------------------------------------------

    def _show_scanners(self) -> None:
        self.device.blockSignals(True)
        self.device.clear()
        for found in self._scan.scanners:
            self.device.addItem(found.device.label or found.device.name, found.device.name)
        self.device.blockSignals(False)
        self._offer()
        self._show_counts()
        if not self._scan.scanners:
            self.banner.tell(
                Told(self.tr("No scanner was found."), self.tr("Switch it on, then look again (F5).")), "warn"
            )
        elif self._scan.can_go_on:
            self.banner.tell(
                Told(
                    self.tr("A stack was left unfinished."),
                    self.tr("F6 goes on with it, F7 says it is whole."),
                ),
                "warn",
            )

    def _offer(self) -> None:
        """Offer what the chosen scanner can do."""
        names = {
            Intake.GLASS: self.tr("on the glass"),
            Intake.FEEDER: self.tr("in the feeder, one side"),
            Intake.DUPLEX: self.tr("in the feeder, both sides"),
        }
        chosen = self.intake.currentData()
        place = self.device.currentIndex()
        known = 0 <= place < len(self._scan.scanners)
        can = self._scan.scanners[place].abilities if known else None
        self.intake.clear()
        for intake in can.intakes if can else ():
            self.intake.addItem(names[intake], intake.value)
        wanted = chosen or (Intake.FEEDER.value if can and Intake.FEEDER in can.intakes else "")
        self.intake.setCurrentIndex(max(0, self.intake.findData(wanted)))
        self._show_busy()

    def _show_busy(self) -> None:
        scan, ready = self._scan, bool(self._scan.scanners) and not self._scan.busy
        for widget in (self.device, self.intake, self.dpi, self.sheets, self.department, self.backs):
            widget.setEnabled(not scan.busy)
        self.buttons["scan_preview"].setEnabled(ready)
        self.buttons["scan_start"].setEnabled(ready)
        self.buttons["scan_go_on"].setEnabled(scan.can_go_on)
        self.buttons["scan_finish"].setEnabled(scan.can_go_on and bool(scan.kept))
        self.buttons["scan_stop"].setEnabled(scan.busy in {"scanning", "previewing", "reading"})
        done = scan.job is not None and scan.job.done
        self.buttons["scan_read"].setEnabled(done and not scan.busy)
        if not scan.busy and self.isVisible() and self.window().focusWidget() is None:
            self.device.setFocus(Qt.FocusReason.OtherFocusReason)  # it lost it while it could not be used
        self._show_counts()

    def _show_counts(self) -> None:
        told = {
            "looking": self.tr("Looking for scanners …"),
            "previewing": self.tr("Preview …"),
            "scanning": self.tr("Scanning …"),
            "reading": self.tr("The pages are being read …"),
        }.get(self._scan.busy, "")
        if self._scan.kept:
            last = self._scan.kept[-1]
            told += " " + self.tr("{sheets} sheets, {pages} pages are safe.").format(
                sheets=last.sheet, pages=len(self._scan.kept)
            )
        for note, count in self._scan.notes.items():
            told += f"  ·  {count} × {self._speech.messages.told(note).say}"
        self.counts.setText(told.strip() or self.tr("Nothing was scanned yet."))
        self.counts.setAccessibleName(self.counts.text())

    def _show_picture(self) -> None:
        nothing = self.tr("F8 shows the sheet before it is scanned.")
        self.sight.show_picture(self._scan.picture, nothing)
        kept = self._scan.kept
        told = self.tr("The last page that is safe: {file}").format(file=kept[-1].file) if kept else ""
        tell_on(self.side, told)
        self.sight.setAccessibleName(told or nothing)

    def _show_stop(self, halt: object) -> None:
        if isinstance(halt, Halt):
            self.banner.tell(self._speech.messages.told(halt.reason, halt.facts), "warn")
            self.buttons["scan_go_on"].setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_busy()

    def _show_finished(self) -> None:
        told = Told(
            self.tr("The stack is whole: {pages} pages.").format(pages=len(self._scan.kept)),
            self.tr("Ctrl+D reads them now; a watched folder is read by itself."),
        )
        self.banner.tell(told, "ok")
        self._show_busy()
        self.buttons["scan_read"].setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_read(self, report: object) -> None:
        if isinstance(report, Digitised):
            say = self.tr("{pages} pages read: {drafts} drafts, {held} not read.").format(
                pages=report.pages, drafts=report.drafts, held=len(report.held)
            )
            self.banner.tell(Told(say, self.tr("They wait in the inbox.")), "warn" if report.held else "ok")
        self._show_busy()

    def _fail(self, error: object) -> None:
        if isinstance(error, Exception):
            self.banner.tell(self._speech.messages.error(error), "bad")
        self._show_busy()
