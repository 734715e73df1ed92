"""What a person is to one organisation: the nym, and the names that are derived from it.

The nym is the linkage code (符号) in its secret form, a group element. On screens, in tables and in
logs stands only its display form, from which nobody gets the nym back.
"""

from base64 import b32encode
from dataclasses import dataclass
from hashlib import sha256, sha512

from renkei.identity.errors import LinkageCodeMalformed, LinkageCodeMistyped, NymForeign
from renkei.identity.group import Element
from renkei.kit import Tenant

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
LENGTH = 33


@dataclass(frozen=True, slots=True)
class Nym:
    """One person's linkage code in one organisation, under one version of its converters' keys.

    It belongs to its owner; nyms of two owners are never compared.
    """

    owner: Tenant
    kv: int
    element: Element

    @property
    def code(self) -> str:
        """Return the display form: 32 characters A-Z 2-7 (160 bits) and a check character."""
        body = b32encode(sha512(b"PFC1-code" + self._place()).digest()[:20]).decode()
        return body + check_character(body)

    @property
    def handle(self) -> bytes:
        """Return the 32 bytes under which the log operator knows the person."""
        return sha256(b"PFC1-handle" + self._place()).digest()

    def _place(self) -> bytes:
        return self.owner.encode() + self.kv.to_bytes(4) + self.element.encoded

    def belongs_to(self, tenant: Tenant) -> None:
        """Refuse to be used as another organisation's."""
        if self.owner != tenant:
            raise NymForeign(owner=self.owner, organisation=tenant)


def check_character(body: str) -> str:
    """Return the check character of ISO/IEC 7064 MOD 37-2: 0-9, A-Z or `*`.

    It finds every single wrong character and every exchange of two neighbours.

    >>> check_character("A999914123456")
    'N'
    """
    rest = 0
    for character in body:
        rest = (rest + ALPHABET.index(character)) * 2 % 37
    return ALPHABET[(1 - rest) % 37]


def checked_code(text: str) -> str:
    """Return a display form that somebody typed, or refuse it.

    >>> checked_code("A" * 33)
    Traceback (most recent call last):
    renkei.identity.errors.LinkageCodeMistyped: ...
    """
    body = text[:-1]
    if len(text) != LENGTH or set(body) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"):
        raise LinkageCodeMalformed
    if text[-1] != check_character(body):
        raise LinkageCodeMistyped
    return text
