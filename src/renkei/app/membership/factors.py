"""A converter's factors: drawn for who joins, replaced, and destroyed, each with its entry.

The entry comes first: a factor gone without a trace would be codes that nobody can explain.
What is published is the row that the authority puts into the members list.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from renkei import audit, exchange, federation, identity, kit
from renkei.app.errors import FactorInUse, RoleWrong
from renkei.app.membership.keys import CONVERTER, Keys
from renkei.app.membership.public_row import write_row
from renkei.app.settings import Settings, read_settings
from renkei.app.site import prepare_database, read_desk, running_database


@dataclass(frozen=True, slots=True)
class Factors:
    """One converter's factors of an organisation, beside its log."""

    settings: Settings
    keys: Keys
    desk: federation.Desk
    database: kit.Database
    public: Path

    @classmethod
    @contextmanager
    def open(cls, settings_file: Path) -> "Iterator[Factors]":
        """Open a converter's site, which may be running."""
        settings = read_settings(settings_file)
        if settings.role != "converter":
            raise RoleWrong(role=settings.role, command="node")
        with running_database(settings) as dsn:
            prepare_database(dsn, settings)
            with kit.Database(dsn, size=1) as database:
                keys = Keys(settings.keys, settings.tenant)
                public = settings_file.parent / "public.json"
                yield cls(settings, keys, read_desk(settings), database, public)

    def admit(self, organisation: kit.Tenant, *, at: datetime) -> dict[str, object]:
        """Draw the factor of an organisation that joins."""
        drawn = self.keys.converter().admit(organisation)
        return self._change(drawn, organisation, "factor-drawn", 1, at)

    def rotate(
        self, organisation: kit.Tenant, *, until: datetime, at: datetime
    ) -> dict[str, object]:
        """Draw the factor to follow, and state until when the codes of the present one hold."""
        held = self.keys.converter()
        present = max(held.factors.get(organisation, {0: None}))
        drawn = held.admit(organisation, kv=present + 1).retire(organisation, present, until)
        return self._change(drawn, organisation, "factor-drawn", present + 1, at)

    def end(self, organisation: kit.Tenant, *, kv: int | None, at: datetime) -> dict[str, object]:
        """Destroy factors: those that have ended, or the one that is named though it has not."""
        held = self.keys.converter()
        ends = held.retiring.get(organisation, {})
        chosen = [n for n, until in ends.items() if until <= at] if kv is None else [kv]
        if not chosen:
            raise FactorInUse(organisation=organisation)
        facts: dict[str, object] = {}
        for version in chosen:
            held = held.destroy(organisation, version)
            facts = self._change(held, organisation, "factor-destroyed", version, at)
        return {**facts, "destroyed": chosen}

    def leave(self, organisation: kit.Tenant, *, at: datetime) -> dict[str, object]:
        """Destroy every factor of an organisation that leaves: its codes lead nowhere any more."""
        held = self.keys.converter()
        versions = sorted(held.factors.get(organisation, {}))
        for version in versions:
            held = held.destroy(organisation, version)
        if not versions:
            raise FactorInUse(organisation=organisation)
        facts = self._change(held, organisation, "factor-destroyed", versions[-1], at)
        return {**facts, "destroyed": versions}

    def _change(
        self,
        keys: identity.ConverterKeys,
        organisation: kit.Tenant,
        outcome: str,
        kv: int,
        at: datetime,
    ) -> dict[str, object]:
        """Enter it, then write the keys whole, then the row for the authority."""
        until = keys.retiring.get(organisation, {})
        ends = {f"kv_{n}_until": end.isoformat() for n, end in until.items()}
        entry = audit.Entry(
            kind=audit.Kind.ISSUANCE,
            request=exchange.new_id(self.desk.members.instance),
            at=at,
            asker=organisation,
            holder=self.desk.tenant,
            procedure="",
            outcome=outcome,
            mode=audit.Mode(self.desk.mode),
            details={"kv": str(kv), **ends},
        )
        with self.database.transaction(self.desk.tenant) as conn:
            audit.append(conn, self.desk.tenant, entry)
        self.keys.replace(CONVERTER, identity.secret_text(keys).encode())
        said = self.keys.announcement("converter")
        write_row(msgspec.structs.replace(self.desk.me, identity=said), self.public)
        return {
            "organisation": organisation,
            "held": sorted(keys.factors.get(organisation, {})),
            "public": str(self.public),
        }
