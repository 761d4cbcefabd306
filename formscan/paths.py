"""Where the program's own data lies and where a user's data goes."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

_PACKAGE = Path(__file__).resolve().parent


def data_root() -> Path:
    """Folder that holds ``forms`` and ``resources``: inside the wheel, else the source tree."""
    shipped = _PACKAGE / "_data"
    return shipped if shipped.is_dir() else _PACKAGE.parent


def forms_dir() -> Path:
    """Folder of the form templates that ship with the program."""
    return data_root() / "forms"


def resources_dir() -> Path:
    """Folder of models, lexicons, fonts, translations, icons and styles."""
    return data_root() / "resources"


def own_weights(name: str) -> Path | None:
    """A model file of the hospital's own, in the folder ``FORMSCAN_MODELS``; None where there is none."""
    folder = os.environ.get("FORMSCAN_MODELS", "")
    path = Path(folder) / name
    return path if folder and path.is_file() else None


def default_home() -> Path:
    """Folder for the database and the images where nothing else is set; not created here."""
    return user_data_path("formscan", appauthor=False)


def short_folder(folder: str) -> str:
    """The end of a folder's path, as people call it: ``…/khoa-noi/2026``."""
    parts = folder.replace("\\", "/").rstrip("/").split("/")
    return "…/" + "/".join(parts[-2:]) if len(parts) > 3 else folder
