"""An inquiry about many as it waits, and the answers of its parts as they wait to be told."""

from datetime import datetime
from typing import Self

import msgspec

from renkei import exchange, federation, kit
from renkei.federation import BulkAsked, BulkPerson, Fact


class KeptBulk(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is asked of every person: the fields of an envelope, the target, the order, who asks."""

    fields: exchange.Fields
    path: str
    query: str
    order: federation.Order
    staff: str = ""
    second: str = ""

    def encoded(self) -> bytes:
        """Return the bytes that wait."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def decoded(cls, data: bytes) -> Self:
        """Return what is asked."""
        return kit.read_msgpack(data, cls)

    def asked(
        self,
        people: tuple[BulkPerson, ...],
        number: str,
        *,
        instance: str,
        handed_at: datetime | None = None,
    ) -> BulkAsked:
        """Return the question about some people."""
        envelope = exchange.envelope(self.fields, instance=instance)
        call = exchange.service_call(self.path, self.query)
        by = (self.staff, self.second, handed_at)
        return BulkAsked(envelope, call, number, self.order, people, *by)


class KeptAnswers(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a part ended: facts by place, the facts of a set, the error of who has no fact."""

    ended: dict[int, Fact] = {}
    of_set: tuple[Fact, ...] = ()
    failed: str = ""

    def encoded(self) -> bytes:
        """Return the bytes that wait."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def decoded(cls, data: bytes) -> Self:
        """Return the answers."""
        return kit.read_msgpack(data, cls)


def encode_people(people: tuple[BulkPerson, ...]) -> bytes:
    """Return the bytes of a part of a list that wait."""
    return msgspec.msgpack.encode(people)


def decode_people(data: bytes) -> tuple[BulkPerson, ...]:
    """Return the part of a list."""
    return kit.read_msgpack(data, tuple[BulkPerson, ...])
