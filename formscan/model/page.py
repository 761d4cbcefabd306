"""A page on its way: from the file it came in to its place in a template's frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from formscan.model.geometry import MM_PER_INCH, POINTS_PER_INCH, Area, Box
from formscan.model.template import FormTemplate, PageTemplate

if TYPE_CHECKING:  # an eighth of the start of the window, which works with no array: see the functions
    import numpy as np
    import numpy.typing as npt

Grey: TypeAlias = "npt.NDArray[np.uint8]"
"""uint8, (height, width), 0 black to 255 white."""
Pixels: TypeAlias = "npt.NDArray[np.uint8]"
"""uint8, (height, width) grey or (height, width, 3) RGB."""
Matrix: TypeAlias = "npt.NDArray[np.float64]"
"""float64, (3, 3), maps homogeneous column vectors (x, y, 1)."""

FRAME_DPI: Final = 300.0
"""Resolution of the template's frame into which pages are warped."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a page came from.

    Attributes:
        name: File name; for members of archives ``archive.zip!/inner/name.jpg``.
        sha256: Of the whole file's bytes, hexadecimal.
        index: Page within the file, 0-based.
        count: Pages of the file.
    """

    name: str
    sha256: str
    index: int = 0
    count: int = 1

    @property
    def label(self) -> str:
        """File name with 1-based page number, for people."""
        return self.name if self.count == 1 else f"{self.name} p.{self.index + 1}"


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A page as it was taken in: upright as its file says (EXIF applied), otherwise untouched.

    Attributes:
        pixels: Grey or RGB, as scanned.
        dpi: Resolution used from here on; guessed from the paper size where the file has none.
        encoded: The exact bytes of the image where it came as JPEG or PNG (also out of a PDF), so that
            it can be kept without loss; ``None`` where it was rendered or re-coded.
        media_type: Of ``encoded``.
        fingerprint: 64-bit perceptual hash, for near duplicates.
        notes: Codes of what was put right on the way, e.g. ``dpi.assumed``.
    """

    source: Source
    pixels: Pixels
    dpi: float
    encoded: bytes | None = None
    media_type: str = "image/png"
    fingerprint: int = 0
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """The paper of a page as scanned, at low resolution; both pictures cover all of the page.

    Attributes:
        paper: uint8, brightness the paper has or would have without ink.
        foreign: uint8, 255 where the scanner's lid or a punched hole shows.
        uneven: 95th to 5th percentile of ``paper``, relative.
        white: Share of ``paper`` that becomes white.
    """

    paper: Grey
    foreign: Grey
    uneven: float
    white: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class CleanPage:
    """A page made readable: upright, straight, evenly lit; small, as most work is done on it.

    Attributes:
        page: The page it was made from.
        grey: uint8 (height, width), background near 255.
        dpi: Of ``grey``; that of the page, or a whole part of it.
        turned: Quarter turns applied clockwise, in degrees (0, 90, 180, 270).
        skew_deg: Skew that was taken out, degrees, positive = page content turned clockwise.
        to_source: Maps pixels of ``grey`` to pixels of ``page.pixels``.
        blank: No writing and no print was found.
        notes: Codes, e.g. ``light.uneven``.
        light: What the page's light was divided by, for whoever goes back to ``page.pixels``; ``None``
            where they need no evening.
    """

    page: Page
    grey: Grey
    dpi: float
    turned: int
    skew_deg: float
    to_source: Matrix
    blank: bool
    notes: tuple[str, ...] = ()
    light: Light | None = None


def _no_words() -> npt.NDArray[np.float64]:
    import numpy as np

    return np.zeros((0, 5))


@dataclass(frozen=True, slots=True, eq=False)
class Identification:
    """Which page of which form a page is.

    Attributes:
        template: The form.
        number: Page of the form, 1-based.
        score: Evidence for it, 0..1; not a probability.
        runner_up: Score of the next best page of another form or number.
        to_page: Maps points of the blank page to pixels of ``CleanPage.grey``; a first estimate.
        ambiguous_with: Ids of other known forms with a page printed the same in the same places: pixels
            cannot tell them apart, so the page counts only beside a first page of its form.
        words: float64 (n, 5): where printed words of the blank were found, for whoever places the page
            more exactly: x and y of the word on the blank, how far from there ``to_page`` would have it
            in x and y, all in mm, and a weight 0..1.
    """

    template: FormTemplate
    number: int
    score: float
    runner_up: float
    to_page: Matrix
    ambiguous_with: tuple[str, ...] = ()
    words: npt.NDArray[np.float64] = field(default_factory=_no_words)

    @property
    def page_template(self) -> PageTemplate:
        """The page of the form."""
        return self.template.page(self.number)


@dataclass(frozen=True, slots=True, eq=False)
class AlignedPage:
    """A page in its template's frame.

    Attributes:
        image: uint8 grey, the page warped so that every printed line falls on the template's, ``dpi``;
            white away from the fields, where nobody looks.
        blank: uint8 grey of the same shape: the blank page.
        dpi: Of the frame (``FRAME_DPI``).
        to_clean: Homography from frame pixels to ``clean.grey`` pixels, before local correction.
        grid: float32 (rows, cols, 2): exact position (x, y) in ``clean.grey`` of frame points at every
            ``grid_step`` pixels, local correction included.
        grid_step: Pixels of the frame between grid nodes.
        residual_mm: 95th percentile of the distance between printed structure and template that is
            left after the correction, measured on structure that was not used to fit it.
        worst_mm: Largest such distance.
        checks: float32 (n, 3): x, y (frame pixels) and residual (mm) of every measured place.
    """

    clean: CleanPage
    template: FormTemplate
    number: int
    image: Grey
    blank: Grey
    dpi: float
    to_clean: Matrix
    grid: npt.NDArray[np.float32]
    grid_step: int
    residual_mm: float
    worst_mm: float
    checks: npt.NDArray[np.float32]

    def residual_near(self, area: Area, reach_mm: float = 15.0) -> float:
        """Largest residual in mm measured within ``reach_mm`` of an area in points.

        Returns:
            ``inf`` where nothing printed was measured that close: the place is then not proven.
        """
        if not len(self.checks):
            return float("inf")
        import numpy as np

        box, reach = area.at_dpi(self.dpi), reach_mm / MM_PER_INCH * self.dpi
        x, y = self.checks[:, 0], self.checks[:, 1]
        dx = np.maximum(np.maximum(box.left - x, x - box.right), 0)
        dy = np.maximum(np.maximum(box.top - y, y - box.bottom), 0)
        near = self.checks[np.hypot(dx, dy) <= reach, 2]
        return float(near.max()) if near.size else float("inf")

    def to_source_points(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Map frame pixels (n, 2) to pixels of the page as scanned, through the local correction."""
        import numpy as np

        clean = _sample(self.grid, points / self.grid_step)
        ones = np.ones((len(clean), 1))
        out = np.hstack([clean, ones]) @ self.clean.to_source.T
        return np.asarray(out[:, :2] / out[:, 2:3], dtype=np.float64)

    def source_box(self, area: Area) -> Box:
        """The upright box in the page as scanned that holds an area of the blank page (points)."""
        return self.source_boxes((area,))[0]

    def source_boxes(self, areas: Sequence[Area]) -> list[Box]:
        """``source_box`` of many areas."""
        if not areas:
            return []
        import numpy as np

        sides = np.array([(a.left, a.top, a.right, a.bottom) for a in areas]) * (self.dpi / POINTS_PER_INCH)
        corners = self.to_source_points(sides[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 2)).reshape(-1, 4, 2)
        page = self.clean.page
        last = np.array([page.width, page.height])
        low = np.clip(np.floor(corners.min(axis=1)).astype(int), 0, last - 1)
        high = np.maximum(np.minimum(np.ceil(corners.max(axis=1)).astype(int), last), low + 1)
        return [Box(*map(int, (*start, *end))) for start, end in zip(low, high, strict=True)]


def _sample(grid: npt.NDArray[np.float32], at: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Bilinear samples of ``grid`` (rows, cols, 2) at (n, 2) fractional (col, row); extrapolates at rims."""
    import numpy as np

    rows, cols = grid.shape[:2]
    c = np.clip(np.floor(at[:, 0]).astype(int), 0, cols - 2)
    r = np.clip(np.floor(at[:, 1]).astype(int), 0, rows - 2)
    u, v = (at[:, 0] - c)[:, None], (at[:, 1] - r)[:, None]
    top = grid[r, c] * (1 - u) + grid[r, c + 1] * u
    bottom = grid[r + 1, c] * (1 - u) + grid[r + 1, c + 1] * u
    return np.asarray(top * (1 - v) + bottom * v, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Held:
    """A page that was not read, with the reason; the rest of the stack goes on.

    Attributes:
        stage: ``acquire``, ``clean``, ``identify``, ``align`` ...
        reason: Stable dotted code, e.g. ``identify.no_form``, ``acquire.truncated``.
        facts: What is known about it, without patient text.
        quarantined: The file itself is broken or dangerous, not merely unknown.
    """

    source: Source
    stage: str
    reason: str
    facts: tuple[tuple[str, str], ...] = ()
    quarantined: bool = False
