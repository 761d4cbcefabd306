"""Put the subsets of Fontsource's packages together to whole fonts the trainer can set Vietnamese in.

Usage: ``python tools/merge_fonts.py PACKAGES OUT [LATIN]``; ``PACKAGES`` holds what
``npm pack @fontsource/X`` made. Needs fontTools and brotli. A family without all letters of Vietnamese is
left out, or goes to ``LATIN`` with its regular weight where that is given; licences go beside the fonts.
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
            parts = [Path(folder) / f"{name}.ttf" for name in names if name in files]
            for part in parts:
                plain(packed, files[part.stem], part)
            font = Merger().merge([str(part) for part in parts])
            if all(ord(letter) in font.getBestCmap() for letter in NEEDED):
                font.save(out / f"{family}-{weight}.ttf")
                written.append(f"{family}-{weight}")
        if written:
            copied(packed, files, family, out)
    return written


def latin(archive: Path, out: Path) -> list[str]:
    """Write a family's Latin letters alone, regular or the next lighter; the name of what was written."""
    family = archive.name.removeprefix("fontsource-").rsplit("-", 1)[0]
    with tarfile.open(archive) as packed:
        files = {member.name.split("/")[-1]: member for member in packed.getmembers()}
        for weight in ("400", "300", "200", "100"):
            name = f"{family}-latin-{weight}-normal.woff2"
            if name in files:
                plain(packed, files[name], out / f"{family}-{weight}.ttf")
                copied(packed, files, family, out)
                return [f"{family}-{weight}"]
    return []


def copied(packed: tarfile.TarFile, files: dict[str, tarfile.TarInfo], family: str, out: Path) -> None:
    """The licence of a family, beside its fonts."""
    for name, member in files.items():
        text = packed.extractfile(member) if "LICENSE" in name.upper() else None
        if text is not None:
            (out / f"{family}.LICENSE.txt").write_bytes(text.read())


def plain(packed: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    """Save one subset as TrueType without layout tables."""
    stream = packed.extractfile(member)
    assert stream is not None
    font: Any = TTFont(io.BytesIO(stream.read()))
    font.flavor = None
    for table in LAYOUT:
        if table in font:
            del font[table]
    font.save(path)


def main() -> None:
    """The command line."""
    packages, out, *more = (Path(argument) for argument in sys.argv[1:4])
    for folder in (out, *more):
        folder.mkdir(parents=True, exist_ok=True)
    for archive in sorted(packages.glob("fontsource-*.tgz")):
        written = merged(archive, out) or [name for folder in more for name in latin(archive, folder)]
        print(archive.name, *written)  # noqa: T201  a command's output


if __name__ == "__main__":
    main()
