"""Business rule tasks of cases: decided by the books, as of the day of the application.

A task names the decision as `BOOK/DECISION`. What came of it goes into the case; the version of the
book and of the model, and the articles it rests on, stand in the events as their basis.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial

from renkei import kit
from renkei.process import bpmn, cases, decisions
from renkei.process.bpmn.elements.business_rule_task import DECISION
from renkei.process.cases import waiting
from renkei.process.feel.domain import DOMAIN

ACTOR = "rules"
FAILED = "decision-failed"
"""The incident of a case whose decision cannot be taken."""
PAUSE = timedelta(minutes=10)
"""How long a decision is left whose case could not take it."""


class DecisionDesk:
    """The books at hand, and the decisions in them by the names of jobs."""

    def __init__(self, books: Mapping[str, decisions.Book]) -> None:
        """Take the books by their names."""
        self._books = {
            f"{DECISION}{name}/{decision}": (book, decision)
            for name, book in books.items()
            for edition in book.editions
            for decision in edition.model.decisions
        }

    @classmethod
    def shipped(cls) -> "DecisionDesk":
        """Open the books that come with the program."""
        found = {
            name: decisions.shipped_book(name, library=DOMAIN) for name in decisions.shipped_books()
        }
        return cls({name: book for name, book in found.items() if book is not None})

    @property
    def names(self) -> list[str]:
        """Return the names of the jobs that are done here."""
        return list(self._books)

    def book_of(self, decision: str) -> tuple[decisions.Book, str] | None:
        """Return the book and the decision in it that a task names as `BOOK/DECISION`."""
        return self._books.get(f"{DECISION}{decision}")

    def work(
        self,
        conn: kit.Connection,
        tenant: kit.Tenant,
        library: cases.Library,
        *,
        at: datetime,
        most: int,
        apart: bool = False,
    ) -> int:
        """Take the decisions that cases wait for, in the transaction of `conn`; return how many.

        Apart, one that fails is left, and stops no other (see `cases.take_all`).
        """
        holding = waiting.hold_jobs(conn, tenant, self.names, at=at, most=most)
        done, left = list[waiting.Done](), list[tuple[waiting.Lease, kit.NodeError]]()
        for job in holding.jobs:
            decide = partial(self._decided, conn, tenant, library, holding, job, at=at)
            came = cases.alone(conn, decide) if apart else decide()
            if isinstance(came, kit.NodeError):
                left.append((job, came))
            else:
                done.append(came)
        locked = None if apart else holding.cases
        taken = waiting.bring_done(
            conn, tenant, done, library, actor=ACTOR, at=at, apart=apart, locked=locked
        )
        for one, told in zip(done, taken, strict=True):
            if told.refused is not None:
                left.append((one.job, told.refused))
        for lease, trouble in left:  # the case cannot take it now: it stops no other
            waiting.postpone(conn, tenant, lease, until=at + PAUSE, trouble=trouble.text("ja"))
        return len(holding.jobs)

    def _decided(
        self,
        conn: kit.Connection,
        tenant: kit.Tenant,
        library: cases.Library,
        holding: waiting.Holding,
        job: waiting.Job,
        *,
        at: datetime,
    ) -> waiting.Done | kit.NodeError:
        """Take one decision; return what came of it, or why its case cannot be read."""
        stands, on = holding.cases[job.case].case, holding.days[job.case]
        try:
            definition = library.get(conn, tenant, stands.definition)
            known = bpmn.visible(definition, stands, job.wait)
        except kit.NodeError as error:
            return error
        told, trouble, basis = self.decide(job.name, job.about, known, on=on, at=at)
        return waiting.Done(job, told, trouble=trouble, code=FAILED, basis=basis)

    def decide(
        self,
        name: str,
        about: bpmn.Variables,
        known: bpmn.Variables,
        *,
        on: date,
        at: datetime,
    ) -> tuple[bpmn.Variables, str, str]:
        """Decide by the book of a job's name; return what came of it, or the trouble; by what."""
        book, decision = self._books[name]
        try:
            in_force = book.on(on)
            wanted = in_force.edition.model.all_inputs().keys() - in_force.values().keys()
            inputs = {name: value for name, value in known.items() if name in wanted}
            answer = book.evaluate(decision, inputs, on=on, clock=lambda: at, why=True)
        except kit.NodeError as error:
            return {}, error.text("ja"), ""
        if answer.outcome.problems:
            return {}, " ".join(one.text("ja") for one in answer.outcome.problems[:3]), ""
        into = about.get("result")
        told = {into: answer.outcome.value} if isinstance(into, str) and into else {}
        versions = f"{book.name}/{decision} {answer.version[:16]} {answer.outcome.version[:16]}"
        return told, "", " ".join((versions, *answer.articles))
