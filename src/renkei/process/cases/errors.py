"""What keeping cases raises."""

from renkei import kit


class CaseUnknown(kit.NodeError):
    """There is no case {case} here."""

    status = 404


class ProcessNotInForce(kit.NodeError):
    """No definition of the process {process} is in force on {day}.

    Deploy one, or look at its dates.
    """

    status = 404


class CommandReused(kit.NodeError):
    """The key {key} was used for another command. Take a new key for a new command."""

    status = 409


class DefinitionAltered(kit.NodeError):
    """The definition {hash} is not what was deployed under this hash. Restore it from a backup."""


class DefinitionUnsigned(kit.NodeError):
    """The definition {hash} is not as this organisation signed it. No case goes by it.

    Deploy the model again, or restore the table from a backup.
    """


class LeaseLost(kit.NodeError):
    """The lease of this job ended, and another has it. What was done is not taken."""

    status = 409


class CalendarUnreadable(kit.NodeError):
    """The calendar {file} cannot be read: line {line}, {said}.

    A line is a day as 2027-04-29, a tab, and its name; each day stands once.
    """

    status = 400
