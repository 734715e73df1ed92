"""A partner's node tried by letters that it must refuse: conformance turned outward (準拠確認).

Each probe is a letter of a procedure that the partner knows, with one thing wrong. None may be
taken, so that nothing happens there; what comes back is held against the protocol.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from renkei import audit, kit, law
from renkei.process.cases.histories import case_of
from renkei.process.partners import entries, procedures
from renkei.process.partners.basis import decide
from renkei.process.partners.errors import TrialUnready
from renkei.process.partners.letters import MOST_BYTES, Letter, render
from renkei.process.partners.parties import Collaboration
from renkei.process.partners.plays import plays_of
from renkei.process.partners.procedures import Procedure
from renkei.process.partners.receiving import House

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Probe:
    """One letter with one thing wrong: of which clause, and what must come back, one of these."""

    name: str
    clause: str
    wanted: frozenset[str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back to a probe: the reason of a refusal, the code of a fault, or `taken`."""

    probe: Probe
    came: str

    @property
    def is_right(self) -> bool:
        """Tell whether it is what the protocol says."""
        return self.came in self.probe.wanted


@dataclass(frozen=True, slots=True)
class Trial:
    """Of which case, to whom, by which public process; and the letter that would be right."""

    procedure: Procedure
    collaboration: Collaboration
    letter: Letter
    decision: law.Permit | None


def prepare(conn: kit.Connection, house: House, case: UUID, *, at: datetime) -> Trial:
    """Make the letter that a case of ours might send; TrialUnready in production, or without one.

    Its procedure must have begun by a question, so that the partner knows it.
    """
    tenant = house.desk.tenant
    if house.desk.mode == audit.Mode.PRODUCTION.value:
        raise TrialUnready(reason="production")
    row = case_of(conn, tenant, case)
    plays = plays_of(house.library.get(conn, tenant, row.definition))
    known = procedures.of_case(conn, tenant, case)
    if plays is None or not known:
        raise TrialUnready(reason="procedure")
    procedure = known[0]
    collaboration = house.known.on(plays.collaboration, kit.day_of(procedure.opened_at))
    may = collaboration.between(plays.role, procedure.partner_role)
    kind = next((one for one in may if not one.counters and not one.items), None)
    if kind is None:
        raise TrialUnready(reason="letter")
    decision = decide(house.desk, collaboration, kind, procedure, on=kit.day_of(at))
    if not isinstance(decision, law.Permit):
        raise TrialUnready(reason="law")
    letter = Letter(
        id=kit.timed_number(),
        name=kind.name,
        collaboration=collaboration.hash,
        sender=str(tenant),
        receiver=procedure.partner,
        mode=audit.Mode(house.desk.mode),
        procedure=procedure.id,
        at=at,
        expires_at=at + kind.keep,
        basis=procedure.procedure,
        provision=decision.provision,
    )
    return Trial(procedure, collaboration, letter, decision)


def probes(trial: Trial) -> Iterator[Probe]:
    """Yield the probes in the order they are sent; each has a number of its own but for repeats."""
    first = _numbered(trial.letter, name="準拠確認の文書")
    theirs = trial.collaboration.between(trial.procedure.partner_role, _role(trial))
    yield _probe("unknown-letter", "RK-52.8", render(first), "letter-unknown")
    yield _probe("repeated", "RK-52.7", render(first), "letter-unknown")
    yield _probe("other-bytes", "RK-52.7", _raw(first, name="別の文書"), "letter-reused")
    for name, clause, changes, wanted in (
        ("unknown-process", "RK-52.4", {"collaboration": "0" * 64}, "collaboration-unknown"),
        ("unknown-procedure", "RK-52.4", {"procedure": UNKNOWN}, "procedure-unknown"),
        ("expired", "RK-52.8", {"expires_at": trial.letter.at - timedelta(1)}, "letter-expired"),
        ("other-provision", "RK-52.5", {"provision": "NONE-1"}, "provision-differs"),
        ("foreign-item", "RK-52.6", {"items": {"shoe_size": 27}}, "items-malformed"),
        ("takes-back-nothing", "RK-52.10", {"counters": UNKNOWN}, "letter-malformed"),
    ):
        yield _probe(name, clause, render(_numbered(trial.letter, **changes)), wanted)
    if theirs:
        wrong_way = _numbered(trial.letter, name=theirs[0].name)
        ends = "sender-not-party", "procedure-differs"
        yield _probe("wrong-way", "RK-52.4", render(wrong_way), *ends)
    for name, changed in (
        ("foreign-member", {"person": "1"}),
        ("other-sender", {"sender": trial.procedure.partner}),
        ("no-time", {"at": "2026-04-02T10:00:00"}),
    ):
        body = _raw(_numbered(trial.letter), **changed)
        yield _probe(name, "RK-52.1", body, "letter-malformed")
    large = render(_numbered(trial.letter)) + b" " * MOST_BYTES
    yield _probe("too-large", "RK-52.1", large, "letter-too-large")


def enter(conn: kit.Connection, house: House, trial: Trial, *, at: datetime) -> None:
    """Enter a trial before it is sent: it is about a person, though nothing is told of them."""
    made = entries.entry(
        conn,
        house.desk,
        house.seal,
        trial.letter,
        kind=audit.Kind.REQUEST,
        outcome=entries.SENT,
        procedure=trial.procedure,
        collaboration=trial.collaboration,
        decision=trial.decision,
        at=at,
        details={"as": "trial"},
    )
    audit.append(conn, house.desk.tenant, made)


def _role(trial: Trial) -> str:
    return trial.collaboration.letters[trial.letter.name].sender


def _probe(name: str, clause: str, body: bytes, *wanted: str) -> Probe:
    return Probe(name, clause, frozenset(wanted), body)


def _numbered(letter: Letter, **changes: object) -> Letter:
    return msgspec.structs.replace(letter, id=kit.timed_number(), **changes)


def _raw(letter: Letter, **changes: object) -> bytes:
    held: Mapping[str, object] = json.loads(render(letter))
    return json.dumps({**held, **changes}, ensure_ascii=False).encode()
