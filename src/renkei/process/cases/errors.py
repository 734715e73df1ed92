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


class CaseWentOn(kit.NodeError):
    """The case went on since it was looked at: event {seen} was its last one, now it is {seq}.

    Nothing was done. Look at where it stands now, and decide anew.
    """

    status = 409


class BusinessKeyTooLong(kit.NodeError):
    """The number by which a case is known has at most {most} characters. Take a shorter one."""

    status = 400


class CaseNotTaken(kit.NodeError):
    """The case could not take this: {reason}. Nothing of it was kept.

    The cause is in the program or the definition, not in what was entered: tell the operator.
    """

    status = 500


class CaseReasonMissing(kit.NodeError):
    """Say why, in 1 to {most} characters: the reason stands in the history of the case."""

    status = 400


class ProposalUnknown(kit.NodeError):
    """There is no proposal {proposal} here."""

    status = 404


class ProposalClosed(kit.NodeError):
    """This proposal is no longer open: it was confirmed, declined or withdrawn, or it expired."""

    status = 409


class ProposalStale(kit.NodeError):
    """The case went on since this was proposed: event {seen} was its last one, now it is {seq}.

    Nothing was done. Look at where it stands now, and propose anew what is still needed.
    """

    status = 409


class ProposalUnread(kit.NodeError):
    """What is to be decided is not what was shown. Open the proposal again, and read it anew."""

    status = 409


class ProposerDecides(kit.NodeError):
    """Whoever proposed this cannot confirm or decline it: it takes a second person."""

    status = 403


class ConditionUnreadable(kit.NodeError):
    """`{given}` is no condition. Write NAME=VALUE, NAME<VALUE, NAME>=VALUE, or NAME alone."""

    status = 400
