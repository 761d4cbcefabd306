"""The memory: the only room that speaks SQL."""

from formscan.store.audit import AuditHead
from formscan.store.batches import BatchRun
from formscan.store.entries import EntrySummary
from formscan.store.gate import GateBook
from formscan.store.ledger import FileOutcome, Ledger, Scope, Taken, Waiting
from formscan.store.proof import AuditVerdict
from formscan.store.regroup import Regrouped
from formscan.store.store import Store

__all__ = [
    "AuditHead",
    "AuditVerdict",
    "BatchRun",
    "EntrySummary",
    "FileOutcome",
    "GateBook",
    "Ledger",
    "Regrouped",
    "Scope",
    "Store",
    "Taken",
    "Waiting",
]
