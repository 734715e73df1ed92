"""Where a town's letters go that travel over NATS: the server, the stream, and a subject each.

Stream and subjects name the town and its mode, so that production, drill and test never meet.
`jetstream` speaks to the server, with a library that not every site has.
"""

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from renkei.exchange.addresses import Member
from renkei.exchange.errors import NatsFileUnreadable, NatsNotInstalled, SubjectUnusable
from renkei.exchange.keys import SigningKey

if TYPE_CHECKING:
    from renkei.exchange.jetstream import JetStream
    from renkei.exchange.nats_line import StreamState

NATS = "nats:"
"""The address of a destination whose letters are published, not posted."""

SHORTEST_WINDOW = timedelta(minutes=2)  # in which the server itself knows an id again

_SUBJECT = re.compile(r"[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """What the settings say of a server, and the names that follow for a town and its mode."""

    servers: tuple[str, ...]
    tenant: str
    mode: str
    prefix: str = "renkei"
    user: str = ""
    password: Path | None = None
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    days: int = 7
    replicas: int = 1

    @property
    def base(self) -> str:
        """Return what all subjects of the town in its mode begin with.

        >>> StreamPlan((), "131016", "test").base
        'renkei.test.131016'
        """
        return f"{self.prefix}.{self.mode}.{self.tenant}"

    @property
    def stream(self) -> str:
        """Return the name of the one stream that keeps them.

        >>> StreamPlan((), "131016", "drill").stream
        'renkei-drill-131016'
        """
        return self.base.replace(".", "-")

    @property
    def subjects(self) -> str:
        """Return what the stream takes: everything of the town in its mode, and nothing else."""
        return f"{self.base}.>"

    @property
    def shown(self) -> str:
        """Return the servers as a person reads them."""
        return ", ".join(self.servers)

    @property
    def is_encrypted(self) -> bool:
        """Tell whether nothing may be said to a server before TLS."""
        return all(server.startswith("tls://") for server in self.servers)

    def subject(self, destination: str) -> str:
        """Return the subject of a destination's letters.

        >>> StreamPlan((), "131016", "test").subject("15:01/person_search")
        'renkei.test.131016.15.01.person_search'
        """
        subject = f"{self.base}.{re.sub('[:/]', '.', destination)}"
        if not _SUBJECT.fullmatch(subject):
            raise SubjectUnusable(destination=destination)
        return subject

    def secret(self) -> str:
        """Read the password; it is asked for at each connection, so that it can be changed."""
        if self.password is None:
            return ""
        try:
            return self.password.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise NatsFileUnreadable(file=str(self.password), reason=str(error)) from error

    def tls(self) -> ssl.SSLContext | None:
        """Return how the server is known and the node shows itself; in clear there is nothing."""
        if not self.is_encrypted:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if self.certificate is not None:
                context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            files = ", ".join(str(one) for one in (self.ca, self.certificate, self.key) if one)
            raise NatsFileUnreadable(file=files, reason=str(error)) from error
        return context


def stream_carrier(
    plan: StreamPlan,
    signing: Callable[[], SigningKey],
    clock: Callable[[], datetime],
    *,
    sender: Member,
    seconds: float,
) -> "JetStream":
    """Return what publishes the letters of a town; without the library, say what to install."""
    check_stream_library()
    from renkei.exchange.jetstream import JetStream

    return JetStream(plan, signing, clock, sender=sender, seconds=seconds)


async def look_at_stream(plan: StreamPlan, *, seconds: float) -> "StreamState":
    """Return how the stream stands, or raise what is wrong with the line; nothing is changed."""
    check_stream_library()
    from renkei.exchange.nats_line import look

    return await look(plan, seconds=seconds)


def check_stream_library() -> None:
    """Raise what to install, unless the optional library is there."""
    try:
        import nats  # noqa: F401  # only asked for here: a site without NATS does without it
    except ModuleNotFoundError as error:
        raise NatsNotInstalled from error
