"""The memory: the only room that speaks SQL. What is named here loads when it is first asked for.

A worker needs the image store alone and must not load a database for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from formscan.store.audit import AuditHead
    from formscan.store.batches import BatchRun
    from formscan.store.entries import EntrySummary
    from formscan.store.gate import GateBook
    from formscan.store.ledger import Ledger, Scope, Taken, Waiting
    from formscan.store.proof import AuditVerdict
    from formscan.store.regroup import Regrouped
    from formscan.store.store import Store

__all__ = [
    "AuditHead",
    "AuditVerdict",
    "BatchRun",
    "EntrySummary",
    "GateBook",
    "Ledger",
    "Regrouped",
    "Scope",
    "Store",
    "Taken",
    "Waiting",
]

_WHERE: Final = {
    "AuditHead": "audit",
    "AuditVerdict": "proof",
    "BatchRun": "batches",
    "EntrySummary": "entries",
    "GateBook": "gate",
    "Ledger": "ledger",
    "Regrouped": "regroup",
    "Scope": "ledger",
    "Store": "store",
    "Taken": "ledger",
    "Waiting": "ledger",
}


def __getattr__(name: str) -> Any:
    """Load what is named in ``_WHERE`` (PEP 562).

    Raises:
        AttributeError: If there is no such name.
    """
    if name not in _WHERE:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
