"""How the questions of one batch ended for the asker: the facts of its places, by whose word."""

from collections.abc import Sequence
from dataclasses import dataclass

from renkei import kit
from renkei.federation.asking import told_of
from renkei.federation.bulk import ProvidedPerson
from renkei.federation.bulk_question import BulkOpened
from renkei.federation.channel import Reply
from renkei.federation.errors import BulkAnswerDiffers
from renkei.federation.inquiry import Fact, InSet, Refused
from renkei.federation.way import Told

IN_SET: InSet = "answered-in-set"


@dataclass(frozen=True, slots=True)
class Travelled:
    """What came of one batch: each place's fact, whose word it is, what it lost on the way.

    Of a set the places are the holder's, and which is whose nobody knows.
    """

    facts: tuple[Fact, ...]
    replies: tuple[Reply, ...]
    told: tuple[Told | None, ...]
    is_set: bool = False


def check_size(peer: kit.Tenant, opened: BulkOpened, persons: Sequence[object]) -> None:
    """Refuse an answer about fewer or more than were asked about."""
    if len(persons) != opened.bulk.persons:
        wanted = opened.bulk.persons
        raise BulkAnswerDiffers(peer=peer, found=len(persons), wanted=wanted)


def provided_at(
    opened: BulkOpened, place: int, one: ProvidedPerson, receipt: str, reply: Reply
) -> tuple[Fact, Told | None]:
    """Return what the holder said of one place, as the unit asked for it."""
    bulk = opened.bulk
    if one.reason:
        refused = Refused(bulk.inquiry.holder, one.reason, bulk.inquiry.provision, "")
        return refused_at(opened, place, refused, receipt), None
    told = told_of(opened.written, one.record, one.losses, reply)
    fact = Fact(
        bulk.person(place).id,
        "not-held" if told.record is None else "answered",
        by=bulk.inquiry.holder,
        provision=bulk.inquiry.provision,
        table=bulk.inquiry.table,
        record=told.record,
        receipt=receipt,
        entry=one.entry,
        release=opened.written.asked_in.edition.edition,
        losses=told.losses,
    )
    return fact, told


def refused_at(opened: BulkOpened, place: int, refusal: Refused, receipt: str = "") -> Fact:
    return Fact(
        opened.bulk.person(place).id,
        "refused",
        by=refusal.by,
        reason=refusal.reason,
        provision=refusal.provision,
        table=refusal.table or opened.bulk.inquiry.table,
        receipt=receipt,
        release=opened.written.asked_in.edition.edition,
    )


def in_set(opened: BulkOpened) -> tuple[Fact, ...]:
    """Return what each person of a set is told: that the answer is one of it."""
    inquiry, release = opened.bulk.inquiry, opened.written.asked_in.edition.edition
    return tuple(
        Fact(
            opened.bulk.person(place).id,
            IN_SET,
            by=inquiry.holder,
            provision=inquiry.provision,
            table=inquiry.table,
            release=release,
        )
        for place in range(1, opened.bulk.persons + 1)
    )


def all_refused(opened: BulkOpened, refusal: Refused, reply: Reply) -> Travelled:
    """Return a party's no to the whole batch as a no to each of its persons."""
    places = range(1, opened.bulk.persons + 1)
    facts = tuple(refused_at(opened, place, refusal) for place in places)
    return Travelled(facts, (reply,) * len(facts), (None,) * len(facts))
