"""Where the development data lies; the bench reads it, nothing of it ships unless its notes allow that."""

from __future__ import annotations

import os
from pathlib import Path

from formscan.paths import data_root


def shared_data() -> Path | None:
    """Folder of development data: ``FORMSCAN_DATA``, else ``../shared/data`` beside the tree, else None."""
    told = os.environ.get("FORMSCAN_DATA")
    place = Path(told) if told else data_root().parent / "shared" / "data"
    return place if place.is_dir() else None
