"""Which edition of the program describes pages: what is kept between runs is named by it."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from pathlib import Path

import numpy as np

from formscan import __version__


@cache
def code_digest() -> str:
    """SHA-256, hexadecimal, of the program that draws and describes pages: another one makes them anew."""
    told = hashlib.sha256(f"{__version__} {sys.version} {np.__version__}".encode())
    here = Path(__file__).parent
    for source in sorted(path for room in (here, here.parent / "templates") for path in room.glob("*.py")):
        told.update(source.read_bytes())
    return told.hexdigest()
