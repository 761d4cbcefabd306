"""The code printed on a page, where it has one, as a second witness of which page it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from formscan.engines.codes import find_codes
from formscan.errors import UnknownFormError
from formscan.model.page import AlignedPage, Identification
from formscan.pipeline.clean import as_grey
from formscan.templates.page_code import PageCode, code_place

_AROUND_PT: Final = 8.0


def witnessed(found: Identification, aligned: AlignedPage) -> Identification:
    """What a page is, with what its code says.

    Args:
        found: By its print.
        aligned: The same page in its place.

    Returns:
        ``found``; where the code names it, no other form is printed alike any more.

    Raises:
        UnknownFormError: ``identify.code_contradicts`` if the code names another page or edition.
    """
    code = printed_code(aligned)
    if code is None:
        return found
    if not code.names(found.template, found.number):
        raise UnknownFormError(
            "identify.code_contradicts",
            form=found.template.id,
            page=found.number,
            code=f"{code.form_id} {code.version}, {code.number}",
        )
    return replace(found, ambiguous_with=())


def printed_code(aligned: AlignedPage) -> PageCode | None:
    """The code in the place where the form has one, if it can be read."""
    place = code_place(aligned.template, aligned.number)
    if place is None:
        return None
    box = aligned.source_box(place.grown(_AROUND_PT))
    part = as_grey(aligned.clean.page.pixels[box.top : box.bottom, box.left : box.right])
    told = [PageCode.told(code.text) for code in find_codes(part)]
    return next((code for code in told if code is not None), None)
