"""The crop of a field anywhere in the record, with its name above."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from formscan.model.supervision import FieldPlace
from ui.items.page_picture import Stance
from ui.theme import Theme
from ui.viewmodels.pictures import PictureShelf
from ui.widgets.crop_view import CropView


class FieldLook(QWidget):
    """Shows where a value was read.

    Args:
        shelf: Pictures of pages.
        theme: Colours.
        parent: Qt parent.
    """

    def __init__(self, shelf: PictureShelf, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._place: FieldPlace | None = None
        self.title = QLabel(self)
        self.crop = CropView(theme, self)
        self.title.setObjectName("fieldTitle")
        self.title.setWordWrap(True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addWidget(self.title)
        whole.addWidget(self.crop)
        shelf.arrived.connect(self._show_arrived)

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self.crop.set_theme(theme)

    def show_place(self, place: FieldPlace | None, title: str) -> None:
        """Show a field, or nothing."""
        self._place = place
        self.title.setText(title)
        self.title.setAccessibleName(title or "–")
        self.crop.setAccessibleName(title or "–")
        self._paint()

    def _show_arrived(self, sha256: str) -> None:
        if self._place is not None and self._place.page.image_sha256 == sha256:
            self._paint()

    def _paint(self) -> None:
        place = self._place
        if place is None:
            self.crop.show_field(None, None, None)
            return
        picture = self._shelf.get(place.page.image_sha256)
        self.crop.show_field(picture, Stance(place.page), place.page_box, place.cell_boxes)
