"""The one primitive: carrying legs from one domain to another, provably, without opening them.

Issuance, the question of A to B, its audit leg and the portal's login all go through here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from renkei.identity.directory import Directory
from renkei.identity.errors import BatchSizeWrong, ConversionProofWrong, LengthWrong
from renkei.identity.group import Scalar, framed
from renkei.identity.keys import Address, ConverterKeys, Origin
from renkei.identity.legs import Leg, carry
from renkei.identity.proofs import Conversion, ConversionProof, conversion_holds, prove_conversion
from renkei.identity.shuffle import ShuffleProof, prove_shuffle, shuffle, shuffle_holds
from renkei.kit import Tenant

BATCH = 65_535


@dataclass(frozen=True, slots=True)
class Passage:
    """One step of legs: which converter carries them, from where to where, after what.

    `so_far` is the digest of everything before this step, so that a proof fits in one place only.
    """

    converter: Tenant
    origin: Origin
    target: Address
    so_far: bytes

    def claim(
        self, directory: Directory, before: Sequence[Leg], after: Sequence[Leg]
    ) -> Conversion:
        """Return the claim of this step, with the keys the directory names for it."""
        return Conversion(
            before,
            after,
            origin=directory.factor(self.converter, self.origin.organisation, self.origin.kv),
            target=directory.factor(self.converter, self.target.organisation, self.target.kv),
            receiver=directory.receiver(self.target),
            binding=digest(
                b"passage",
                self.so_far,
                self.converter.encode(),
                self.origin.encoded,
                self.target.encoded,
            ),
        )

    def carry(
        self, legs: Sequence[Leg], keys: ConverterKeys, directory: Directory
    ) -> tuple[tuple[Leg, ...], ConversionProof]:
        """Carry the legs and prove it; this is all a converter ever does with its secrets."""
        factor, receiver = self._factor(keys, directory), directory.receiver(self.target)
        carried, randomness = zip(*(carry(leg, factor, receiver) for leg in legs), strict=True)
        claim = self.claim(directory, legs, carried)
        return carried, prove_conversion(claim, factor, randomness)

    def shuffle(
        self, legs: Sequence[Leg], keys: ConverterKeys, directory: Directory
    ) -> tuple[list[Leg], ShuffleProof]:
        """Carry the legs into a secret order and prove that they are the same ones."""
        factor = self._factor(keys, directory)
        moved, randomness, order = shuffle(legs, factor, directory.receiver(self.target))
        claim = self.claim(directory, legs, moved)
        return moved, prove_shuffle(claim, factor, randomness, order)

    def _factor(self, keys: ConverterKeys, directory: Directory) -> Scalar:
        factor = keys.scalar(self.target.organisation, self.target.kv)
        if self.origin == directory.registrar_origin():
            return factor
        return factor * keys.scalar(self.origin.organisation, self.origin.kv).inverse()

    def check(
        self,
        before: Sequence[Leg],
        after: Sequence[Leg],
        proof: ConversionProof,
        directory: Directory,
    ) -> None:
        """Check another converter's step, or name it."""
        if not conversion_holds(self.claim(directory, before, after), proof):
            raise ConversionProofWrong(converter=self.converter, leg=self.target.organisation)

    def check_shuffle(
        self,
        before: Sequence[Leg],
        after: Sequence[Leg],
        proof: ShuffleProof,
        directory: Directory,
    ) -> None:
        """Check another converter's step that changed the order, or name it."""
        if not shuffle_holds(self.claim(directory, before, after), proof):
            raise ConversionProofWrong(converter=self.converter, leg=self.target.organisation)


def digest(label: bytes, *parts: bytes) -> bytes:
    """Return 32 bytes that stand for these parts, in this order, under this label."""
    return sha256(framed(b"PFC1", label, *parts)).digest()


def check_context(context: bytes) -> None:
    """Refuse a context that is not a 32-byte hash."""
    if len(context) != 32:
        raise LengthWrong(what="context", length=len(context), wanted=32)


def check_size(size: int) -> None:
    """Refuse a batch that is empty or too large."""
    if not 1 <= size <= BATCH:
        raise BatchSizeWrong(size=size, limit=BATCH)
