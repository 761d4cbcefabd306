"""Which edition of the program describes pages: what is kept between runs is named by it."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np

from formscan.shelf import digest_of_code


@cache
def code_digest() -> str:
    """SHA-256, hexadecimal, of the program that draws and describes pages: another one makes them anew."""
    return hashlib.sha256(f"{np.__version__} {digest_of_code('pipeline', 'templates')}".encode()).hexdigest()
