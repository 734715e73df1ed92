"""What a member says of itself to another one: which lists it goes by, in which mode, at what time.

Two nodes that disagree on one of these refuse each other's questions; whoever looks for the reason
asks this first. It tells nothing that the members list and the published table do not.
"""

from datetime import datetime

import msgspec

from renkei.audit import Mode
from renkei.federation.desk import Desk
from renkei.federation.errors import ReplyUnexpected
from renkei.kit import Tenant, read_json

STATE = "/state"


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The members list in force (version, digest in hex), the table of provisions, mode, clock."""

    tenant: Tenant
    mode: Mode
    members: int
    members_digest: str
    table: str
    at: datetime


def state(desk: Desk, *, at: datetime) -> State:
    """Return what this member says of itself."""
    return State(
        desk.tenant,
        Mode(desk.mode),
        desk.members.version,
        desk.members.digest.hex(),
        desk.provisions.version,
        at,
    )


def parse_state(peer: Tenant, body: bytes) -> State:
    """Parse what a peer says of itself, or raise `ReplyUnexpected`."""
    try:
        said = read_json(body, State)
    except msgspec.DecodeError:
        raise ReplyUnexpected(peer=peer) from None
    if said.tenant != peer:
        raise ReplyUnexpected(peer=peer)
    return said
