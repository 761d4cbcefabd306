"""Ten simulated clerks at one database; the long run is ``formscan bench clerks``."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from formscan.bench.clerks import Shift, Tally, count, prepare, work
from formscan.store import Store


def test_that_ten_clerks_lose_nothing_review_nothing_twice_and_see_no_lock_error(
    open_store: Callable[[], Store],
) -> None:
    store = open_store()
    names = prepare(store, clerks=10, drafts=12, fields=9)
    shifts = [Shift(name, 600.0, 0.0, 0.0, seed) for seed, name in enumerate(names)]
    stores = [open_store() for _ in shifts]
    tally = Tally()
    with ThreadPoolExecutor(len(shifts)) as pool:
        for one in pool.map(work, stores, shifts):
            tally.add(one)
    counted = count(store, tally)
    assert tally.shown == {}
    assert counted.sound, counted
    assert (counted.released, counted.drafts) == (12, 12)
    assert tally.counts["keyed"] >= 12 * 2
