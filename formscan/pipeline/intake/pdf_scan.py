"""Whether a page of a PDF is nothing but one scan, and how the scan lies on it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import pikepdf
from pikepdf import Matrix

COVER: Final = 0.97
"""Share of the page's width and height a scan has to cover."""
OVERHANG: Final = 0.03
"""Share of the picture that may lie beyond the page or its clip; more is cropped by rendering."""
DEPTH: Final = 4
OPERATORS: Final = 20_000
"""A page of a scan has a dozen, or some thousands with a hidden text layer; beyond this it is rendered."""

_PAINTS: Final = frozenset(("f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh", "BI", "INLINE IMAGE"))
_SHOWS: Final = frozenset(("Tj", "TJ", "'", '"'))
_PATHS: Final = frozenset(("m", "l", "c", "v", "y", "h"))
_INVISIBLE: Final = 3

Rect = tuple[float, float, float, float]
"""Left, bottom, right, top in default user space."""
EVERYWHERE: Final[Rect] = (-math.inf, -math.inf, math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a picture is painted.

    Attributes:
        image: The picture.
        matrix: Unit square to default user space.
        clip: What of it is shown.
    """

    image: pikepdf.Object
    matrix: Matrix
    clip: Rect


@dataclass(frozen=True, slots=True)
class Scan:
    """A page that is one picture.

    Attributes:
        image: The picture.
        orientation: How it has to be turned, 1..8 as in EXIF.
        dpi: Horizontal and vertical, of the picture as turned.
    """

    image: pikepdf.Object
    orientation: int
    dpi: tuple[float, float]


@dataclass(slots=True)
class _State:
    matrix: Matrix
    clip: Rect = EVERYWHERE
    text_mode: int = 0


class _NotPlainError(Exception):
    """The page paints something besides one picture."""


def find_scan(page: pikepdf.Page) -> Scan | None:
    """The scan a page consists of, or ``None`` where it has to be rendered."""
    try:
        if _has_visible_annotations(page):
            return None
        placed = list(_pictures(page.obj, page.resources, Matrix(), 0))
        return _as_scan(page, placed[0]) if len(placed) == 1 else None
    except (_NotPlainError, pikepdf.PdfError, ValueError, TypeError, LookupError, AttributeError):
        return None


def page_box(page: pikepdf.Page) -> Rect:
    """What is shown of a page: its crop box within its media box."""
    return _common(_upright(page.cropbox), _upright(page.mediabox))


def user_unit(page: pikepdf.Page) -> float:
    """Points in a unit of user space (ISO 32000-1, 14.11.2)."""
    return float(page.obj.get("/UserUnit", 1.0))


def has_big_picture(page: pikepdf.Page) -> float | None:
    """Resolution of the largest picture of a page that covers most of it, in pixels an inch."""
    left, _bottom, right, _top = page_box(page)
    wide = max((int(image.get("/Width", 0)) for image in page.images.values()), default=0)
    inches = (right - left) * user_unit(page) / 72.0
    return wide / inches if wide and inches > 0 else None


def _upright(box: pikepdf.Array) -> Rect:
    x0, y0, x1, y1 = (float(v) for v in box)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _common(a: Rect, b: Rect) -> Rect:
    return max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])


def _spanned(matrix: Matrix, x: float = 0.0, y: float = 0.0, w: float = 1.0, h: float = 1.0) -> Rect:
    corners = [matrix.transform(at) for at in ((x, y), (x + w, y), (x, y + h), (x + w, y + h))]
    xs, ys = [c[0] for c in corners], [c[1] for c in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _has_visible_annotations(page: pikepdf.Page) -> bool:
    notes = page.obj.get("/Annots")
    if notes is None:
        return False
    return any(str(note.get("/Subtype", "")) not in {"/Link", "/Popup"} for note in notes)


def _pictures(
    holder: pikepdf.Object, resources: pikepdf.Object, base: Matrix, depth: int
) -> Iterator[Placement]:
    operators = pikepdf.parse_content_stream(holder)
    if depth > DEPTH or len(operators) > OPERATORS:
        raise _NotPlainError
    state, stack, path = _State(base), [], list[Rect | None]()
    for instruction in operators:
        operands, name = instruction.operands, str(instruction.operator)
        if name == "q":
            stack.append(replace(state))
        elif name == "Q":
            state = stack.pop() if stack else state
        elif name == "cm":
            state.matrix = Matrix(*(float(v) for v in operands)) @ state.matrix
        elif name == "Do":
            yield from _done(resources["/XObject"][str(operands[0])], state, depth)
        elif name == "re":
            path.append(_spanned(state.matrix, *(float(v) for v in operands)))
        elif name in _PATHS:
            path.append(None)
        elif name in {"W", "W*"}:
            state.clip = _common(state.clip, _only(path))
        elif name == "n":
            path.clear()
        else:
            _pass_by(name, operands, state, resources)


def _only(path: list[Rect | None]) -> Rect:
    if len(path) != 1 or path[0] is None:
        raise _NotPlainError
    return path[0]


def _done(thing: pikepdf.Object, state: _State, depth: int) -> Iterator[Placement]:
    if "/OC" in thing:
        raise _NotPlainError
    if thing.get("/Subtype") == "/Image":
        yield Placement(thing, state.matrix, state.clip)
        return
    own = Matrix(*(float(v) for v in thing["/Matrix"])) if "/Matrix" in thing else Matrix()
    for inner in _pictures(
        thing, thing.get("/Resources", pikepdf.Dictionary()), own @ state.matrix, depth + 1
    ):
        yield replace(inner, clip=_common(inner.clip, state.clip))


def _pass_by(name: str, operands: object, state: _State, resources: pikepdf.Object) -> None:
    """Note what changes the state; leave at anything that paints or veils."""
    if name == "Tr":
        state.text_mode = int(operands[0])  # type: ignore[index]
    elif name == "gs":
        _check_state(resources["/ExtGState"][str(operands[0])])  # type: ignore[index]
    elif name in _PAINTS or (name in _SHOWS and state.text_mode != _INVISIBLE):
        raise _NotPlainError


def _check_state(graphics: pikepdf.Object) -> None:
    plain = (
        float(graphics.get("/ca", 1.0)) == 1.0
        and str(graphics.get("/BM", "/Normal")) in {"/Normal", "/Compatible"}
        and str(graphics.get("/SMask", "/None")) == "/None"
    )
    if not plain:
        raise _NotPlainError


def _as_scan(page: pikepdf.Page, placed: Placement) -> Scan | None:
    shows, spans = page_box(page), _spanned(placed.matrix)
    seen = _common(_common(spans, shows), placed.clip)
    for low, high in ((0, 2), (1, 3)):
        size, part = spans[high] - spans[low], seen[high] - seen[low]
        if size <= 0 or part < COVER * (shows[high] - shows[low]) or part < (1 - OVERHANG) * size:
            return None
    m = placed.matrix
    across, down = (m.a, -m.b), (-m.c, m.d)
    for _ in range(int(page.rotation) % 360 // 90):
        across, down = (-across[1], across[0]), (-down[1], down[0])
    orientation = orientation_of(across, down)
    if orientation is None:
        return None
    inch = 72.0 / user_unit(page)
    per_row = float(placed.image["/Width"]) / math.hypot(*across) * inch
    per_column = float(placed.image["/Height"]) / math.hypot(*down) * inch
    return Scan(
        placed.image, orientation, (per_row, per_column) if orientation <= 4 else (per_column, per_row)
    )


def orientation_of(across: tuple[float, float], down: tuple[float, float]) -> int | None:
    """The EXIF orientation of a picture from where its axes point on the page.

    Args:
        across: Direction on the page (x to the right, y down) of the picture's rows.
        down: Direction of its columns.

    Returns:
        1..8, or ``None`` if the picture lies at another angle than a quarter turn.
    """
    (a, b), (c, d) = across, down
    slack = max(abs(a), abs(b), abs(c), abs(d)) * 1e-3
    if abs(b) <= slack and abs(c) <= slack:
        return {(True, True): 1, (False, True): 2, (False, False): 3, (True, False): 4}[a > 0, d > 0]
    if abs(a) <= slack and abs(d) <= slack:
        return {(True, True): 5, (True, False): 6, (False, False): 7, (False, True): 8}[b > 0, c > 0]
    return None
