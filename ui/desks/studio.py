"""The desk where templates are made."""

from __future__ import annotations

from formscan.model.people import Role
from ui.actions import Operation
from ui.desk import Desk, DeskParts
from ui.views.desk_view import DeskView


def _make(parts: DeskParts) -> DeskView:
    from ui.views.studio_view import StudioView

    return StudioView(parts)


def _operation(name: str, title: str, *keys: str, menu: str = "Field") -> Operation:
    return Operation(f"studio_{name}", title, keys, "studio", menu)


DESK = Desk(
    id="studio",
    title="Template studio",
    keys=("Ctrl+T",),
    make=_make,
    roles=frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
    order=66,
    operations=(
        _operation("open", "Open a blank form or another edition", "F4", menu="File"),
        _operation("save", "Save and check the template", "F9", menu="File"),
        _operation("bench", "Test bench", "F10", menu="View"),
        _operation("editions", "Compare editions", "Shift+F10", menu="View"),
        _operation("again", "Read the chosen documents again", "F12", menu="Review"),
        _operation("stop", "Stop what is under way", "Shift+F12", menu="Review"),
        _operation("known", "Take over from known forms", "F5", menu="Review"),
        _operation("sure", "Accept the sure proposals", "F6", menu="Review"),
        _operation("accept", "Accept the proposal", "F7", menu="Review"),
        _operation("remove", "Reject or delete", "F8", menu="Review"),
        _operation("next", "Next that waits", "F3", menu="Review"),
        _operation("list", "To the list", "F2", menu="View"),
        _operation("properties", "To the properties", "Alt+Return", menu="View"),
        _operation("more", "To answers and codes", "Alt+Shift+Return", menu="View"),
        _operation("step", "Type a step", "Ctrl+Return", menu="Review"),
        _operation("add", "Draw a field below", "Ctrl+N"),
        _operation("merge", "Make one field of the chosen ones", "Ctrl+J"),
        _operation("group", "Make one question of the chosen boxes", "Ctrl+B"),
        _operation("split", "Cut the field before this place", "Ctrl+D"),
        _operation("place_next", "Next place of the field", "Ctrl+Right"),
        _operation("place_before", "Place of the field before", "Ctrl+Left"),
        _operation("undo", "Undo", "Ctrl+Z"),
        _operation("redo", "Redo", "Ctrl+Y"),
        _operation("earlier", "Read earlier", "Alt+PgUp"),
        _operation("later", "Read later", "Alt+PgDown"),
        _operation("left", "Move left", "Alt+Left"),
        _operation("right", "Move right", "Alt+Right"),
        _operation("up", "Move up", "Alt+Up"),
        _operation("down", "Move down", "Alt+Down"),
        _operation("narrower", "Narrower", "Alt+Shift+Left"),
        _operation("wider", "Wider", "Alt+Shift+Right"),
        _operation("lower", "Lower", "Alt+Shift+Up"),
        _operation("higher", "Higher", "Alt+Shift+Down"),
    ),
)
