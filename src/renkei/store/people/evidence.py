"""The words of a comparison: what kind of pair it is, on what ground, and what agreed and how.

Codes only: evidence may be shown, logged and sent without saying anything about a person.
"""

from enum import StrEnum


class Kind(StrEnum):
    """Why two register numbers stand beside each other."""

    certain = "certain"  # a number only one person has is equal, and nothing speaks against it
    given = "given"  # a unit says that it merged the two (宛名統合)
    conflict = "conflict"  # equal, or merged by a unit, and something speaks against it
    alert = "alert"  # the four basic items are equal: people look, the program never merges
    likely = "likely"  # the comparison as a whole makes it likely
    asked = "asked"  # an official named the two


class Ground(StrEnum):
    """What makes a pair certain: 住民記録システム標準仕様書 4.1.1.2, and the unit's own word."""

    personal_number = "personal-number"
    record_code = "record-code"
    card_number = "card-number"
    corporate_number = "corporate-number"
    given = "given"


class State(StrEnum):
    """Where a pair stands."""

    waiting = "waiting"
    same = "same"
    different = "different"
    postponed = "postponed"
    lapsed = "lapsed"  # the records changed, and nothing speaks for it any more


class Verdict(StrEnum):
    """What can be decided about a pair."""

    same = "same"
    different = "different"
    postponed = "postponed"
    undone = "undone"


PROGRAM = "renkei"
"""Who decides where no person does."""


class Part(StrEnum):
    """What is compared."""

    surname = "surname"
    given = "given"
    birth = "birth"
    sex = "sex"
    address = "address"
    number = "number"
    phone = "phone"


class Level(StrEnum):
    """How two values of a part agree; the best that holds counts, and no value is no evidence."""

    same = "same"  # written and read alike, in common forms of the characters
    written = "written"  # written alike, read differently
    read = "read"  # read alike, written differently
    former = "former"  # the surname of the one is the former surname of the other (旧氏)
    swapped = "swapped"  # day and month of birth have changed places
    near = "near"  # one letter, one part of a date or two digits apart; or the same neighbourhood
    partly = "partly"  # all that is known of a birth date agrees (日付不詳)
    before = "before"  # the address of the one is the address before of the other
    differs = "differs"


LEVELS: dict[Part, tuple[Level, ...]] = {
    Part.surname: (Level.same, Level.written, Level.read, Level.former, Level.near, Level.differs),
    Part.given: (Level.same, Level.written, Level.read, Level.near, Level.differs),
    Part.birth: (Level.same, Level.swapped, Level.near, Level.partly, Level.differs),
    Part.sex: (Level.same, Level.differs),
    Part.address: (Level.same, Level.before, Level.near, Level.differs),
    Part.number: (Level.same, Level.near, Level.differs),
    Part.phone: (Level.same, Level.differs),
}
"""The levels each part can have, the best first."""
