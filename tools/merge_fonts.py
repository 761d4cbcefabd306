"""Put the subsets of Fontsource's packages together to whole fonts the trainer can set Vietnamese in.

Usage: ``python tools/merge_fonts.py PACKAGES OUT``; ``PACKAGES`` holds what ``npm pack @fontsource/X`` made.
Needs fontTools and brotli. A family without all letters of Vietnamese is left out; each font's licence goes
beside it.
"""

from __future__ import annotations

import io
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from fontTools.merge import Merger  # type: ignore[import-not-found]  # only here
from fontTools.ttLib import TTFont  # type: ignore[import-not-found]

SUBSETS = ("latin", "latin-ext", "vietnamese")
LAYOUT = ("GSUB", "GPOS", "GDEF", "STAT", "DSIG", "MATH", "BASE", "fvar", "gvar", "avar", "HVAR", "MVAR")
NEEDED = "ăâđêôơưĂÂĐÊÔƠƯạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"


def merged(archive: Path, out: Path) -> list[str]:
    """Write the fonts of one family in regular and bold; the names of those written."""
    family = archive.name.removeprefix("fontsource-").rsplit("-", 1)[0]
    written = []
    with tarfile.open(archive) as packed, tempfile.TemporaryDirectory() as folder:
        files = {member.name.split("/")[-1]: member for member in packed.getmembers()}
        for weight in ("400", "700"):
            names = [f"{family}-{subset}-{weight}-normal.woff2" for subset in SUBSETS]
            if names[-1] not in files:
                continue
            parts = [plain(packed, files[n], Path(folder) / f"{n}.ttf") for n in names if n in files]
            font = Merger().merge([str(part) for part in parts])
            if all(ord(letter) in font.getBestCmap() for letter in NEEDED):
                font.save(out / f"{family}-{weight}.ttf")
                written.append(f"{family}-{weight}")
        for name, member in files.items():
            text = packed.extractfile(member) if "LICENSE" in name.upper() and written else None
            if text is not None:
                (out / f"{family}.LICENSE.txt").write_bytes(text.read())
    return written


def plain(packed: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> Path:
    """One subset as TrueType without layout tables."""
    stream = packed.extractfile(member)
    assert stream is not None
    font: Any = TTFont(io.BytesIO(stream.read()))
    font.flavor = None
    for table in LAYOUT:
        if table in font:
            del font[table]
    font.save(path)
    return path


def main() -> None:
    """The command line."""
    packages, out = (Path(argument) for argument in sys.argv[1:3])
    out.mkdir(parents=True, exist_ok=True)
    for archive in sorted(packages.glob("fontsource-*.tgz")):
        print(archive.name, *merged(archive, out))  # noqa: T201  a command's output


if __name__ == "__main__":
    main()
