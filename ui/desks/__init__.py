"""The desks there are: one file each, found by being here. How to add one stands in ``ui.desk``."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from ui.desk import Desk


@lru_cache(maxsize=1)
def all_desks() -> tuple[Desk, ...]:
    """All desks in the order of the menu. Their views are not imported by this.

    Raises:
        TypeError: If a file here has no ``DESK``, or one with another id than its name.
    """
    found = [_desk_of(module.name) for module in pkgutil.iter_modules(__path__)]
    return tuple(sorted(found, key=lambda desk: (desk.order, desk.id)))


def _desk_of(name: str) -> Desk:
    desk = getattr(importlib.import_module(f"{__name__}.{name}"), "DESK", None)
    if not isinstance(desk, Desk) or desk.id != name:
        raise TypeError(name)
    return desk
