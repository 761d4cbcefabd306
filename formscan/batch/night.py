"""The night: waiting work to workers, outcomes into the ledger, documents into drafts, by one committer."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from formscan.batch.documents import Documents
from formscan.batch.engine import Engine
from formscan.batch.gate import Gate
from formscan.batch.orders import CLUSTER_LOST, Lost, Order, Outcome, PageLimits, orders_of
from formscan.errors import FormScanError
from formscan.model.ledger import FileOutcome, PageKey, PageOutcome
from formscan.model.page import Held, Source
from formscan.model.record import Draft
from formscan.model.template import FormTemplate
from formscan.store import Ledger

Progress = Callable[[int, str], None]
"""Told (pages done, label of the last one) after each page."""

GROUP: Final = 16
GROUP_S: Final = 1.0
"""Outcomes are written together: at most so many, none later than this."""
SETTLE_S: Final = 1.0
FRESH_S: Final = 5.0
"""How old the list of what waits may get before it is looked at again."""
AHEAD: Final = 32
"""Pages on that list for each worker."""
LOOK_S: Final = 0.2


@dataclass(slots=True)
class Tally:
    """What this run did.

    Attributes:
        pages: Pages that were read or held.
        lost: Orders that ended with their worker, by reason.
        drafts: Ids of drafts made.
        cancelled: It was stopped before the work was done.
    """

    pages: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    drafts: list[str] = field(default_factory=list)
    cancelled: bool = False


class Night:
    """Works off what waits in the ledger.

    Memory stays flat: no more orders are under way than the engine has slots, and some references beside it.
    Results are committed in small groups by this one object; a crash at any moment costs the pages that
    were under way or in the last group, which are read again, and nothing else.

    Args:
        ledger: What waits, and where results go.
        engine: Entered already.
        forms: All templates by (id, version).
        person: Who ordered the work.
        limits: What a page may cost, where that is not what the engine says.
        stack: Only this stack; empty for all that waits.
        gate: Calibrates confidences and stands for fields where it is switched on.
    """

    def __init__(
        self,
        ledger: Ledger,
        engine: Engine,
        forms: Mapping[tuple[str, str], FormTemplate],
        person: str = "system",
        limits: PageLimits | None = None,
        stack: str = "",
        gate: Gate | None = None,
    ) -> None:
        self._ledger = ledger
        self._engine = engine
        self._forms = forms
        self._person = person
        self._limits = limits or engine.limits
        self._stack = stack
        self._gate = gate
        self._backlog: deque[Order] = deque()
        self._busy: set[PageKey] = set()
        self._flying = 0
        self._results: list[tuple[Order, FileOutcome]] = []
        self._since = 0.0
        self._looked = 0.0
        self._documents: dict[str, Documents] = {}
        self._moved: set[str] = set()
        self._stopping = False
        self.tally = Tally()

    def work(
        self,
        more: Callable[[], bool] = lambda: False,
        cancelled: Callable[[], bool] = lambda: False,
        paused: Callable[[], bool] = lambda: False,
        progress: Progress = lambda _done, _label: None,
    ) -> Tally:
        """Work until nothing waits and nothing more comes in.

        Args:
            more: Whether files may still come in.
            cancelled: Stop giving out work; what is under way is finished and committed.
            paused: Give out no work for now.
            progress: Told after each page.

        Raises:
            EngineError: If the workers were lost; running again goes on.
        """
        settled = time.monotonic()
        while True:
            coming, stop = more(), cancelled()
            self._stopping = stop
            if not stop and not paused():
                self._give_out()
            if self._flying:
                self._wait(progress)
            elif not self._results:
                if stop or not (coming or paused() or self._waits()):
                    break
                time.sleep(LOOK_S)
            self._write(force=not self._flying)
            if time.monotonic() - settled > SETTLE_S:
                self._settle()
                settled = time.monotonic()
        self.tally.cancelled = cancelled()
        self._settle(end=True)
        return self.tally

    def _wait(self, progress: Progress) -> None:
        """Outcomes that are there; where no more can come, what is there is written first."""
        try:
            outcomes = self._engine.wait(LOOK_S)
        except FormScanError:
            self._write(force=True)
            raise
        for outcome in outcomes:
            self._land(outcome, progress)

    def _waits(self) -> bool:
        return bool(self._backlog) or bool(self._ledger.waiting(1, self._stack))

    def _give_out(self) -> None:
        slots = self._engine.slots
        if not self._backlog or time.monotonic() - self._looked > FRESH_S:
            self._refill(slots)
        while self._backlog and self._flying < slots:
            order = self._backlog.popleft()
            self._engine.submit(order)
            self._flying += 1

    def _refill(self, slots: int) -> None:
        """Look again at what waits: what is urgent now goes first, though it came last."""
        self._looked = time.monotonic()
        for order in self._backlog:
            self._busy.difference_update(order.keys)
        wanted = AHEAD * max(slots, 1)
        found = self._ledger.waiting(wanted + len(self._busy), self._stack)
        waiting = [each for each in found if each.key not in self._busy]
        at_once = max(1, min(self._limits.pages_at_once, len(waiting) // max(slots, 1)))
        self._backlog = deque(orders_of(waiting, at_once))
        for order in self._backlog:
            self._busy.update(order.keys)

    def _land(self, outcome: Outcome, progress: Progress) -> None:
        order, result = outcome
        self._flying -= 1
        if isinstance(result, Lost):
            self.tally.lost[result.reason] += 1
            self._suspect(order, result)
            return
        if not self._results:
            self._since = time.monotonic()
        self._results.append((order, result))
        for page in result.outcomes:
            if page.result is not None:
                self.tally.pages += 1
                source = page.result.source if isinstance(page.result, Held) else page.result.page.source
                progress(self.tally.pages, source.label)

    def _suspect(self, order: Order, lost: Lost) -> None:
        """An order whose worker died: its pages go again, alone, until their tries are used up."""
        self._write(force=True)
        innocent = self._stopping or lost.reason == CLUSTER_LOST
        for key in () if innocent else order.keys:
            tries = self._ledger.attempt(key)
            alone = order.most == 1
            if alone and (tries >= self._limits.attempts or lost.reason == "read.timeout"):
                self._give_up(order, lost, tries)
                self._touch(order.file_id)
        self._busy.difference_update(order.keys)

    def _give_up(self, order: Order, lost: Lost, tries: int) -> None:
        facts = (("tries", str(tries)),)
        source = order.stored.source if order.stored else Source(order.name, order.file_sha256, order.first)
        file = self._ledger.file(order.file_id)
        if file.pages is not None and order.stored is None:
            source = Source(order.name, order.file_sha256, order.first, file.pages)
        held = Held(source, "read", lost.reason, facts, quarantined=True)
        if file.pages is None:
            self._ledger.give_up(order.file_id, held, lost.worker)
        else:
            outcome = PageOutcome(order.first, None, held)
            self._ledger.commit([FileOutcome(order.file_id, None, (outcome,), lost.worker)])
        self.tally.pages += 1

    def _write(self, *, force: bool = False) -> None:
        old = time.monotonic() - self._since > GROUP_S
        if not self._results or not (force or old or len(self._results) >= GROUP):
            return
        self._ledger.commit([result for _, result in self._results])
        for order, _ in self._results:
            self._busy.difference_update(order.keys)
            self._touch(order.file_id)
        self._results.clear()

    def _touch(self, file_id: str) -> None:
        stack = self._ledger.file(file_id).stand.stack
        if stack not in self._documents:
            self._documents[stack] = self._documents_of(stack)
        self._moved.add(stack)

    def _documents_of(self, stack: str) -> Documents:
        if self._gate is None:
            return Documents(self._ledger, self._forms, stack, self._person)
        return Documents(self._ledger, self._forms, stack, self._person, self._gate.judged)

    def _settle(self, *, end: bool = False) -> None:
        """Make drafts as far as new results reach; at the end also of what an earlier run left."""
        for stack, documents in list(self._documents.items()):
            if stack in self._moved or end:
                self._moved.discard(stack)
                self._note(documents.advance())
            if end and self._ledger.is_done(stack):
                self._note(documents.finish())
        if not end:
            return
        for stack in self._ledger.unsettled_stacks():
            if self._stack not in {"", stack}:
                continue
            left = self._documents_of(stack)
            self._note(left.finish() if self._ledger.is_done(stack) else left.advance())

    def _note(self, drafts: list[Draft]) -> None:
        self.tally.drafts += [draft.id for draft in drafts]
        if self._gate is not None:
            for draft in drafts:
                self._gate.stand(draft)
