"""Letters of partners at the peers' door, and the procedures that begin by their questions."""

from datetime import datetime

from renkei import exchange, federation, kit
from renkei.app.hub import json_answer
from renkei.app.site import Site
from renkei.process import cases, partners


class PartnerDoor:
    """What a node does with the letters of other bodies, a transaction each."""

    PATH = partners.PATH

    def __init__(self, site: Site) -> None:
        """Take the site."""
        self._site = site
        self._library = cases.Library([site.signer.verifier])
        self._known = partners.Collaborations.shipped()
        self._seal = site.keys.node().seal

    @property
    def house(self) -> partners.House:
        """Return what a letter is judged by now."""
        return partners.House(self._site.desk, self._known, self._library, self._seal)

    def receive(self, caller: federation.Caller, at: datetime) -> exchange.Answer:
        """Take a letter in; the receipt of one that is refused has the status of a refusal."""
        house = self.house
        with self._site.database.transaction(house.desk.tenant) as conn:
            receipt = partners.receive(conn, house, caller, at=at)
        return json_answer(200 if receipt.taken else 403, partners.render(receipt))

    def opening(self, at: datetime) -> federation.Opening:
        """Return who keeps a procedure that begins by a question to us."""
        tenant = self._site.desk.tenant

        def keep(conn: kit.Connection, inquiry: federation.Inquiry, number: str) -> None:
            procedure = partners.Procedure.asked_of_us(inquiry, number, at=at)
            partners.procedures.keep(conn, tenant, procedure)

        return keep
