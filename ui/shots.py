"""The command line of the modules that make pictures: one process a scale, as Qt reads its scale once."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path


def picture_command(
    module: str, description: str | None, scales: Sequence[int], take_all: Callable[[Path, int], None]
) -> int:
    """Make all pictures of a module.

    Args:
        module: Its name, as ``python -m`` runs it.
        description: What ``--help`` tells.
        scales: Scales of the screen, 1 for 100 %.
        take_all: Makes the pictures of one scale in this process.

    Raises:
        subprocess.CalledProcessError: A process of one scale failed.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument("out", type=Path)
    parser.add_argument("--scale", type=int, choices=scales, help="only this scale, in this process")
    told = parser.parse_args()
    told.out.mkdir(parents=True, exist_ok=True)
    if told.scale:
        take_all(told.out, told.scale)
        return 0
    for scale in scales:
        command = [sys.executable, "-m", module, str(told.out), "--scale", str(scale)]
        subprocess.run(command, check=True, env={**os.environ, "QT_SCALE_FACTOR": str(scale)})
    return 0
