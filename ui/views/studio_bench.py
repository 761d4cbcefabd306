"""The test bench of the studio: scans in, how they fit, what is read, each field's crop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPixmap
from PySide6.QtWidgets import QLabel, QLineEdit, QTableView, QVBoxLayout, QWidget

from formscan.batch.trial import TriedPage
from ui.items.grey_image import image_of
from ui.speech import says, source
from ui.viewmodels.tries import TriesModel
from ui.widgets.progress_row import ProgressRow

WIDTHS: Final = (170, 120, 80, 90, 90)
SCANS: Final = source("Filled scans: file or folder, then Enter")


class StudioBench(QWidget):
    """Takes scans as a typed path or dropped, and shows what became of them.

    Args:
        model: What reads them.
        table_of: Makes a table in the manner of the house.
        parent: Qt parent.
    """

    asked = Signal(object)
    """Scans are to be tried (paths)."""

    def __init__(
        self,
        model: TriesModel,
        table_of: Callable[[TriesModel, tuple[int, ...]], QTableView],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.model = model
        self.scans, self.told, self.crop = QLineEdit(self), QLabel(self), QLabel(self)
        self.progress = ProgressRow(self)
        self.table = table_of(model, WIDTHS)
        self.setAcceptDrops(True)
        self._build()

    def _build(self) -> None:
        self.told.setObjectName("muted")
        self.told.setWordWrap(True)
        self.crop.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.crop.setMinimumHeight(90)
        column = QVBoxLayout(self)
        for part in (self.scans, self.progress, self.told):
            column.addWidget(part)
        column.addWidget(self.table, 1)
        column.addWidget(self.crop)
        self.scans.returnPressed.connect(self._ask)
        self.scans.setAcceptDrops(False)  # the whole bench takes files
        self.progress.stopped.connect(self.model.stop)
        self.model.began.connect(lambda: self.progress.show_done(0))
        self.model.moved.connect(
            lambda pages: self.told.setText(says("{count} pages read").format(count=pages))
        )
        self.model.tried.connect(self._show)
        self.model.failed.connect(lambda _error: self.progress.hide())
        self.table.selectionModel().currentRowChanged.connect(self._show_crop)

    def retranslate(self) -> None:
        """The language changed."""
        self.scans.setPlaceholderText(says(SCANS))
        self.scans.setAccessibleName(says(SCANS))
        self.table.setAccessibleName(says("What was read"))
        self.crop.setAccessibleName(says("Crop of the field"))
        self.model.retranslate()
        self._tell(self.model.pages)
        self.progress.retranslate()

    def begin(self) -> None:
        """Let the person say which scans."""
        self.scans.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - as Qt calls it
        """Files are welcome."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Try the files that were dropped."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.scans.setText(" ".join(path.name for path in paths))
        self.asked.emit(paths)

    def _ask(self) -> None:
        text = self.scans.text().strip()
        if text:
            self.asked.emit([Path(text)])

    def _show(self, pages: Sequence[TriedPage]) -> None:
        self.progress.hide()
        self._tell(pages)
        if any(page.fields for page in pages):
            self.table.selectRow(0)
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tell(self, pages: Sequence[TriedPage]) -> None:
        self.told.setText("\n".join(self.model.told(page) for page in pages))

    def _show_crop(self, *_rows: object) -> None:
        crop = self.model.table.item(self.table.currentIndex().row())
        if crop is not None:
            shown = QPixmap.fromImage(image_of(crop)).scaled(
                self.crop.size(),
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            self.crop.setPixmap(shown)
