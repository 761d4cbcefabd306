"""The door of the memory: everything that is kept goes in and out through one ``Store``."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sqlalchemy import Connection, insert, select

from formscan.errors import NotFoundError, RefusedError
from formscan.model.page import Held
from formscan.model.people import SEES_PAGES, Permission, Person
from formscan.model.record import AuditEvent
from formscan.store import audit, batches, migrations, people, proof
from formscan.store.access import need
from formscan.store.accounts import Accounts
from formscan.store.audit import AuditHead, Digests
from formscan.store.batches import BatchRun
from formscan.store.corrections import Corrections
from formscan.store.figures import Figures
from formscan.store.gate import GateBook
from formscan.store.images import Images, open_images
from formscan.store.jottings import Jottings
from formscan.store.leases import Leases
from formscan.store.ledger import Ledger
from formscan.store.looks import SecondLooks
from formscan.store.patients import Patients
from formscan.store.plants import Plants
from formscan.store.proof import AuditVerdict
from formscan.store.questions import Questions
from formscan.store.records import Records
from formscan.store.regroup import SplitBook
from formscan.store.rows import ImageRow, MetaRow
from formscan.store.samples import Samples
from formscan.store.trail_pages import TrailPages
from formscan.store.unit_of_work import LOST_S, Database, Unit

LINES_AT_ONCE: Final = 500
"""Lines of the trail that are in memory at one time."""


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class Store(Records):
    """Images, drafts, decisions, entries, people, runs and the trail of all that happened to them.

    Every method is one transaction. Several processes may use one database; a store may be shared by
    threads. Errors are ``StoreError`` or one of its kinds and never quote a value.

    Args:
        database: With the newest schema.
        images: Folder of the image files.
        clock: The time, where a caller gives none.

    Attributes:
        accounts: Who signs in, and what for.
        leases: Who works on what now.
        looks: Second keys and rulings about critical fields.
        plants: Planted wrong values, and what became of them.
        corrections: What people changed, and what a supervisor said about it.
        samples: Acceptance samples of released fields.
        figures: Counts over released fields.
        trail_pages: The trail for people to read.
        patients: The index, and whose record an entry is.
        questions: What clerks ask about fields, and the answers.
        jottings: What clerks typed and did not decide on yet.
    """

    def __init__(self, database: Database, images: Images, clock: Callable[[], datetime] = now) -> None:
        with database.read() as connection:
            key = connection.scalar(select(MetaRow.value).where(MetaRow.name == "digest_key"))
        digests = Digests(bytes.fromhex(key or ""))
        super().__init__(database, digests, clock, database.time if clock is now else lambda _c: clock())
        self._images = images
        self.accounts = Accounts(database, digests, clock)
        self.leases = Leases(database, self._time)
        self.patients = Patients(database, clock)
        self.questions = Questions(database, digests, clock)
        self.jottings = Jottings(database)
        self.looks = SecondLooks(database, digests, clock, self._time)
        self.plants = Plants(database, digests)
        self.corrections = Corrections(database, digests)
        self.samples = Samples(database, digests)
        self.figures = Figures(database)
        self.trail_pages = TrailPages(database)

    @classmethod
    def open(
        cls,
        url: str,
        images: Path | str,
        *,
        workstation: str | None = None,
        clock: Callable[[], datetime] = now,
        lost_s: float = LOST_S,
    ) -> Store:
        """Open a database, making it or bringing it up to date first.

        Args:
            url: ``sqlite:///path/to/file.db`` or ``postgresql+psycopg://user@host/name``.
            images: Folder for the page images, or an fsspec URL.
            workstation: Name of this machine in the trail; its host name where left out.
            clock: The time.
            lost_s: How long a database server is waited for that was there and is gone.

        Raises:
            StoreError: If the URL is of another kind, the database cannot be reached, or a newer program
                made it.
        """
        station = platform.node() if workstation is None else workstation
        database = Database(url, station, lost_s=lost_s)
        try:
            migrations.upgrade(database)
            return cls(database, open_images(str(images)), clock)
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def images(self) -> Images:
        """Where page images and copies of files lie."""
        return self._images

    @property
    def ledger(self) -> Ledger:
        """The night's books: every file and page with its state."""
        return Ledger(self._database, self._digests, self._clock)

    @property
    def gate(self) -> GateBook:
        """The gate's book: calibrations and switches."""
        return GateBook(self._database, self._digests, self._clock)

    @property
    def split(self) -> SplitBook:
        """What people say about which pages belong together."""
        return SplitBook(self._database, self._digests, self._clock, self._time)

    # -- images --------------------------------------------------------------------------------

    def put_image(self, data: bytes, media_type: str) -> str:
        """Keep an image; the same bytes again are no work.

        Returns:
            Its SHA-256, hexadecimal. The file is durable before its row is written.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        with self._database.read() as connection:
            known = _knows_image(connection, sha256)
        if not known or not self._images.lies(sha256, len(data)):
            self._images.put(data, sha256)
        if not known:
            row = {"sha256": sha256, "media_type": media_type, "bytes_len": len(data)}

            def work(unit: Unit) -> None:
                if not _knows_image(unit.connection, sha256):
                    unit.connection.execute(insert(ImageRow).values(**row))

            self._database.write(work)
        return sha256

    def get_image(self, sha256: str, *, person: str | None = None) -> bytes:
        """The bytes of an image, verified against its name.

        Args:
            sha256: Its name.
            person: Who looks at it; ``SYSTEM`` for the program's own work. Nobody's looking is possible only
                where there are no accounts. What is written down is the opening of the draft or entry.

        Raises:
            NotFoundError: ``store.no_such_image``.
            RefusedError: The person may see no pages; a line of the trail says so.
            StoreError: ``store.image_damaged``.
        """
        try:
            with self._database.read() as connection:
                need(connection, person, *SEES_PAGES)
        except RefusedError:
            self._database.write(lambda unit: need(unit.connection, person, *SEES_PAGES))
            raise
        return self._images.get(sha256)

    def media_type(self, sha256: str) -> str:
        """Media type of an image.

        Raises:
            NotFoundError: ``store.no_such_image``.
        """
        with self._database.read() as connection:
            found = connection.scalar(select(ImageRow.media_type).where(ImageRow.sha256 == sha256))
        if found is None:
            raise NotFoundError("store.no_such_image", sha256=sha256)
        return found

    # -- the trail -----------------------------------------------------------------------------

    def audit(self, since: int = 0) -> Iterator[AuditEvent]:
        """Lines of the trail with a number above ``since``, in order, a few at a time."""
        while True:
            with self._database.read() as connection:
                lines = audit.lines_after(connection, since, LINES_AT_ONCE)
            yield from lines
            if len(lines) < LINES_AT_ONCE:
                return
            since = lines[-1].seq

    def audit_head(self) -> AuditHead:
        """Where the trail ends now, to be kept elsewhere."""
        return self._database.look(lambda connection: audit.head_of(connection)[0])

    def verify_audit(self, anchor: AuditHead | None = None) -> AuditVerdict:
        """Check the chain, where it ends, and that every released version is what its line says.

        Finds lines that were edited, taken out, put in or moved, a trail that was cut off while the noted
        head was not, and entries that were changed. Whoever can write freely into the database and knows
        the rules can make a new, whole trail; that is found only with an ``anchor`` kept elsewhere. Works
        beside writers, in constant memory.

        Args:
            anchor: A head noted earlier with ``audit_head``.
        """
        with self._database.read() as connection:
            head, last = audit.head_of(connection)
        verdict = proof.check_chain(self.audit(), head, last, anchor)
        if not verdict.intact:
            return verdict
        return self._database.look(lambda connection: proof.check_entries(connection, self._digests, verdict))

    # -- people --------------------------------------------------------------------------------

    def put_person(self, person: Person, by: str = "system") -> None:
        """Keep a person's name and roles; how somebody signs in is ``accounts``' matter.

        Raises:
            RefusedError: Where there are accounts and ``by`` may not administer them.
        """
        at = self._clock()

        def work(unit: Unit) -> None:
            need(unit.connection, by, Permission.ADMINISTER)
            people.put_person(unit, person, by, at)

        self._database.write(work)

    def person(self, person_id: str) -> Person:
        """An account.

        Raises:
            NotFoundError: ``store.no_such_person``.
        """
        return self._database.look(lambda connection: people.get_person(connection, person_id))

    def people(self) -> list[Person]:
        """All accounts by id."""
        return self._database.look(people.all_people)

    # -- runs ----------------------------------------------------------------------------------

    def start_run(self, run_id: str, person: str = "system") -> None:
        """Note the start of a run; again with the same id changes nothing."""
        at = self._clock()
        self._database.write(lambda unit: batches.start_run(unit, run_id, person, at))

    def add_held(self, run_id: str, held: Held) -> bool:
        """Note a page or file that was not read; ``False`` where this run has it already.

        Raises:
            NotFoundError: ``store.no_such_run``.
        """
        at = self._clock()
        return self._database.write(lambda unit: batches.add_held(unit, run_id, held, at))

    def finish_run(self, run_id: str, counts: Mapping[str, int], person: str = "system") -> BatchRun:
        """Note how a run ended; ``BatchRun.unaccounted`` tells whether it adds up.

        Raises:
            NotFoundError: ``store.no_such_run``.
            ImmutableError: ``store.run_finished``.
        """
        at = self._clock()

        def work(unit: Unit) -> BatchRun:
            batches.finish_run(unit, run_id, counts, person, at)
            return batches.get_run(unit.connection, run_id)

        return self._database.write(work)

    def run(self, run_id: str) -> BatchRun:
        """A run.

        Raises:
            NotFoundError: ``store.no_such_run``.
        """
        return self._database.look(lambda connection: batches.get_run(connection, run_id))

    def runs(self) -> list[BatchRun]:
        """All runs, newest first."""
        return self._database.look(batches.all_runs)

    def held(self, run_id: str | None = None) -> list[Held]:
        """What was held in a run, or in all, in the order it was noted."""
        return self._database.look(lambda connection: batches.all_held(connection, run_id))


def _knows_image(connection: Connection, sha256: str) -> bool:
    return connection.execute(select(ImageRow.sha256).where(ImageRow.sha256 == sha256)).first() is not None
