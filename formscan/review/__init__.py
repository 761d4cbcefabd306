"""The people, without a screen: sessions, decisions, undo."""

from formscan.review.memory import MemoryJournal
from formscan.review.queue import ordered
from formscan.review.session import Journal, ReviewSession

__all__ = ["Journal", "MemoryJournal", "ReviewSession", "ordered"]
