"""What the oversight body takes at the staff door, each look entered before it is given.

What is read is read by a role of the database that can do nothing else (0049).
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from renkei import audit, kit
from renkei.app.errors import NothingEntered
from renkei.app.keeping.own_logs import witnessed
from renkei.app.operations.published_files import is_of_entries, published_file
from renkei.app.proofs.exchange_evidence import Exporter
from renkei.app.site import Site, now

LONGEST = 200  # characters of what was asked for


@dataclass(frozen=True, slots=True)
class OversightLooks:
    """The bundles and the evidence of one site."""

    site: Site

    def everything(self, number: str) -> bytes:
        """Return everything entered here about one inquiry, withheld entries too."""
        with self._look("requests", number, withheld=True) as conn:
            return audit.bundle(
                *(conn, self.site.desk.tenant, self.site.signer.verifier),
                request=number,
                withheld=True,
                witnessed=self._witnessed(),
            )

    def chain(self, number: str) -> bytes:
        """Return the list of the person one inquiry was about, as that person may see it."""
        with self._look("chains", number) as conn:
            return audit.bundle(
                *(conn, self.site.desk.tenant, self.site.signer.verifier),
                labels=self._open_labels(conn, number),
                witnessed=self._witnessed(),
            )

    def chain_evidence(self, number: str) -> bytes:
        """Return the same list as a file that verifies itself offline."""
        with self._look("chain-evidence", number) as conn:
            return Exporter.of(self.site).pack_list(conn, self._open_labels(conn, number))

    def evidence(self, number: str) -> bytes:
        """Return the evidence of one exchange as a file, withheld entries too."""
        with self._look("evidence", number, withheld=True) as conn:
            return Exporter.of(self.site).pack(conn, number, withheld=True)

    def published(self, path: str) -> bytes:
        """Return a file of the published log; entries are a look, at withheld ones too."""
        if not is_of_entries(path):
            return published_file(self.site.tiles, path)
        with self._look("log-entries", path, withheld=True):
            return published_file(self.site.tiles, path, entries=True)

    def _witnessed(self) -> audit.Witnessed | None:
        return witnessed(self.site.settings, self.site.signer.verifier)

    def _open_labels(self, conn: kit.Connection, number: str) -> tuple[bytes, ...]:
        """Return the labels of the open chains that the entries about an inquiry stand in."""
        entries = audit.entries_for_request(conn, self.site.desk.tenant, number)
        open_ones = (logged.entry.label for logged in entries if not logged.entry.withheld)
        labels = tuple(dict.fromkeys(label for label in open_ones if label is not None))
        if not labels:
            raise NothingEntered(inquiry=number[:80])
        return labels

    @contextmanager
    def _look(self, what: str, number: str, *, withheld: bool = False) -> Iterator[kit.Connection]:
        """Give the transaction of a look, then enter it; one that fails has shown nothing."""
        tenant = self.site.desk.tenant
        with self.site.database.looking(tenant) as conn:
            yield conn
        entry = audit.Entry(
            kind=audit.Kind.VIEW,
            request=f"oversight/{uuid.uuid4()}",
            at=now(),
            asker=tenant,
            holder=tenant,
            procedure="",
            outcome="seen",
            mode=audit.Mode(self.site.settings.mode),
            purpose=kit.say("oversight-looking", "ja"),
            withheld=withheld,
            details={"as": f"oversight-{what}", "about": number[:LONGEST]},
        )
        with self.site.database.transaction(tenant) as conn:
            audit.append(conn, tenant, entry)
