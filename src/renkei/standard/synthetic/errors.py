"""What this sub-package raises."""

from renkei.kit import NodeError


class MunicipalityUnknown(NodeError):
    """The postal table has no municipality with the organisation code {municipality}.

    Check the six digits; a prefecture has no addresses of its own.
    """


class PeopleOutOfRange(NodeError):
    """A synthetic town of {people} people cannot be written. Ask for {smallest} to {largest}."""


class NeighbourRefused(NodeError):
    """The neighbour {municipality} is the town itself. Name another municipality, or none."""
