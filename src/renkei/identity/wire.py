"""Messages and key texts as JSON; every group element and proof in base64url without padding.

What comes in is checked here once: lengths, canonical encodings, no unknown member. Behind this
door a message holds good values only.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TypeVar

import msgspec

from renkei.identity.errors import MessageMalformed
from renkei.identity.group import Encoded
from renkei.kit import NodeError, metered, read_json

Message = TypeVar("Message", bound=msgspec.Struct)


@metered("codes")
def render(message: msgspec.Struct) -> bytes:
    """Return the JSON of a message of this room."""
    return msgspec.json.encode(message, enc_hook=_text)


@metered("codes")
def parse(data: bytes | str, kind: type[Message]) -> Message:
    """Return the message of that kind, or say what is wrong and where in the text."""
    try:
        return read_json(data, kind, _value)
    except msgspec.DecodeError as error:
        raise MessageMalformed(kind=kind.__name__, reason=str(error)[:200]) from error


def _text(value: object) -> str:
    if isinstance(value, Encoded):
        return urlsafe_b64encode(value.encoded).rstrip(b"=").decode()
    raise NotImplementedError(type(value).__name__)


def _value(kind: type, text: object) -> Encoded:
    """Parse one value; a ValueError lets msgspec add where in the message it stands."""
    if not (issubclass(kind, Encoded) and isinstance(text, str)):
        raise TypeError(f"Expected {kind.__name__} as text")
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        data = b""
    # Decoding forgives strange characters and stray bits; encoding again shows them.
    if _text(Encoded(data)) != text:
        raise ValueError("Expected base64url without padding")
    try:
        return kind.parse(data)
    except NodeError as error:
        raise ValueError(error.code()) from error
