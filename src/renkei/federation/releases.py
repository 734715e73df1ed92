"""The releases of the standard a member speaks: its own, and those on its shelf.

A question is written, decided and answered in one release. The table of provisions is part of it,
so a party decides by the table of the very release, if that is in force on the day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Self

from renkei import law, standard
from renkei.federation.errors import ReleaseNotShared, ReleaseUnknown
from renkei.standard.releases import Shelf

EMPTY = Shelf(())


@cache
def table_of(catalogue: standard.Catalogue) -> law.ProvisionTable:
    """Return the table of provisions of a release, made once."""
    return law.table_of(catalogue)


@dataclass(frozen=True, slots=True)
class Releases:
    """Our own release, which our records are kept in, and others that were put on our shelf.

    Our own one always counts; another only on the days it is in force.
    """

    own: standard.Catalogue
    shelf: Shelf = EMPTY

    @classmethod
    def shipped(cls) -> Self:
        """Return the release this program ships, and no other."""
        return cls(standard.catalogue())

    def on(self, day: date) -> tuple[standard.Catalogue, ...]:
        """Return the releases that count on a day, our own first."""
        mine = self.own.edition.edition
        return (self.own, *(one for one in self.shelf.on(day) if one.edition.edition != mine))

    def named(self, edition: str | None, day: date) -> standard.Catalogue:
        """Return the release of a name; without one our own."""
        if edition is None:
            return self.own
        for one in self.on(day):
            if one.edition.edition == edition:
                return one
        known = " ".join(one.edition.edition for one in self.on(day))
        raise ReleaseUnknown(release=edition[:64], on=day.isoformat(), known=known)

    def with_table(self, version: str, day: date) -> standard.Catalogue | None:
        """Return a release on the shelf whose table of provisions has this version, or None."""
        return next((one for one in self.shelf.on(day) if table_of(one).version == version), None)

    def spoken_with(
        self, peer: str, accepted: Iterable[str], wanted: standard.Catalogue, day: date
    ) -> standard.Catalogue:
        """Return the release to ask a peer in: the wanted one if it accepts that, else one of ours.

        A peer whose row says nothing of releases is taken to speak our own.
        """
        theirs = tuple(accepted) or (self.own.edition.edition,)
        for one in (wanted, *self.on(day)):
            if one.edition.edition in theirs:
                return one
        ours = " ".join(one.edition.edition for one in self.on(day))
        raise ReleaseNotShared(peer=peer, theirs=" ".join(theirs), ours=ours)
