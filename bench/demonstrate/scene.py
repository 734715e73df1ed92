"""Two towns, two converters and the log's domain in one hand, with people who have codes."""

from dataclasses import dataclass, field, replace

import msgspec

from renkei import identity
from renkei.kit import Tenant, tenant

A, B = tenant("131016"), tenant("131024")
FIRST, SECOND = tenant("8000070001201"), tenant("7000070001202")
REGISTRAR, LOG = tenant("6000070001203"), tenant("5000070001204")
CONTEXT = bytes(32)


@dataclass(frozen=True, slots=True)
class Scene:
    """Everybody's keys, and the list that names them."""

    hub: tuple[identity.ConverterKeys, identity.ConverterKeys]
    keys: dict[Tenant, identity.DecryptionKey] = field(
        default_factory=lambda: {each: identity.DecryptionKey.draw(each) for each in (A, B, LOG)}
    )
    kv: int = 0

    @classmethod
    def draw(cls) -> "Scene":
        """Draw every key."""
        organisations = (A, B, LOG)
        first, second = (
            identity.ConverterKeys.draw(each, organisations) for each in (FIRST, SECOND)
        )
        return cls((first, second))

    @property
    def directory(self) -> identity.Directory:
        """Return what everybody publishes, every proof checked."""
        first, second = self.hub
        published = [
            identity.PublicKeys(
                identity.SUITE,
                each,
                {FIRST: first.public(each), SECOND: second.public(each)},
                {key.dv: key.public()},
                self.kv if each == A else 0,
            )
            for each, key in self.keys.items()
        ]
        return identity.Directory.checked(
            published, converters=(FIRST, SECOND), registrar=REGISTRAR, log_operator=LOG
        )

    def issued(self, pids: list[identity.Pid], organisation: Tenant) -> list[identity.Nym]:
        """Issue codes to an organisation, through both converters."""
        directory = self.directory
        persons = [(identity.AcquisitionNumber.random(), pid) for pid in pids]
        issuance = identity.encrypt_persons(persons, organisation, directory)
        for keys in self.hub:
            issuance = identity.convert_issuance(
                issuance, keys, directory, organisation=organisation, context=CONTEXT
            )
        verified = identity.verify_issuance(
            issuance, directory, organisation=organisation, context=CONTEXT
        )
        return [nym for _, nym in identity.open_issuance(verified, self.keys[organisation])]

    def batch(self, nyms: list[identity.Nym]) -> identity.VerifiedBatch:
        """Let A ask B about nyms it has, or says it has."""
        directory = self.directory
        named = [(number.to_bytes(16), nym) for number, nym in enumerate(nyms)]
        batch = identity.blind_batch(named, B, directory, mode="ordered", context=CONTEXT)
        for keys in self.hub:
            batch = identity.convert_batch(
                batch, keys, directory, asker=A, provider=B, context=CONTEXT
            )
        return identity.verify_batch(batch, directory, asker=A, provider=B, context=CONTEXT)

    def admitted(self, nyms: list[identity.Nym], handles: set[bytes]) -> int:
        """Return how many of the persons of a batch the log operator knows."""
        opened = identity.open_batch(self.batch(nyms), self.keys[LOG])
        return sum(nym.handle in handles for nym in opened)

    def rotating(self) -> "Scene":
        """Return the scene in which both converters hold a second factor of A."""
        first, second = self.hub
        return replace(self, hub=(first.admit(A, kv=2), second.admit(A, kv=2)))

    def rotated(self) -> "Scene":
        """Return the scene in which the first factor is destroyed, and A names the second."""
        first, second = self.hub
        return replace(self, hub=(first.destroy(A, 1), second.destroy(A, 1)), kv=2)


def body(message: msgspec.Struct) -> bytes:
    """Return a message as it travels."""
    return identity.render(message)
