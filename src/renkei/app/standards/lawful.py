"""The law for the command line: a table opened, one decision explained, two tables compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from renkei import kit, law, standard
from renkei.app.standards.catalogue import opened
from renkei.standard import OWN, OwnUse, Provision

Facts = dict[str, object]
Row = Provision | OwnUse
ABOUT_THE_TABLE = frozenset({"provision", "own_use"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A request as a command is given it."""

    asker: str
    asker_kind: str
    holder: str
    holder_kind: str
    procedure: str
    service: str
    items: tuple[str, ...]
    year: int | None
    consent: str
    relation: standard.SubjectRelation

    def request(self, known: standard.Catalogue) -> law.Request:
        """Return what the law is asked; items are numbers, or names of the service."""
        organisation, _, unit = self.asker.partition("/")
        interface = known.interface(*self.service.partition("/")[::2])
        names = {item.name: item.id for item in known.entity(interface.entity).items}
        wanted = self.items or interface.items
        asker = kit.tenant(organisation)
        holder = kit.tenant(self.holder or organisation)
        return law.Request(
            asker=asker,
            asker_kind=self.asker_kind,
            asker_unit=unit,
            procedure=self.procedure,
            holder=holder,
            holder_kind=self.holder_kind or (OWN if holder == asker else self.asker_kind),
            information=interface.information.code,
            items=tuple(names.get(item, item) for item in wanted),
            year=self.year,
            consent=self.consent,
            relation=self.relation,
        )


def explained(
    wanted: Wanted, known: standard.Catalogue, on: date, language: kit.Language
) -> tuple[bool, Facts]:
    """Decide and say why, in words and in parts; the first tells whether it is permitted."""
    told = law.explain(wanted.request(known), law.table_of(known), on)
    decision = told.decision
    facts: Facts = {
        "decision": "permitted" if decision else "refused",
        "reason": decision.reason.value if isinstance(decision, law.Refusal) else "",
        "provision": decision.provision,
        "citation": decision.citation if isinstance(decision, law.Permit) else "",
        "ordinance": decision.ordinance if isinstance(decision, law.Permit) else "",
        "table": decision.table,
        "on": on.isoformat(),
        "words": law.sentences(told, known, language),
        "near": [
            {
                "provision": one.provision.row,
                "citation": one.provision.citation,
                "lacks": {lack.reason.value: list(lack.wanted) for lack in one.lacks},
            }
            for one in told.near
        ],
    }
    return bool(decision), facts


def shown(known: standard.Catalogue, row: str, on: date) -> list[Facts]:
    """Return the rows in force on a day, or all that a name begins, whenever they are."""
    rows = [
        line
        for line in known.provisions
        if (line.row.startswith(row) if row else line.in_force(on))
    ]
    if not rows:
        raise standard.DefinitionUnknown(kind="provision", name=row or on.isoformat())
    return [_told(line) for line in rows]


def _told(row: Provision) -> Facts:
    """Return the fields of a row, `about` for the persons it may be asked about."""
    names = {"persons": "about"}
    return {
        names.get(name, name): _text(getattr(row, name)) for name in Provision.__struct_fields__
    }


def compared(before: standard.Catalogue, after: standard.Catalogue) -> Facts:
    """Return what is not the same in the tables of two catalogues, field by field."""
    return compared_tables(law.table_of(before), law.table_of(after))


def compared_tables(before: law.ProvisionTable, after: law.ProvisionTable) -> Facts:
    """Return what is not the same in two tables, field by field."""
    old = {line.row: line for line in before.provisions}
    new = {line.row: line for line in after.provisions}
    changed = {
        row: _fields(old[row], new[row]) for row in old if row in new and old[row] != new[row]
    }
    was, now = (
        {" ".join((u.organisation, u.procedure, u.since.isoformat())): u for u in one.own_uses}
        for one in (before, after)
    )
    return {
        "before": before.version,
        "after": after.version,
        "made": [row for row in new if row not in old],
        "gone": [row for row in old if row not in new],
        "altered": changed,
        "own_uses_made": sorted(now.keys() - was.keys()),
        "own_uses_gone": sorted(was.keys() - now.keys()),
        "own_uses_altered": {
            name: _fields(was[name], now[name])
            for name in sorted(was.keys() & now.keys())
            if was[name] != now[name]
        },
    }


def _fields(before: Row, after: Row) -> dict[str, str]:
    """Return each field that differs, as it was and as it is."""
    fields = {}
    for name in before.__struct_fields__:
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        if name == "items":
            more = [f"+{item}" for item in new if item not in old]
            less = [f"-{item}" for item in old if item not in new]
            fields[name] = " ".join([*more, *less])
        else:
            fields[name] = f"{_text(old) or '–'} → {_text(new) or '–'}"
    return fields


def _text(value: object) -> str:
    plain = msgspec.to_builtins(value)
    if isinstance(plain, list | tuple):
        return " ".join(map(_text, plain))
    if isinstance(plain, dict):
        return "/".join(str(part or "") for part in plain.values())
    return "" if plain is None else str(plain)


def checked_table(
    folder: Path | None, overlays: Sequence[Path], on: date, language: kit.Language
) -> Facts:
    """Return the findings about provisions and own uses, and what stands in the table."""
    source = folder or standard.shipped_folder()
    found = [
        one for one in standard.check_catalogue(source, overlays) if one.kind in ABOUT_THE_TABLE
    ]
    facts: Facts = {"findings": [one.text(language) for one in found]}
    if not found:
        table = law.table_of(opened(folder, overlays))
        coming = [day.isoformat() for day in table.changes if day > on]
        facts |= {
            "table": table.version,
            "provisions": len(table.provisions),
            "in_force": sum(row.in_force(on) for row in table.provisions),
            "own_uses": len(table.own_uses),
            "next_change": coming[0] if coming else None,
        }
    return facts
