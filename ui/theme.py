"""Light, dark and high contrast: a palette and a style sheet made of the same few colours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtGui import QColor, QFont, QPalette

THEMES: Final = ("light", "dark", "contrast")
FAMILIES: Final = ("Segoe UI", "Noto Sans", "Liberation Sans", "DejaVu Sans")
"""Fonts with all Vietnamese letters, in the order they are tried."""
POINT_SIZE: Final = 10.5


@dataclass(frozen=True, slots=True)
class Theme:
    """Named colours (``#rrggbb``) and the style sheet made with them."""

    name: str
    colours: dict[str, str]
    sheet: str

    @classmethod
    def load(cls, root: Path, name: str) -> Theme:
        """Read a theme out of ``resources/styles``.

        Raises:
            KeyError: If there is no theme of that name.
        """
        colours: dict[str, str] = json.loads((root / "themes.json").read_text(encoding="utf-8"))[name]
        sheet = (root / "window.qss").read_text(encoding="utf-8")
        for key in sorted(colours, key=len, reverse=True):
            sheet = sheet.replace(f"@{key}", colours[key])
        return cls(name, colours, sheet.replace("@resources", root.parent.as_posix()))

    def colour(self, name: str) -> QColor:
        """A colour by name."""
        return QColor(self.colours[name])

    def palette(self) -> QPalette:
        """The colours in Qt's roles, for everything the style sheet does not reach."""
        palette = QPalette()
        for role, name in _ROLES.items():
            palette.setColor(role, self.colour(name))
        for role in (
            QPalette.ColorRole.Text,
            QPalette.ColorRole.WindowText,
            QPalette.ColorRole.ButtonText,
        ):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.colour("disabled"))
        return palette


def base_font() -> QFont:
    """The font of the window."""
    font = QFont()
    font.setFamilies(list(FAMILIES))
    font.setPointSizeF(POINT_SIZE)
    return font


def contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio 1..21 of two colours (WCAG 2.1, 1.4.3)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


_ROLES: Final = {
    QPalette.ColorRole.Window: "window",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "raised",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "muted",
    QPalette.ColorRole.Button: "raised",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "bad",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "on_accent",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.ToolTipBase: "raised",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.Mid: "border",
    QPalette.ColorRole.Dark: "border",
    QPalette.ColorRole.Light: "raised",
    QPalette.ColorRole.Shadow: "border",
}
