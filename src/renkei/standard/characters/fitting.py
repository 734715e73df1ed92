"""Fitting a text to a receiver that has fewer characters: what it will see, and what changed."""

from dataclasses import dataclass

from renkei.standard.characters.changes import Replacement, Unrepresentable
from renkei.standard.characters.charsets import Charset
from renkei.standard.characters.encodings import encode
from renkei.standard.characters.variants import forms


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text in the characters of a charset, and each one that is not as it was."""

    text: str
    replaced: tuple[Replacement, ...] = ()
    missing: tuple[Unrepresentable, ...] = ()


def fitted(text: str, charset: Charset) -> Fitted:
    r"""Return a text as a receiver of a charset will read it, still as text.

    >>> fitted("葛\U000e0100城", Charset.windows_31j).text
    '葛城'
    >>> fitted("𩸽山", Charset.jis_x_0208).text
    '〓山'
    """
    encoded = encode(text, charset, mapping=forms())
    if encoded.is_whole and not encoded.replacements:
        return Fitted(text)
    return Fitted(encoded.data.decode(charset.codec), encoded.replacements, encoded.missing)
