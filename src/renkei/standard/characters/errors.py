"""What the handling of characters raises."""

from renkei.kit import NodeError


class CharsetUnknown(NodeError):
    """No charset is known here under the name {charset}. Use one of: {known}."""

    status = 400


class EraUnknown(NodeError):
    """No era of the calendar holds a day before {first}, when Japan took up the solar calendar.

    Keep an older day as it was notified; it cannot be counted into this calendar.
    """

    status = 400


class EraCodeUnknown(NodeError):
    """The code list {codes} has no value for the era {era}. Add the value to the code list."""


class VariantsDamaged(NodeError):
    """Line {line} of the table of variants cannot be used: {reason}. Correct the line."""
