"""The form under construction: head, pages, sections and fields with where each of these came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from formscan.errors import StudioError
from formscan.model.template import FieldSpec, FormTemplate, PageTemplate, Section


@dataclass(frozen=True, slots=True)
class FormHead:
    """What a person says about a new form."""

    id: str
    version: str = "1.0"
    code: str = ""
    title: str = ""
    title_en: str = ""
    edition: str = "?"
    source: str = "?"


@dataclass(frozen=True, slots=True)
class StudioField:
    """A field with its standing.

    Attributes:
        handle: Names the field as long as the studio is open, whatever its id: ``2.14`` is the fifteenth
            proposal of page 2, ``2.14b`` a part split off it, ``+3`` the third field a person drew.
        accepted: Whether a person (or the stated confidence) took it.
        confidence: Of the proposal, 0..1; 1 for what a person drew.
    """

    handle: str
    spec: FieldSpec
    accepted: bool = False
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class StudioDocument:
    """One state of the form; operations make the next one of it."""

    head: FormHead
    pages: tuple[PageTemplate, ...]
    sections: tuple[Section, ...]
    fields: tuple[StudioField, ...]

    def at(self, handle: str) -> int:
        """The place of a field in reading order.

        Raises:
            StudioError: ``studio.no_such_field``.
        """
        for at, field in enumerate(self.fields):
            if field.handle == handle:
                return at
        raise StudioError("studio.no_such_field", handle=handle)

    def field(self, handle: str) -> StudioField:
        """The field of a handle.

        Raises:
            StudioError: ``studio.no_such_field``.
        """
        return self.fields[self.at(handle)]

    def with_field(self, handle: str, *new: StudioField) -> StudioDocument:
        """The document with one field put in the place of none, one or several others.

        Raises:
            StudioError: ``studio.no_such_field``.
        """
        at = self.at(handle)
        return replace(self, fields=(*self.fields[:at], *new, *self.fields[at + 1 :]))

    def without(self, handles: Iterable[str]) -> StudioDocument:
        """The document without some fields.

        Raises:
            StudioError: ``studio.no_such_field``.
        """
        gone = {self.field(handle).handle for handle in handles}
        return replace(self, fields=tuple(f for f in self.fields if f.handle not in gone))

    def waiting(self) -> tuple[StudioField, ...]:
        """Proposals nobody has decided on, in reading order."""
        return tuple(f for f in self.fields if not f.accepted)

    def template(self) -> FormTemplate:
        """The form as it stands, proposals among it; sections in reading order."""
        fields = tuple(f.spec for f in sorted(self.fields, key=lambda f: f.spec.page))
        named = {s.id: s for s in self.sections}
        used = dict.fromkeys(f.section for f in fields if f.section in named)
        return FormTemplate(
            id=self.head.id,
            version=self.head.version,
            code=self.head.code or self.head.id,
            title_vi=self.head.title or self.head.id,
            title_en=self.head.title_en or self.head.title or self.head.id,
            edition=self.head.edition,
            source=self.head.source,
            pages=self.pages,
            sections=tuple(named[name] for name in used),
            fields=fields,
        )
