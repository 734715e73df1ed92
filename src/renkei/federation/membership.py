"""Our membership: the list in force, and what we prove ourselves with under it.

Both are values, replaced whole while questions flow. Who handles a question takes them once; a new
connection is checked by what is in force when it is made.
"""

import ssl
from dataclasses import dataclass

from renkei.federation.desk import Desk
from renkei.federation.members import Members
from renkei.federation.tls import Credentials, server_context
from renkei.kit import NodeError


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is in force together."""

    desk: Desk
    credentials: Credentials
    context: ssl.SSLContext | None = None


class Membership:
    """What everybody in a process asks for the list in force; the keeper of the list changes it.

    `trouble` is why no newer list can be had, if so; `troubles` why none of another directory, by
    its title.
    """

    def __init__(self, desk: Desk, credentials: Credentials) -> None:
        """Begin with a list and our credentials under it."""
        self._standing = _Standing(desk, credentials)
        self.trouble: NodeError | None = None
        self.troubles: dict[str, NodeError] = {}

    @property
    def desk(self) -> Desk:
        """Return the desk by the list in force."""
        return self._standing.desk

    @property
    def members(self) -> Members:
        """Return the list in force."""
        return self._standing.desk.members

    @property
    def credentials(self) -> Credentials:
        """Return what we prove ourselves with now."""
        return self._standing.credentials

    def change(self, desk: Desk, credentials: Credentials) -> None:
        """Put a desk and credentials in force, all at once; what is under way goes on."""
        context = self._standing.context
        if context is not None:  # made here, so that no connection waits for it
            context = server_context(credentials, desk.members)
        self._standing = _Standing(desk, credentials, context)

    def listening(self) -> ssl.SSLContext:
        """Return the context of our server: each new connection is judged by the list in force."""
        desk, credentials = self._standing.desk, self._standing.credentials
        context = server_context(credentials, desk.members)
        self._standing = _Standing(desk, credentials, context)
        front = server_context(credentials, desk.members)
        # Called for every handshake, whether a name was indicated or not.
        front.sni_callback = self._choose
        return front

    def _choose(
        self, line: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _front: ssl.SSLContext
    ) -> None:
        """Let a connection that begins be judged by what is in force now."""
        if self._standing.context is not None:
            line.context = self._standing.context
