"""What runs in one process, as those who watch over it see it."""

from dataclasses import dataclass, field
from typing import Self

from renkei import federation
from renkei.app.disclosure.courier import Courier
from renkei.app.keeping.keeper import LogKeeper
from renkei.app.keeping.witnesses import WitnessKeeper
from renkei.app.operations.drain import Drain
from renkei.app.operations.operational_records import OperationalRecords
from renkei.app.passing.ledger import Ledger
from renkei.app.settings import Settings
from renkei.app.sign_in.codes import Codes
from renkei.app.units.turns import Turns


@dataclass(frozen=True, slots=True)
class Running:
    """The parts of a process: whether it ends, what it counts, whose turn it is.

    Units and peers have turns of their own: two nodes that ask each other must not wait in a ring.
    """

    drain: Drain
    records: OperationalRecords
    units: Turns
    peers: Turns
    channel: federation.Channel | None = None
    keeper: LogKeeper | None = None
    ledger: Ledger | None = None
    courier: Courier | None = None
    witnesses: WitnessKeeper | None = None
    codes: Codes = field(default_factory=Codes)

    @classmethod
    def of(
        cls,
        settings: Settings,
        channel: federation.Channel | None = None,
        keeper: LogKeeper | None = None,
        ledger: Ledger | None = None,
        courier: Courier | None = None,
        witnesses: WitnessKeeper | None = None,
    ) -> Self:
        """Begin, with the limits of the settings."""
        limits = settings.in_flight, settings.waiting
        return cls(
            Drain(),
            OperationalRecords(),
            Turns(*limits),
            Turns(*limits),
            channel,
            keeper,
            ledger,
            courier,
            witnesses,
        )
