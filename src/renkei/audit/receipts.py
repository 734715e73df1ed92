"""Receipts: the log operator's signed promise that an entry will be in the log, and by when.

A provider answers only against one. It names the entry by its core hash and the conversion by the
digest of its transcript, so that it fits one request only. One line of ASCII, fit for a header.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from renkei.audit.encoding import base64url, from_base64url, from_instant, instant, whole_number
from renkei.audit.errors import KeyUnknown, ReceiptInvalid
from renkei.audit.notes import Signer, Verifier
from renkei.audit.tree import HASH
from renkei.kit import metered

FORMAT = "renkei-receipt/v1"
LARGEST_RECEIPT = 1024
LONGEST_DELAY = 31 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is promised: the entry with this core, in the log of this origin, within the delay."""

    origin: str
    core_hash: bytes
    at: datetime
    delay: int
    transcript: bytes

    @property
    def due(self) -> datetime:
        """Return when the entry must be in the log (the maximum merge delay)."""
        return self.at + timedelta(seconds=self.delay)

    @metered("signatures")
    def sign(self, signer: Signer) -> str:
        """Return the receipt as its line; the signer must be the key of the log named."""
        if signer.name != self.origin:
            raise ReceiptInvalid(part="origin")
        text = self.text
        return f"{text} {base64url(signer.verifier.id + signer.sign(text.encode()))}"

    @classmethod
    def open(
        cls,
        line: str,
        trusted: Iterable[Verifier],
        *,
        transcript: bytes,
        core_hash: bytes | None = None,
    ) -> Self:
        """Read a receipt that a trusted log signed for this transcript (and this entry)."""
        receipt = cls.read(line, trusted)
        if receipt.transcript != transcript:
            raise ReceiptInvalid(part="transcript")
        if core_hash is not None and receipt.core_hash != core_hash:
            raise ReceiptInvalid(part="core_hash")
        return receipt

    @classmethod
    @metered("signatures")
    def read(cls, line: str, trusted: Iterable[Verifier]) -> Self:
        """Read a receipt that a trusted log signed, for whatever transcript: to look it up."""
        text, _, encoded = line.rpartition(" ")
        receipt = cls._parse(text) if len(line) <= LARGEST_RECEIPT else None
        if receipt is None:
            raise ReceiptInvalid(part="form")
        try:
            signature = from_base64url(encoded)
        except ValueError as error:
            raise ReceiptInvalid(part="signature") from error
        known = {(verifier.name, verifier.id): verifier for verifier in trusted}
        verifier = known.get((receipt.origin, signature[:4]))
        if verifier is None:
            raise KeyUnknown(name=receipt.origin[:200])
        if not verifier.fits(text.encode(), signature[4:]):
            raise ReceiptInvalid(part="signature")
        return receipt

    @property
    def text(self) -> str:
        """Return what is signed."""
        parts = (base64url(self.core_hash), instant(self.at), self.delay)
        return " ".join((FORMAT, self.origin, *map(str, parts), base64url(self.transcript)))

    @classmethod
    def _parse(cls, text: str) -> Self | None:
        try:
            form, origin, core_hash, at, delay, transcript = text.split(" ")
            receipt = cls(
                origin,
                from_base64url(core_hash),
                from_instant(at),
                whole_number(delay),
                from_base64url(transcript),
            )
        except ValueError:
            return None
        whole = len(receipt.core_hash) == len(receipt.transcript) == HASH
        sound = whole and receipt.delay <= LONGEST_DELAY and receipt.text == text
        return receipt if form == FORMAT and sound else None
