"""What a vendor may try in the sandbox: a question for each way it can end, about whom, and how.

A trial is made from the provisions in force and from the cast of the two towns, so it follows the
standard. It is the whole message, ready to be sent by anything that speaks HTTP.
"""

import csv
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import msgspec

from renkei import federation, standard
from renkei.app.demo.demonstration import Stage, files_of
from renkei.app.demo.ecosystem import MODE, A, B
from renkei.app.demo.scenarios import UNLISTED, Group
from renkei.app.sandbox.sites import PARTNERS, token_file
from renkei.law import provision_table

MUNICIPALITY = federation.KINDS[A.member_class]
CONSENT = "C-SANDBOX-1"
PURPOSE = "サンドボックスの試験"
INCOME = "06/income"
CAST = (INCOME, "01/resident")
"""The services of which it is known what they hold of each of the cast."""
NAMES = "01/person_search"
WITHHELD = "automatic-answer-withheld"


@dataclass(frozen=True, slots=True)
class Trial:
    """One message of a unit, and what must come of it. Its text stands under `trial-KIND`."""

    kind: str
    unit: str
    service: str
    target: str
    fields: Mapping[str, str]
    outcome: str
    reason: str = ""
    subject: str = ""
    body: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def method(self) -> str:
        """Return how it is sent."""
        return "POST" if self.body else "GET"

    def curl(self, stage: Stage) -> str:
        """Return the command line that sends it, the token read from its file."""
        eco = stage.ecosystem
        file = shlex.quote(str(token_file(eco, self.unit).resolve()))
        words = [f'curl -sS -u "{self.unit}:$(cat {file})"']
        words += [f"-H {shlex.quote(f'{name}: {text}')}" for name, text in self.fields.items()]
        if self.body:
            words.append(f"-d {shlex.quote(msgspec.json.encode(dict(self.body)).decode())}")
        words.append(shlex.quote(eco.staff(A) + self.target))
        return " \\\n  ".join(words)


def trials(stage: Stage, units: Sequence[str], *, on: date) -> list[Trial]:
    """Return what units of the vendor's town may try on a day."""
    return [trial for unit in units for trial in _of_unit(stage, unit, on)]


def _of_unit(stage: Stage, unit: str, on: date) -> Iterator[Trial]:
    asked = list(_provisions(unit, on))
    for row, interface in asked:
        yield from _endings(stage, row, interface)
    if not asked:
        yield _unlawful(stage, unit, standard.catalogue().interface(*INCOME.split("/")))
    yield from _outlandish(stage, unit, on)


def _provisions(unit: str, on: date) -> Iterator[tuple[standard.Provision, standard.Interface]]:
    """Yield what the law of a day lets the unit ask the partner, with the interface it is of."""
    known, uses = standard.catalogue(), provision_table().own_uses
    noted = {u.procedure for u in uses if u.organisation == A.tenant and u.in_force(on)}
    for number in PARTNERS:
        for interface in known.interfaces_of(number):
            if interface.name not in CAST or not is_offered(interface):
                continue
            for row in known.basis(interface):
                ours = (row.asker_unit, row.asker_kind, row.holder_kind)
                is_ours = ours == (unit, MUNICIPALITY, MUNICIPALITY) and row.in_force(on)
                is_noted = "own-use" not in row.conditions or row.procedure in noted
                if is_ours and is_noted:
                    yield row, interface


def is_offered(interface: standard.Interface) -> bool:
    """Tell whether an interface answers other organisations at once."""
    return interface.between_organisations and standard.Timing.immediate in interface.timings


def _endings(
    stage: Stage, row: standard.Provision, interface: standard.Interface
) -> Iterator[Trial]:
    """Yield a trial for each way a lawful question can end, and some that are none."""
    known = standard.catalogue().entity(interface.entity)
    names = {item.id: item.name for item in known.items}
    items = ",".join(names[number] for number in row.items)

    def about(kind: str, group: Group, outcome: str, reason: str = "") -> Trial:
        subject = stage.cast.group(group)[0]
        consent = CONSENT if "consent" in row.conditions else ""
        fields = _fields(stage, row.asker_unit, row.procedure, subject, consent)
        target = _target(stage, interface, items)
        name = interface.name
        return Trial(kind, row.asker_unit, name, target, fields, outcome, reason, subject)

    yield about("answered", "held", "answered")
    if interface.name == INCOME:
        yield about("not-held", "not_held", "not-held")
    if stage.cast.protected:
        yield about("protected", "protected", "refused", WITHHELD)
    yield about("unknown", "unknown", "subject-unknown")
    yield about("no-code", "without_code", "code-not-issued")
    yield _unlawful(stage, row.asker_unit, interface)


def _unlawful(stage: Stage, unit: str, interface: standard.Interface) -> Trial:
    """Return a question under a procedure that no provision names."""
    subject = stage.cast.held[0]
    fields, target = _fields(stage, unit, UNLISTED, subject), _target(stage, interface, "")
    reason = "procedure-not-named"
    return Trial("refused", unit, interface.name, target, fields, "refused", reason, subject)


def _outlandish(stage: Stage, unit: str, on: date) -> Iterator[Trial]:
    """Yield a look-up in the own town of a name that older systems hold as 外字.

    No name travels between organisations, so it is the own store that tells one.
    """
    names = standard.catalogue().interface(*NAMES.split("/"))
    own = (one for one in standard.catalogue().basis(names) if one.holder_kind == standard.OWN)
    row = next((one for one in own if one.asker_unit == unit and one.in_force(on)), None)
    person = _person_with_outlandish_name(files_of(stage.ecosystem, A) / "resident.csv")
    if row is not None and person:
        fields = _fields(stage, unit, row.procedure)
        body = {"by": "register_number", "value": person, "items": ["name", "kana"]}
        target = f"/own/{NAMES}/look-up"
        yield Trial("outlandish", unit, NAMES, target, fields, "answered", "", person, body)


def _person_with_outlandish_name(file: Path) -> str:
    """Return the first resident whose name has no form in Windows-31J; none: empty."""
    entity = standard.catalogue().entity("resident")
    names = [item.name for item in entity.items]
    number, name = names.index("register_number"), names.index("name")
    guarded = names.index("protected") if "protected" in names else None
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(line for line in lines if not line.startswith("#"))
        next(rows)
        for row in rows:
            try:
                row[name].encode("cp932")
            except UnicodeEncodeError:
                if guarded is None or row[guarded] in ("", "0"):
                    return row[number]
    return ""


def _target(stage: Stage, interface: standard.Interface, items: str) -> str:
    path = f"/{stage.year}" if interface.parameters else ""
    query = f"?items={items}" if items else ""
    return f"/r1/{stage.members.address(B.tenant).render()}/{interface.name}{path}{query}"


def _fields(
    stage: Stage, unit: str, procedure: str, subject: str = "", consent: str = ""
) -> dict[str, str]:
    said = {
        "X-Road-Client": f"{stage.members.address(A.tenant).render()}/{unit}",
        "PF-Procedure": procedure,
        "PF-Subject": subject,
        "PF-Consent": consent,
        "PF-Purpose": quote(PURPOSE, safe=""),
        "PF-Mode": MODE,
    }
    return {name: text for name, text in said.items() if text}
