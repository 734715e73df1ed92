"""An inquiry about many at the asker: who of a list may travel, and who ends here, each by name.

Everything is decided and entered here, in one transaction, before anything leaves the house. Those
whom the law treats alike (relation, consent, protection, version of the code) go in one batch.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import msgspec

from renkei import audit, exchange, identity, kit, law, standard, store
from renkei.federation.answering import NodeKeys
from renkei.federation.bulk import Bulk, Order
from renkei.federation.desk import Desk, facts
from renkei.federation.errors import ServiceUnknown
from renkei.federation.inquiry import Fact, Inquiry, Outcome, Refused
from renkei.federation.question import Asked, Written, written


class BulkPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One line of a list: our own number for a person, and what a provision may look at."""

    subject: str
    relation: standard.SubjectRelation = "applicant"
    consent: str = ""


@dataclass(frozen=True, slots=True)
class BulkAsked:
    """A list of persons and what is asked about all of them; `staff` is the official who asks.

    The envelope is about nobody. `number` is that of the whole inquiry, `second` who looked along,
    `handed_at` when the list was handed over.
    """

    envelope: exchange.Envelope
    call: exchange.ServiceCall
    number: str
    order: Order
    people: tuple[BulkPerson, ...]
    staff: str = ""
    second: str = ""
    handed_at: datetime | None = None

    def one(self, person: BulkPerson) -> Asked:
        """Return the question as it would be about one person alone."""
        envelope = replace(
            self.envelope,
            subject=person.subject,
            consent=person.consent or None,
            relation=person.relation,
            user_id=self.staff or self.envelope.user_id,
            second=self.second or self.envelope.second,
        )
        return Asked(envelope, self.call, self.number, handed_at=self.handed_at)

    def said(self) -> dict[str, str]:
        """Return what the asker's own entries say besides."""
        named = {"staff": self.staff, "second": self.second}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class BulkOpened:
    """A batch that may travel: whom it is about by their places in the list, and their codes.

    `consents` are the references of each one's consent, or none at all: they stay in the house.
    """

    written: Written
    bulk: Bulk
    places: tuple[int, ...]
    nyms: tuple[identity.Nym, ...]
    labels: tuple[bytes, ...]
    said: Mapping[str, str]
    withheld: bool
    consents: tuple[str, ...]

    def one(self, place: int) -> Written:
        """Return the question of one person, by the place in the batch, with the own consent."""
        return _one(self.written, self.bulk, self.consents, place)


@dataclass(frozen=True, slots=True)
class BulkDecided:
    """What became of a list: the batches that may travel, and how the others ended, by place."""

    batches: tuple[BulkOpened, ...]
    ended: Mapping[int, Fact]


class _Alike(NamedTuple):
    """What persons of one batch have in common; `ending` is that of those who do not travel."""

    ending: Outcome | None
    relation: standard.SubjectRelation
    has_consent: bool
    withheld: bool
    kv: int


class _One(NamedTuple):
    """A person of the list with a place in it, the code that was issued for them, their chain."""

    place: int
    person: BulkPerson
    nym: identity.Nym | None
    chain: identity.Chain | None


def open_bulk(
    conn: kit.Connection,
    desk: Desk,
    keys: NodeKeys,
    asked: BulkAsked,
    *,
    fewest: int,
    at: datetime,
) -> BulkDecided:
    """Decide a list and enter each person in it: they may travel, or end here with a fact."""
    batches, ended = [], dict[int, Fact]()
    for alike, people in _groups(conn, desk, keys, asked, at).items():
        done = _open(conn, desk, asked, alike, people, fewest, at)
        if isinstance(done, BulkOpened):
            batches.append(done)
        else:
            ended.update(done)
    return BulkDecided(tuple(batches), ended)


def check_bulk(desk: Desk, asked: BulkAsked, *, at: datetime) -> None:
    """Raise what keeps a list from being decided at all; what the law says is no part of it."""
    _written(desk, asked, asked.people[0], at)


def _written(desk: Desk, asked: BulkAsked, person: BulkPerson, at: datetime) -> Written:
    """Return what is asked, as of one person; nobody asks for the access records of many."""
    question = written(desk, asked.one(person), at)
    if question.inquiry.is_own_access:
        raise ServiceUnknown(service=f"{question.inquiry.holder_unit}/{question.inquiry.service}")
    return question


def _groups(
    conn: kit.Connection, desk: Desk, keys: NodeKeys, asked: BulkAsked, at: datetime
) -> dict[_Alike, list[_One]]:
    """Sort the people of a list by what the law and the converters look at, in few statements."""
    numbers = [one.subject for one in asked.people]
    known = store.find_people(conn, desk.tenant, numbers, on=kit.day_of(at))
    codes = identity.codes_of(conn, desk.tenant, numbers, seal=keys.seal)
    # A number that is nobody's here has no chain.
    chains = identity.chains_for(conn, desk.tenant, known.keys() | codes.keys(), seal=keys.seal)
    groups = defaultdict[_Alike, list[_One]](list)
    for place, one in enumerate(asked.people):
        nym, person = codes.get(one.subject), known.get(one.subject)
        ending: Outcome | None = None if nym is not None else "code-not-issued"
        alike = _Alike(
            ending if person is not None else "subject-unknown",
            one.relation,
            # In a set nobody can be held to the consent of one: none goes along.
            bool(one.consent) and asked.order == "ordered",
            person is not None and person.protected,
            0 if nym is None else nym.kv,
        )
        groups[alike].append(_One(place, one, nym, chains.get(one.subject)))
    return dict(groups)


def _open(
    conn: kit.Connection,
    desk: Desk,
    asked: BulkAsked,
    alike: _Alike,
    people: Sequence[_One],
    fewest: int,
    at: datetime,
) -> BulkOpened | dict[int, Fact]:
    """Decide about people who are alike, by the law first, as of one alone; enter each of them."""
    question = _written(desk, asked, people[0].person, at)
    inquiry = msgspec.structs.replace(
        question.inquiry,
        id=exchange.new_id(desk.members.instance),
        consent="given" if alike.has_consent else "",
    )
    consents = tuple(one.person.consent for one in people) if alike.has_consent else ()
    bulk = Bulk(inquiry, asked.number, asked.order, len(people))
    table = desk.table_of(question.travels_in)
    with kit.metered("law"):
        decision = desk.ruling(bulk.inquiry, table, kit.day_of(at))
    inquiry = msgspec.structs.replace(inquiry, provision=decision.provision)
    bulk = msgspec.structs.replace(bulk, inquiry=inquiry)
    said_by, when = asked.one(people[0].person).envelope, asked.handed_at or at
    by = desk.at_desk(said_by, "inquire", is_restricted=alike.withheld, at=when)
    question = replace(question, inquiry=inquiry, own=question.own.by(by))
    outcome, refusal = alike.ending, None
    if isinstance(decision, law.Refusal):
        reason = decision.reason.value
        refusal = Refused(desk.tenant, reason, decision.provision, decision.table)
    elif isinstance(by, law.StaffRefusal):
        refusal = desk.refuse(inquiry, by.code)
    elif outcome is None and bulk.order == "shuffled" and bulk.persons < fewest:
        refusal = desk.refuse(inquiry, "set-too-small")
    if refusal is not None:
        outcome = "refused"
    # Entered before it travels.
    year = kit.day_of(at).year
    labels = [
        None if one.chain is None else one.chain.mark(year, withheld=alike.withheld)
        for one in people
    ]
    said = asked.said()
    shared = bulk.facts() | said
    kind = audit.Kind.REQUEST if outcome is None else audit.Kind.REFUSAL
    audit.append_many(
        conn,
        desk.tenant,
        (
            _one(question, bulk, consents, place).entry(
                desk,
                kind,
                outcome or "asked",
                at=at,
                label=label,
                withheld=alike.withheld,
                details=shared if refusal is None else shared | facts(refusal),
            )
            for place, label in enumerate(labels, 1)
        ),
    )
    if outcome is None:
        nyms = tuple(one.nym for one in people if one.nym is not None)
        marks = tuple(label for label in labels if label is not None)
        places = tuple(one.place for one in people)
        return BulkOpened(question, bulk, places, nyms, marks, said, alike.withheld, consents)
    return dict(_ends(desk, question, bulk, people, outcome, refusal))


def _one(question: Written, bulk: Bulk, consents: tuple[str, ...], place: int) -> Written:
    """Return the question of one person of a batch; everybody's own consent is their own."""
    consent = consents[place - 1] if consents else ""
    own = replace(question.own, consent=consent)
    return replace(question, inquiry=bulk.person(place), own=own)


def _ends(
    desk: Desk,
    question: Written,
    bulk: Bulk,
    people: Sequence[_One],
    outcome: Outcome,
    refusal: Refused | None,
) -> Iterator[tuple[int, Fact]]:
    """Yield how each of these people's questions ended, at home."""
    for number, one in enumerate(people, 1):
        inquiry: Inquiry = bulk.person(number)
        yield (
            one.place,
            Fact(
                inquiry.id,
                outcome,
                by=desk.tenant,
                reason="" if refusal is None else refusal.reason,
                provision=inquiry.provision,
                table=inquiry.table,
                release=question.asked_in.edition.edition,
            ),
        )
