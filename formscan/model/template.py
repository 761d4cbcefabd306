"""What a blank form is: its pages, what is printed on them and the fields to be filled."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from formscan.model.geometry import Area, enclosing


class FieldKind(StrEnum):
    """How a field is filled on paper; decides which reader reads it."""

    TEXT = "text"
    """Writing on one or more fill-in lines, or on short gaps between printed words."""
    COMB = "comb"
    """A run of boxes, one character each."""
    MARK = "mark"
    """One tick box: yes when marked; an empty one is *blank*, not "no"."""
    CHOICE = "choice"
    """Several tick boxes of one question."""
    CODE = "code"
    """A barcode or QR code."""
    SIGNATURE = "signature"
    """Only whether something is there; never a digital signature."""
    DRAWING = "drawing"
    """Kept as a picture."""


class ValueType(StrEnum):
    """What the value means; decides how it is normalised and checked."""

    TEXT = "text"
    PERSON_NAME = "person_name"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BLOOD_PRESSURE = "blood_pressure"
    CITIZEN_ID = "citizen_id"
    INSURANCE_NUMBER = "insurance_number"
    ICD10 = "icd10"
    PHONE = "phone"
    CATALOGUE = "catalogue"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    PRESENCE = "presence"


CODED: Final = frozenset(
    {
        ValueType.DATE,
        ValueType.TIME,
        ValueType.DATETIME,
        ValueType.INTEGER,
        ValueType.DECIMAL,
        ValueType.BLOOD_PRESSURE,
        ValueType.CITIZEN_ID,
        ValueType.INSURANCE_NUMBER,
        ValueType.ICD10,
        ValueType.PHONE,
    }
)
"""Numbers, dates and codes: no words."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One writing place of a field, in points on the blank page.

    A comb has one cell a box, a choice one a tick box (``name`` is the choice's value), writing over
    several lines one a line (``line1`` ...), a date split by printed words one a part (``hour``,
    ``minute``, ``day``, ``month``, ``year``; blood pressure: ``systolic``, ``diastolic``).
    """

    area: Area
    name: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a choice field, with its own code where a catalogue has one."""

    value: str
    label_vi: str
    label_en: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class FhirItem:
    """Where a value goes besides the QuestionnaireResponse.

    Attributes:
        target: ``Patient.name``, ``Encounter.period.start``, ``Observation``, ``Condition`` ...
        code: Code of an Observation or Condition category, e.g. a LOINC code.
        system: System of ``code``.
        unit: UCUM unit of a quantity.
    """

    target: str
    code: str | None = None
    system: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a form; ids are unique within the form and stable between versions.

    Attributes:
        id: Dotted lower-case ASCII, e.g. ``patient.birth_date``.
        page: Page of the form, 1-based.
        section: Id of the form's section the field stands in.
        unit: Unit printed on the form (``kg``, ``lần/ph``), or ``None``.
        catalogue: Name of the code list the value comes from (``ethnic``, ``occupation``,
            ``icd10``, ``province``), or ``None``.
        rules: Names of cross-field rules of ``pipeline.check`` this field takes part in.
        critical: Needs two independent readings or a second key (identity, dates, diagnosis codes).
        groups: Sizes of the runs of a comb, e.g. ``(2, 2, 4)`` for a date; empty for one run.
        table: Id of the table the field is a cell of, with ``row`` (1-based) and ``column``.
        multiple: A choice that allows several marks.
    """

    id: str
    page: int
    kind: FieldKind
    type: ValueType
    label_vi: str
    label_en: str
    cells: tuple[Cell, ...]
    section: str = ""
    unit: str | None = None
    catalogue: str | None = None
    rules: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    critical: bool = False
    required: bool = False
    multiple: bool = False
    groups: tuple[int, ...] = ()
    fhir: FhirItem | None = None
    table: str | None = None
    row: int | None = None
    column: str | None = None

    @property
    def area(self) -> Area:
        """The smallest area that holds all cells, in points."""
        return enclosing(cell.area for cell in self.cells)


class FontStyle(StrEnum):
    """Cut of the serif the forms are printed in (Times metrics)."""

    REGULAR = "regular"
    BOLD = "bold"
    ITALIC = "italic"
    BOLD_ITALIC = "bold_italic"


@dataclass(frozen=True, slots=True)
class PrintedText:
    """A run of print: baseline start (x, y), width and size in points. Dots of fill-in lines are runs too."""

    x: float
    y: float
    width: float
    size: float
    style: FontStyle
    text: str


@dataclass(frozen=True, slots=True)
class PrintedRule:
    """A straight printed line from (x0, y0) to (x1, y1), all in points; ``dash`` 0 is solid."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: float
    dash: float = 0.0


@dataclass(frozen=True, slots=True)
class PrintedBox:
    """A printed rectangle outline: a comb cell, a tick box or a frame; line ``width`` in points."""

    area: Area
    width: float


@dataclass(frozen=True, slots=True)
class PageTemplate:
    """One page of a blank form.

    Attributes:
        number: 1-based.
        width: Points.
        height: Points.
        anchors: Printed areas that tell this page from its look-alikes (title, form code); all of
            them must be found on a page before it is taken for this one.
    """

    number: int
    width: float
    height: float
    texts: tuple[PrintedText, ...] = ()
    rules: tuple[PrintedRule, ...] = ()
    boxes: tuple[PrintedBox, ...] = ()
    anchors: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A printed heading under which fields stand."""

    id: str
    label_vi: str
    label_en: str


@dataclass(frozen=True, slots=True)
class FormTemplate:
    """One edition of one form: the data of ``forms/<id>/<version>/form.toml``.

    Attributes:
        id: Folder name, e.g. ``01-BV1``.
        version: Edition and revision, e.g. ``2023.1``.
        code: As printed, e.g. ``01/BV-01``.
        digest: SHA-256 of the form.toml bytes; stored with every value read through it.
    """

    id: str
    version: str
    code: str
    title_vi: str
    title_en: str
    edition: str
    source: str
    pages: tuple[PageTemplate, ...]
    sections: tuple[Section, ...]
    fields: tuple[FieldSpec, ...]
    digest: str = ""
    _by_id: dict[str, FieldSpec] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._by_id.update({spec.id: spec for spec in self.fields})

    @property
    def key(self) -> tuple[str, str]:
        """(id, version)."""
        return self.id, self.version

    def field(self, field_id: str) -> FieldSpec:
        """The field of that id.

        Raises:
            KeyError: If the form has none.
        """
        return self._by_id[field_id]

    def page(self, number: int) -> PageTemplate:
        """The page of that 1-based number.

        Raises:
            IndexError: If the form has no such page.
        """
        if not 1 <= number <= len(self.pages):
            raise IndexError(number)
        return self.pages[number - 1]

    def fields_of(self, page: int) -> tuple[FieldSpec, ...]:
        """The fields of one page, in reading order."""
        return tuple(spec for spec in self.fields if spec.page == page)
