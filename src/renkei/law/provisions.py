"""The provisions in force, as an immutable table made from the standard's dated data."""

from dataclasses import dataclass
from functools import cache

import msgspec

from renkei.kit import digest
from renkei.standard import Catalogue, OwnUse, Provision, catalogue, grouped

Key = tuple[str, str, str, str, str]
Parties = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class ProvisionTable:
    """An immutable snapshot of all provisions; `version` is the SHA-256 of its content, in hex."""

    provisions: tuple[Provision, ...]
    own_uses: dict[tuple[str, str], tuple[OwnUse, ...]]
    by_key: dict[Key, tuple[Provision, ...]]
    by_parties: dict[Parties, tuple[Provision, ...]]
    items: dict[str, frozenset[str]]
    version: str


def key_of(line: Provision) -> Key:
    """Return what a request must equal, apart from items, day and conditions."""
    return (line.procedure, line.asker_kind, line.asker_unit, line.holder_kind, line.information)


def parties_of(line: Provision) -> Parties:
    """Return who asks whom for what, whatever the procedure."""
    return (line.asker_kind, line.asker_unit, line.holder_kind, line.information)


@cache
def provision_table() -> ProvisionTable:
    """Return the table of the standard this program ships."""
    return table_of(catalogue())


def table_of(standard: Catalogue) -> ProvisionTable:
    """Return the provisions of a catalogue, which were checked when it was compiled."""
    provisions, own = standard.provisions, standard.content.own_uses
    return ProvisionTable(
        provisions,
        own_uses=grouped(((use.organisation, use.procedure), use) for use in own),
        by_key=grouped((key_of(line), line) for line in provisions),
        by_parties=grouped((parties_of(line), line) for line in provisions),
        items={line.row: frozenset(line.items) for line in provisions},
        version=digest(msgspec.to_builtins((provisions, own))).hex(),
    )
