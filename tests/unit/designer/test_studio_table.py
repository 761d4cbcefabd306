"""Fields of a grid become one table, as a file writes tables; a frame that holds no grid is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from formscan.designer.studio.document import FormHead, StudioDocument, StudioField
from formscan.designer.studio.saving import save
from formscan.designer.studio.script import run_script
from formscan.designer.studio.studio import Studio
from formscan.errors import StudioError
from formscan.model.geometry import Area
from formscan.model.template import (
    Cell,
    FieldKind,
    FieldSpec,
    FontStyle,
    PageTemplate,
    PrintedText,
    Section,
    ValueType,
)
from formscan.templates import load_form

STEP = "table notes 1 20,60,300,130 | at;Ngày;Date;type=date | text;Diễn biến;Course"


def _cell(handle: str, left: float, top: float) -> StudioField:
    area = Area(left, top, left + 100, top + 20)
    spec = FieldSpec(
        f"cell_{handle[2:]}", 1, FieldKind.TEXT, ValueType.TEXT, "ô", "cell", (Cell(area),), "page"
    )
    return StudioField(handle, spec)


@pytest.fixture
def studio() -> Studio:
    """Two columns of three rows, the right one proposed first, and a field above them."""
    cells = [
        _cell(f"1.{2 * row + side}", 30.0 + 120 * (1 - side), 65.0 + 20 * row)
        for row in range(3)
        for side in (0, 1)
    ]
    above = _cell("1.9", 30, 30)
    page = PageTemplate(
        1,
        320,
        200,
        (PrintedText(30, 25, 60, 10, FontStyle.REGULAR, "Phiếu"),),
        anchors=(Area(30, 15, 90, 28),),
    )
    head = FormHead("99-T", "1.0", "99/T", "Phiếu", "Sheet", "x", "x")
    return Studio(StudioDocument(head, (page,), (Section("page", "Trang", "Page"),), (above, *cells)))


def test_that_a_grid_becomes_a_table_and_comes_back_from_its_file(studio: Studio, tmp_path: Path) -> None:
    run_script(studio, ["in page", "1.9 above | Trên | Above", STEP], ())

    path, problems = save(studio.document, tmp_path)
    fields = load_form(path).fields

    assert not problems
    assert [f.id for f in fields] == [
        "above",
        *(f"notes.{row}.{column}" for row in (1, 2, 3) for column in ("at", "text")),
    ]
    assert fields[1].area == Area(30, 65, 130, 85)
    assert fields[1].type is ValueType.DATE
    assert studio.counts["table"] == 1


def test_that_rows_are_drawn_where_they_are_counted(studio: Studio) -> None:
    drawn = (
        "table notes 1 20,60,300,130 7 | at;Ngày;Date;cells=20,60,90,130 | text;Chữ;Text;cells=95,60,300,130"
    )

    run_script(studio, ["in page", drawn], ())

    made = [f.spec for f in studio.document.fields if f.spec.table == "notes"]
    assert len(made) == 14
    assert made[-1].area == Area(95, 120, 300, 130)


def test_that_a_frame_without_a_field_a_column_is_refused(studio: Studio) -> None:
    before = studio.document

    with pytest.raises(StudioError):
        run_script(studio, ["in page", STEP.replace(" | text;Diễn biến;Course", "")], ())

    assert studio.document.fields == before.fields
