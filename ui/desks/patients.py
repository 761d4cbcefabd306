"""Patients: whose record an entry is."""

from __future__ import annotations

from formscan.model.people import PERMISSIONS, Permission, Role
from ui.actions import Operation
from ui.desk import Desk, DeskParts
from ui.views.desk_view import DeskView

DESK_ID = "patients"
OPERATIONS = (
    Operation("find", "Look for the patient", ("Return", "Enter"), DESK_ID, "File", editing=True),
    Operation("link", "This is the patient", ("Ctrl+Return",), DESK_ID, "File", editing=True),
    Operation("unlink", "Take the patient back", ("F8",), DESK_ID, "File", editing=True),
    Operation("known", "New patient", ("F2",), DESK_ID, "File", editing=True),
    Operation("newborn", "New-born", ("F3",), DESK_ID, "File", editing=True),
    Operation("foreigner", "Foreigner", ("F4",), DESK_ID, "File", editing=True),
    Operation("unidentified", "Unidentified", ("F5",), DESK_ID, "File", editing=True),
)


def _make(parts: DeskParts) -> DeskView:
    from ui.views.patients_view import PatientsView

    return PatientsView(parts)


DESK = Desk(
    id=DESK_ID,
    title="Patients",
    keys=("Ctrl+4",),
    make=_make,
    roles=frozenset(role for role in Role if Permission.FIND_PATIENT in PERMISSIONS[role]),
    order=30,
    operations=OPERATIONS,
)
