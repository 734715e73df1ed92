"""A question as it waits to be asked, and its answer as it waits to be told (exchange/tasks)."""

from typing import Literal, Self

import msgspec

from renkei import exchange, kit
from renkei.exchange import Answer


class KeptQuestion(msgspec.Struct, frozen=True, omit_defaults=True):
    """The fields of an envelope, its target, what the client accepts, what brought it.

    What has a default is left out where it has it: what waited before this program's version is
    the same question still.
    """

    fields: exchange.Fields
    path: str
    query: str
    accept: str
    request_hash: str
    binding: Literal["rest", "file"] = "rest"

    def encoded(self) -> bytes:
        """Return the bytes that wait."""
        return msgspec.msgpack.encode(self)

    def same(self) -> bytes:
        """Return what tells the question from another one: the hash is new each time."""
        return msgspec.msgpack.encode(msgspec.structs.replace(self, request_hash=""))

    @classmethod
    def decoded(cls, data: bytes) -> Self:
        """Return the question."""
        return kit.read_msgpack(data, cls)


class KeptAnswer(msgspec.Struct, frozen=True):
    """What a unit is told, as REST tells it."""

    status: int
    fields: exchange.Fields
    body: bytes

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """Return an answer to be kept."""
        return cls(answer.status, answer.fields, answer.body)

    def encoded(self) -> bytes:
        """Return the bytes that wait."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def decoded(cls, data: bytes) -> Self:
        """Return the answer."""
        return kit.read_msgpack(data, cls)

    def answer(self) -> Answer:
        """Return what is sent."""
        return Answer(self.status, self.fields, self.body)
