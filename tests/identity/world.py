"""A small world for the tests: two towns, two converters, a registrar and a log operator."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from renkei import identity
from renkei.identity import (
    AcquisitionNumber,
    Batch,
    ConverterKeys,
    DecryptionKey,
    Directory,
    Issuance,
    Nym,
    Pid,
    PublicKeys,
    Question,
    VerifiedBatch,
    VerifiedQuestion,
)
from renkei.kit import Tenant, tenant

VECTORS = Path(__file__).parents[3] / "shared" / "data" / "rfc"

A, B = tenant("131016"), tenant("131024")
FIRST, SECOND = tenant("8000070001201"), tenant("7000070001202")
REGISTRAR, LOG = tenant("6000070001203"), tenant("5000070001204")
CONTEXT = bytes(range(32))


@dataclass(frozen=True, slots=True)
class World:
    """Everyone's keys in one hand, as only a test may hold them."""

    first: ConverterKeys
    second: ConverterKeys
    keys: dict[Tenant, DecryptionKey]
    directory: Directory

    @classmethod
    def of(cls, first: ConverterKeys, second: ConverterKeys) -> Self:
        """Draw the organisations' own keys, and publish everything."""
        keys = {each: DecryptionKey.draw(each) for each in (A, B, LOG)}
        published = [
            PublicKeys(
                identity.SUITE,
                each,
                {FIRST: first.public(each), SECOND: second.public(each)},
                {1: key.public()},
            )
            for each, key in keys.items()
        ]
        directory = Directory.checked(
            published, converters=(FIRST, SECOND), registrar=REGISTRAR, log_operator=LOG
        )
        return cls(first, second, keys, directory)

    @classmethod
    def draw(cls) -> Self:
        """Draw every key."""
        return cls.of(*(ConverterKeys.draw(each, (A, B, LOG)) for each in (FIRST, SECOND)))

    def issuance(self, pids: list[Pid], organisation: Tenant) -> Issuance:
        """Return an issuance that both converters have converted."""
        persons = [(AcquisitionNumber.random(), pid) for pid in pids]
        issuance = identity.encrypt_persons(persons, organisation, self.directory)
        for keys in (self.first, self.second):
            issuance = identity.convert_issuance(
                issuance, keys, self.directory, organisation=organisation, context=CONTEXT
            )
        return issuance

    def nyms(self, pids: list[Pid], organisation: Tenant) -> list[Nym]:
        """Issue codes to an organisation and open them there."""
        issuance = self.issuance(pids, organisation)
        verified = identity.verify_issuance(
            issuance, self.directory, organisation=organisation, context=CONTEXT
        )
        return [nym for _, nym in identity.open_issuance(verified, self.keys[organisation])]

    def question(self, nym: Nym, *, context: bytes = CONTEXT) -> Question:
        """Return a question of A to B that both converters have converted."""
        question = identity.blind(nym, B, self.directory, context=context)
        for keys in (self.first, self.second):
            question = self.converted(question, keys, context=context)
        return question

    def converted(
        self, question: Question, keys: ConverterKeys, *, context: bytes = CONTEXT
    ) -> Question:
        """Return a question of A to B that this converter has converted too."""
        return identity.convert(
            question, keys, self.directory, asker=A, provider=B, context=context
        )

    def verified(self, question: Question, *, context: bytes = CONTEXT) -> VerifiedQuestion:
        """Return a question of A to B, verified."""
        return identity.verify(question, self.directory, asker=A, provider=B, context=context)

    def batch(
        self,
        persons: list[tuple[bytes, Nym]],
        *,
        mode: Literal["ordered", "shuffled"] = "ordered",
        context: bytes = CONTEXT,
    ) -> Batch:
        """Return a batch of A to B that both converters have converted."""
        batch = identity.blind_batch(persons, B, self.directory, mode=mode, context=context)
        for keys in (self.first, self.second):
            batch = identity.convert_batch(
                batch, keys, self.directory, asker=A, provider=B, context=context
            )
        return batch

    def verified_batch(self, batch: Batch) -> VerifiedBatch:
        """Return a batch of A to B, verified."""
        return identity.verify_batch(batch, self.directory, asker=A, provider=B, context=CONTEXT)


def another_context() -> bytes:
    """Return the context of some other request."""
    return os.urandom(32)
