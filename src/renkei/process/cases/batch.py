"""What a batch of commands brings about, noted as it comes and written by one statement.

A statement costs a round trip and a good part of a tenth of a millisecond here, so that six of them
would be most of what a step costs. The rows go as JSON: an array of PostgreSQL's takes twice the
time to write for each value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import msgspec

from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn, feel
from renkei.process.bpmn import Closed, Ended, Opened, Outcome, Sent
from renkei.process.cases.encoding import event_hash, moment_of, packed
from renkei.process.cases.known import changes

sql = queries("renkei.process")


@dataclass(frozen=True, slots=True)
class Given:
    """A command for a case: by whom, on what basis, and under which key if it may come again."""

    case: UUID
    command: bpmn.Command
    actor: str
    basis: str = ""
    key: str = ""
    seen: int | None = None
    """The last event that was looked at: where the case has gone on since, it is refused."""


@dataclass(slots=True)
class Held:
    """A case while a batch is taken."""

    case: bpmn.Case
    seq: int
    head: bytes
    ended: Ended | None = None
    is_changed: bool = False
    knew: bpmn.Variables = field(init=False)
    """What it knew as a whole when the batch began."""

    def __post_init__(self) -> None:
        """Remember what it knew."""
        self.knew = _outermost(self)


class KeptCase(msgspec.Struct, frozen=True):
    """A case as it stands behind the batch."""

    id: UUID
    state: str
    variables: feel.Json
    seq: int
    head: str
    status: str


class BegunCase(KeptCase, frozen=True):
    """A case that was not there before."""

    definition: str
    process: str
    business_key: str
    applied_on: date


class KeptEvent(msgspec.Struct, frozen=True):
    """One thing that happened."""

    case_id: UUID
    seq: int
    kind: str
    element: str
    place: int
    data: feel.Json
    actor: str
    basis: str
    at: datetime
    hash: str


class KeptWait(msgspec.Struct, frozen=True):
    """One thing a case waits for from now on."""

    case_id: UUID
    key: int
    kind: str
    element: str
    name: str
    correlation: str
    due: datetime | None
    about: feel.Json
    at: datetime


class GoneWait(msgspec.Struct, frozen=True):
    """One thing a case waits for no more."""

    case_id: UUID
    key: int


class KeptLetter(msgspec.Struct, frozen=True):
    """What leaves a case."""

    key: str
    case_id: UUID
    element: str
    kind: str
    name: str
    correlation: str
    variables: feel.Json
    at: datetime


class KeptCommand(msgspec.Struct, frozen=True):
    """A command that was given a key."""

    key: str
    case_id: UUID
    digest: str
    seq: int


@dataclass(slots=True)
class Written:
    """What a batch writes, by table."""

    begun: dict[UUID, tuple[str, date]] = field(default_factory=dict)
    """Of each case that was not there before: by which number it is known, and its day."""
    events: list[KeptEvent] = field(default_factory=list)
    opened: dict[tuple[UUID, int], KeptWait] = field(default_factory=dict)
    closed: list[GoneWait] = field(default_factory=list)
    letters: list[KeptLetter] = field(default_factory=list)
    commands: list[KeptCommand] = field(default_factory=list)


def note(given: Given, kept: Held, outcome: Outcome, written: Written) -> None:
    """Note what a command brought about, to be written with the rest of the batch."""
    id_, at = given.case, given.command.at
    for key in kept.case.waits.keys() - outcome.case.waits.keys():
        if written.opened.pop((id_, key), None) is None:  # else the table never had it
            written.closed.append(GoneWait(id_, key))
    kept.case, kept.is_changed = outcome.case, True
    _note_events(given, kept, outcome.events, written)
    for number, effect in enumerate(outcome.effects):
        match effect:
            case Opened(wait):
                written.opened[id_, wait.key] = KeptWait(
                    id_,
                    wait.key,
                    wait.kind.value,
                    wait.handler,
                    wait.name,
                    wait.correlation,
                    wait.due,
                    feel.dump(wait.about),
                    at,
                )
            case Closed():  # with what the command itself brought, above
                pass
            case Sent(element, kind, name, correlation, variables):
                same = f"{id_}/{kept.seq}/{number}"  # the key by which its receiver knows it again
                told = feel.dump(variables)
                letter = KeptLetter(same, id_, element, kind, name, correlation, told, at)
                written.letters.append(letter)
            case Ended():
                kept.ended = effect


def _note_events(given: Given, kept: Held, events: Sequence[bpmn.Event], written: Written) -> None:
    id_, at, moment = given.case, given.command.at, moment_of(given.command.at)
    for event in events:
        kept.seq += 1
        data = feel.dump(event.data) if event.data else {}
        facts = (
            id_,
            kept.seq,
            event.kind.value,
            event.element,
            event.place,
            data,
            given.actor,
            given.basis,
        )
        kept.head = event_hash(kept.head, (*facts, moment))
        written.events.append(KeptEvent(*facts, at, hexed(kept.head)))


def write(
    conn: Connection, tenant: Tenant, held: Mapping[UUID, Held], written: Written, *, at: datetime
) -> None:
    """Write a batch."""
    changed = {id_: one for id_, one in held.items() if one.is_changed}
    if not changed:
        return
    rows = {
        "begun": [_begun(id_, changed[id_], *about) for id_, about in written.begun.items()],
        "cases": [_kept(id_, one) for id_, one in changed.items() if id_ not in written.begun],
        "events": written.events,
        "closed": written.closed,
        "opened": list(written.opened.values()),
        "letters": written.letters,
        "commands": written.commands,
    }
    told = {name: msgspec.json.encode(some).decode() for name, some in rows.items()}
    conn.execute(sql.keep_batch, {"tenant": tenant, "at": at, "ids": list(changed), **told})
    _write_known(conn, tenant, changed)


def _write_known(conn: Connection, tenant: Tenant, changed: Mapping[UUID, Held]) -> None:
    """Let cases be found by what they know now; a step that changes no value writes nothing."""
    gone, new = list[tuple[UUID, str]](), list[tuple[UUID, str, str, float | None]]()
    for id_, held in changed.items():
        before, after = changes(held.knew, _outermost(held))
        gone += [(id_, name) for name in before]
        new += [(id_, name, one.said, one.number) for name, one in after.items()]
    if gone:
        cases, names = (list(column) for column in zip(*gone, strict=True))
        conn.execute(sql.drop_known, {"tenant": tenant, "case_ids": cases, "names": names})
    if new:
        columns = (list(column) for column in zip(*new, strict=True))
        facts = dict(zip(("case_ids", "names", "said", "numbers"), columns, strict=True))
        conn.execute(sql.keep_known, {"tenant": tenant, **facts})


def _kept(id_: UUID, held: Held) -> KeptCase:
    return KeptCase(id_, *_stands(held))


def _begun(id_: UUID, held: Held, business_key: str, applied_on: date) -> BegunCase:
    of = held.case.definition, held.case.process
    return BegunCase(id_, *_stands(held), *of, business_key, applied_on)


def _stands(held: Held) -> tuple[str, feel.Json, int, str, str]:
    variables, head = feel.dump(_outermost(held)), hexed(held.head)
    return hexed(packed(held.case)), variables, held.seq, head, held.case.status.value


def hexed(data: bytes) -> str:
    """Return bytes as PostgreSQL reads them from a text."""
    return f"\\x{data.hex()}"


def _outermost(held: Held) -> bpmn.Variables:
    """Return what a case knows as a whole, also after its end."""
    if held.ended is not None:
        return held.ended.variables
    places = held.case.places
    return places[min(places)].variables if places else {}
