"""What can be done to the form as a whole and to its print, beside the steps on single fields."""

from __future__ import annotations

from dataclasses import dataclass, replace

from formscan.designer.studio.apart import apart, off_print
from formscan.designer.studio.document import FormHead, StudioDocument, StudioField
from formscan.errors import StudioError
from formscan.model.geometry import Area
from formscan.model.template import PageTemplate, PrintedBox, PrintedRule, PrintedText, Section


@dataclass(frozen=True, slots=True)
class DefineSections:
    """Name the headings of the form."""

    sections: tuple[Section, ...]

    @property
    def name(self) -> str:
        """``sections``."""
        return "sections"

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The document with these sections."""
        return replace(document, sections=self.sections)


@dataclass(frozen=True, slots=True)
class Describe:
    """Say what form it is."""

    head: FormHead

    @property
    def name(self) -> str:
        """``describe``."""
        return "describe"

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The document with that head."""
        return replace(document, head=self.head)


@dataclass(frozen=True, slots=True)
class Anchor:
    """Name the print of a page that tells it from its look-alikes, points."""

    page: int
    anchors: tuple[Area, ...]

    @property
    def name(self) -> str:
        """``anchor``."""
        return "anchor"

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The document with the anchors of that page.

        Raises:
            StudioError: ``studio.no_such_page``.
        """
        if not any(p.number == self.page for p in document.pages):
            raise StudioError("studio.no_such_page", page=self.page)
        pages = [replace(p, anchors=self.anchors) if p.number == self.page else p for p in document.pages]
        return replace(document, pages=tuple(pages))


@dataclass(frozen=True, slots=True)
class Tidy:
    """Let writing give way to print and boxes, and places to sign to writing, on all pages."""

    @property
    def name(self) -> str:
        """``tidy``."""
        return "tidy"

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The document without fields that cover each other."""
        kept: list[StudioField] = []
        for page in document.pages:
            mine = tuple(off_print(f, page) for f in document.fields if f.spec.page == page.number)
            kept += apart(mine)
        return replace(document, fields=tuple(kept))


@dataclass(frozen=True, slots=True)
class Print:
    """Draw words, boxes and lines of the paper that the file holds as a picture, e.g. a pasted heading."""

    page: int
    texts: tuple[PrintedText, ...] = ()
    boxes: tuple[PrintedBox, ...] = ()
    rules: tuple[PrintedRule, ...] = ()

    @property
    def name(self) -> str:
        """``print``."""
        return "print"

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The document with them in the print of that page."""
        return replace(
            document, pages=tuple(self._drawn(p) if p.number == self.page else p for p in document.pages)
        )

    def _drawn(self, page: PageTemplate) -> PageTemplate:
        return replace(
            page,
            texts=(*page.texts, *self.texts),
            boxes=(*page.boxes, *self.boxes),
            rules=(*page.rules, *self.rules),
        )


@dataclass(frozen=True, slots=True)
class Erase:
    """Take words out of the print, e.g. characters our typeface has in another size, to be drawn instead."""

    page: int
    words: tuple[str, ...]

    @property
    def name(self) -> str:
        """``print``."""
        return "print"

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The document without them, wherever they stand on that page.

        Raises:
            StudioError: ``studio.not_printed`` if one of them does not.
        """
        printed = {text.text for page in document.pages if page.number == self.page for text in page.texts}
        if not set(self.words) <= printed:
            raise StudioError("studio.not_printed", page=self.page)
        pages = (self._without(p) if p.number == self.page else p for p in document.pages)
        return replace(document, pages=tuple(pages))

    def _without(self, page: PageTemplate) -> PageTemplate:
        return replace(page, texts=tuple(text for text in page.texts if text.text not in self.words))
