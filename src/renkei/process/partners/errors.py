"""What letters between bodies raise. A fact names a process or an organisation, never a person."""

from renkei import kit


class CollaborationUnknown(kit.NodeError):
    """No public process {name} is known here. Compare the releases of the standard at both ends."""

    status = 404


class CollaborationNotInForce(kit.NodeError):
    """The public process {name} is not in force on {day}: no procedure begins by it."""

    status = 409


class CollaborationUnfit(kit.NodeError):
    """The public process {file} cannot be used: {about} fits neither the file nor the standard."""

    status = 400


class LetterMalformed(kit.NodeError):
    """This is no letter between bodies: {defect}. Nothing of it was taken."""

    status = 400


class LetterTooLarge(kit.NodeError):
    """The letter has more than {limit} bytes. Nothing of it was taken."""

    status = 413


class LetterReused(kit.NodeError):
    """Another letter of this sender came under this number before. Take a new number."""

    status = 409


class LetterUnknown(kit.NodeError):
    """There is no letter {letter} here that waits for a person."""

    status = 404


class LetterSent(kit.NodeError):
    """The partner answered the letter {letter} before; there is nothing to be sent again."""

    status = 409


class LetterUnsettled(kit.NodeError):
    """Say what was done about the letter {letter}; without that it is not set aside."""

    status = 400


class TrialUnready(kit.NodeError):
    """The partner cannot be tried with this case: {reason}.

    Not in production; its procedure must have begun by a question that the partner answered.
    """

    status = 409
