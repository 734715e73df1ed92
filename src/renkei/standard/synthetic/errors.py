"""What this sub-package raises."""

from renkei.kit import NodeError


class MunicipalityUnknown(NodeError):
    """The postal table has no municipality with the organisation code {code}.

    Check the six digits; a prefecture has no addresses of its own.
    """


class PeopleOutOfRange(NodeError):
    """A synthetic town of {people} people cannot be written. Ask for 100 to {largest}."""


class NeighbourRefused(NodeError):
    """The neighbour {code} is the town itself. Name another municipality, or none."""
