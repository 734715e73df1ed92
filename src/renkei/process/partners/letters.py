"""A letter between bodies as it travels: about a procedure, never naming a person.

What it says beyond its envelope are values of data items that the public process lists for it.
"""

from datetime import datetime
from typing import Annotated, Literal, TypeVar

import msgspec

from renkei import audit, kit, standard
from renkei.process import bpmn, feel
from renkei.process.bpmn.expressions import as_text
from renkei.process.partners.errors import LetterMalformed, LetterTooLarge
from renkei.process.partners.parties import LetterType

PATH = "/letters"
MOST_BYTES = 65_536
Plain = str | int | None
Number = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
NumberOrNone = Annotated[
    str, msgspec.Meta(pattern=r"^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$")
]
Hash = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Short = Annotated[str, msgspec.Meta(max_length=64)]


class Letter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One letter: of which type of which public process, about which procedure, until when.

    `cause` is the letter it answers, `counters` the one it takes back; both may be empty.
    """

    form: Literal["renkei-letter-1"] = "renkei-letter-1"
    id: Number
    name: Name
    collaboration: Hash
    sender: Short
    receiver: Short
    mode: audit.Mode
    procedure: Number
    cause: NumberOrNone = ""
    counters: NumberOrNone = ""
    at: datetime
    reply_by: datetime | None = None
    expires_at: datetime
    basis: Short
    provision: Short
    items: dict[Name, Plain] = {}


Told = Literal[
    "",
    "waiting",
    "held",
    "delivered",
    "started",
    "expired",
    "refused",
    "late",
    "annulled",
    "settled",
]
"""The fates of a letter, as a receipt tells them."""


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is answered to a letter: whether it was taken, and how it stands with it now.

    However often it comes: `taken`, `reason` and `received_at` stay as they were first told.
    """

    form: Literal["renkei-letter-receipt-1"] = "renkei-letter-receipt-1"
    id: Number
    taken: bool
    reason: Short = ""
    received_at: datetime
    fate: Told = ""


_T = TypeVar("_T", Letter, Receipt)


def render(said: Letter | Receipt) -> bytes:
    """Return the JSON of a letter or a receipt."""
    return msgspec.json.encode(said)


def parse_letter(body: bytes) -> Letter:
    """Read a letter, or say why it is none."""
    letter = _parsed(body, Letter)
    times = (letter.at, letter.reply_by, letter.expires_at)
    if any(one is not None and one.tzinfo is None for one in times):
        raise LetterMalformed(defect="a time without an offset")
    return letter


def parse_receipt(body: bytes) -> Receipt:
    """Read what was answered to a letter."""
    return _parsed(body, Receipt)


def _parsed(body: bytes, kind: type[_T]) -> _T:
    if len(body) > MOST_BYTES:
        raise LetterTooLarge(limit=MOST_BYTES)
    try:
        return kit.read_json(body, kind)
    except msgspec.DecodeError as error:
        raise LetterMalformed(defect=str(error)[:200]) from None


def reason_in_words(reason: str, reader: kit.Language) -> str:
    """Return why something was refused; a reason that a partner alone knows as it wrote it.

    >>> reason_in_words("not-in-force", "en"), reason_in_words("K-17", "en")
    ('The provision is not in force on that day.', 'K-17')
    """
    known = kit.texts_of().get(f"refusal-{reason}")
    return known[reader] if known else reason


# What it carries ----------------------------------------------------------------------------------


def wrong_items(kind: LetterType, items: dict[str, Plain]) -> list[str]:
    """Return which items a letter of this type may not carry so, or lacks."""
    known = {one.item.name: one for one in kind.items}
    wrong = [name for name in items if name not in known]
    for name, one in known.items():
        value = items.get(name)
        is_absent = value is None or value == ""
        is_number = one.item.type is standard.ItemType.number
        if (is_absent and one.required) or (
            not is_absent
            and (
                isinstance(value, int) is not is_number
                or not standard.rules.is_valid(one.item, str(value))
            )
        ):
            wrong.append(name)
    return sorted(set(wrong))


def items_of(kind: LetterType, known: bpmn.Variables) -> dict[str, Plain]:
    """Return what a case says in a letter: of the variable named as it, by the items' names."""
    said = known.get(kind.name)
    given = said if isinstance(said, dict) else {}
    found: dict[str, Plain] = {}
    for one in kind.items:
        value = given.get(one.item.ja, given.get(one.item.name))
        if value is not None:
            text = as_text(value)
            is_number = one.item.type is standard.ItemType.number
            found[one.item.name] = int(text) if is_number and text.lstrip("-").isdigit() else text
    return found


def told_by(kind: LetterType, items: dict[str, Plain]) -> feel.Value:
    """Return what a letter says as a case knows it: a context by the items' Japanese names."""
    names = {one.item.name: one.item.ja for one in kind.items}
    return {names[name]: _value(value) for name, value in items.items()}


def _value(value: Plain) -> feel.Value:
    return feel.load(value)
