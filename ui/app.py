"""``formscan-ui``: the window."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and wait until it is closed.

    Args:
        arguments: ``--home DIR --url DB --lang vi|en --theme light|dark|contrast --draft ID``; those of
            the process where left out.

    Returns:
        The exit code.
    """
    gc.disable()  # what is loaded now stays; looking for garbage in it makes the start a seventh slower
    told = _parser().parse_args(sys.argv[1:] if arguments is None else list(arguments))
    from formscan.settings import Settings
    from ui.backing import ApplicationBackend
    from ui.start import run

    given = {key: value for key, value in (("home", told.home), ("url", told.url)) if value}
    return run(ApplicationBackend(Settings(**given)), told.lang, told.theme, told.draft)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="formscan-ui", description="Review scanned forms in a window.")
    parser.add_argument("--home", type=Path, help="folder of the database and the images")
    parser.add_argument("--url", default="", help="database URL instead of the one in the folder")
    parser.add_argument("--lang", choices=("vi", "en"), default="vi", help="language")
    parser.add_argument("--theme", choices=("light", "dark", "contrast"), default="light", help="colours")
    parser.add_argument("--draft", default="", metavar="ID", help="open this draft at once")
    return parser


if __name__ == "__main__":
    sys.exit(main())
