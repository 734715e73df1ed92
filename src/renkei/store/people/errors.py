"""What keeping identities raises. No text holds the number of a person."""

from renkei.kit import NodeError


class IdentityNotLater(NodeError):
    """What is decided for {on} at {at} lies before what is recorded: {last_on}, {last_at}.

    Decide for a day that is not earlier; if the time is wrong, check the clock.
    """

    status = 409


class IdentityUnknown(NodeError):
    """A register number named here has no identity in this town.

    Check the numbers; those of a new delivery get theirs by `renkei people number`.
    """

    status = 404


class PairOfOne(NodeError):
    """A pair is made of two register numbers, and this is one number twice."""

    status = 400


class PairUnknown(NodeError):
    """These two register numbers are no pair. Look for the pair in the queue, or name both anew."""

    status = 404


class PairDecided(NodeError):
    """The pair was decided already: {state}. Look at it again; to decide anew, undo that first."""

    status = 409


class PairUndecided(NodeError):
    """Nothing is decided about this pair, so nothing can be undone."""

    status = 409


class ReasonMissing(NodeError):
    """A decision needs who made it and why, in at most {longest} characters each."""

    status = 400


class SecondPersonNeeded(NodeError):
    """You have proposed this already. The person is under protection (支援措置): a second official
    must decide the same.
    """

    status = 409


class DecisionContradicts(NodeError):
    """Decision {decision} says that two of these are different persons.

    Look at it and undo it first, if this is right.
    """

    status = 409


class StillTogether(NodeError):
    """The two are one identity through other pairs. Undo the decisions about those first."""

    status = 409


class RepresentativesInCircle(NodeError):
    """The representatives name each other in a circle. Let unit 22 correct the registration."""

    status = 409
