"""The inquiry (照会) as it travels, and what each party answers. No message names a person.

The digest of the inquiry is the context that every proof is bound to: nobody can use the codes of
one inquiry for another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, TypedDict, TypeVar

import msgspec

from renkei import audit, identity, kit, law, standard, store
from renkei.federation.errors import InquiryMalformed
from renkei.federation.members import Members
from renkei.standard.mediation import Loss

KINDS = {"MUN": "municipality", "PREF": "prefecture", "GOV": "state", "COM": "firm"}
"""Member class → the kind of organisation that provisions name."""


Consent = Literal["", "given"]
"""Whether consent was given. Its reference would join a person's questions: the asker keeps it.

Whose consent it is, the relation says: of a minor the guardian's, else the person's own.
"""

USAGE = "usage", "findUsage"
"""The subsystem and the service by which a house tells who looked at a person's data there."""


class Parties(TypedDict):
    """What the identity room must be told about an inquiry."""

    asker: kit.Tenant
    provider: kit.Tenant
    context: bytes


class Inquiry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who asks whom for what, under which provision: everything but the person.

    What a unit says in words of its own (purpose, message id, reference of a consent) is no part.
    """

    id: str
    mode: audit.Mode
    asker: str
    asker_unit: str
    holder: str
    holder_unit: str
    service: str
    procedure: str
    information: str
    items: tuple[str, ...]
    year: int | None
    consent: Consent
    relation: standard.SubjectRelation
    provision: str
    table: str
    at: datetime

    @property
    def is_own_access(self) -> bool:
        """Tell whether a portal asks for the access record of the person, and nothing else."""
        return (self.procedure, self.holder_unit, self.service) == (law.OWN_ACCESS, *USAGE)

    @property
    def parties(self) -> Parties:
        """Return whom every proof of this inquiry must be about, and what it is bound to."""
        return Parties(
            asker=kit.tenant(self.asker), provider=kit.tenant(self.holder), context=self.context
        )

    @property
    def context(self) -> bytes:
        """Return the 32 bytes every proof of this inquiry is bound to."""
        return kit.digest(msgspec.to_builtins(self))

    def request(self, members: Members) -> law.Request:
        """Return what the law is asked about it."""
        return law.Request(
            asker=kit.tenant(self.asker),
            asker_kind=KINDS[members.by_id(self.asker).member_class],
            asker_unit=self.asker_unit,
            procedure=self.procedure,
            holder=kit.tenant(self.holder),
            holder_kind=KINDS[members.by_id(self.holder).member_class],
            information=self.information,
            items=self.items,
            year=self.year,
            consent=self.consent,
            relation=self.relation,
        )

    def entry(
        self,
        kind: audit.Kind,
        outcome: str,
        *,
        at: datetime,
        label: bytes | None = None,
        withheld: bool = False,
        purpose: str = "",
        details: Mapping[str, str] | None = None,
    ) -> audit.Entry:
        """Return the entry a party makes about its part in this inquiry.

        Only the asker's has a purpose in words.
        """
        return audit.Entry(
            kind=kind,
            request=self.id,
            at=at,
            asker=self.asker,
            holder=self.holder,
            procedure=self.procedure,
            outcome=outcome,
            mode=self.mode,
            unit=self.asker_unit,
            items=self.items,
            provision=self.provision,
            table=self.table,
            purpose=purpose,
            label=label,
            withheld=withheld,
            details={**(details or {}), **self._stated()},
        )

    def _stated(self) -> dict[str, str]:
        """Return what else a provision may look at, so that a decision can be taken again.

        Of a consent it says that one was given; its reference stands in the asker's entry alone.
        """
        said: dict[str, str] = {"relation": self.relation}
        if self.year is not None:
            said["year"] = str(self.year)
        if self.consent:
            said["consent"] = self.consent
        return said


class Aside(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside an inquiry, of which each party is told no more than it needs.

    Whether the entries are withheld (不開示), those who enter under the person, not the converters;
    the day the values are asked for, and whether a procedure begins, the holder alone.
    """

    withheld: bool = False
    on: date | None = None
    opens: bool = False

    def expect_no_more(self, *told: Literal["withheld", "on", "opens"]) -> None:
        """Refuse what tells a party of the person more than this."""
        more = {"withheld": self.withheld, "on": self.on is not None, "opens": self.opens}
        for name, is_told in more.items():
            if is_told and name not in told:
                raise InquiryMalformed(defect=name)


class Carried(Aside, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the asker carries from party to party; the receipt comes last, for the holder."""

    inquiry: Inquiry
    question: msgspec.Raw
    receipt: str = ""

    def opened(self) -> identity.Question:
        """Return the blinded question; whoever uses it says whose it must be."""
        return identity.parse(bytes(self.question), identity.Question)


class Done(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="done"):
    """A converter's yes: the question with its conversion added."""

    question: msgspec.Raw


class Receipted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="receipted"):
    """The log operator's yes: its signed promise that the entry will stand in the log."""

    receipt: str


class Refused(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="refused"):
    """A party's lawful no, by reason code (texts under `refusal-…`)."""

    by: str
    reason: str
    provision: str
    table: str


MOST_LOSSES = 300
"""So many losses an answer may name: they all stand in one entry."""


class Provided(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag="provided"
):
    """The holder's answer: the values by item name, or None where nothing is held (該当なし).

    `entry` is the hash of the holder's own entry about it, base64url; `losses` are the items that
    did not come through whole, from its release of the standard or in the asker's characters.
    """

    record: dict[str, store.Plain] | None
    entry: str
    losses: Annotated[tuple[Loss, ...], msgspec.Meta(max_length=MOST_LOSSES)] = ()


class Disclosed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="disclosed"):
    """The holder's answer to a portal: the bundle of the person's open chains.

    `entry` is the hash of the holder's own entry about it, base64url.
    """

    bundle: msgspec.Raw
    entry: str


Response = Done | Receipted | Refused | Provided | Disclosed

InSet = Literal["answered-in-set"]
"""The answer is one of a set: which one, nobody knows."""
Outcome = (
    Literal["answered", "not-held", "refused", "subject-unknown", "code-not-issued", "failed"]
    | InSet
)


@dataclass(frozen=True, slots=True)
class Fact:
    """How an inquiry ended for the asking unit; the record is in the release it asked in."""

    inquiry: str
    outcome: Outcome
    by: str = ""
    reason: str = ""
    provision: str = ""
    table: str = ""
    record: dict[str, store.Plain] | None = None
    receipt: str = ""
    entry: str = ""
    release: str = ""
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnAccess(Fact):
    """A fact with the bundle that was disclosed, and the entries it proves."""

    bundle: bytes = b""
    entries: tuple[audit.Logged, ...] = ()


_M = TypeVar("_M")


def render(message: Carried | Response) -> bytes:
    """Return the JSON of a message."""
    return msgspec.json.encode(message)


class _Time(msgspec.Struct):
    """The time of an inquiry as it is spelled."""

    at: str


class _Timed(msgspec.Struct):
    """What is carried, but for all that is not the time."""

    inquiry: _Time


def parse_carried(body: bytes) -> Carried:
    """Parse what the asker brings, or say where it is malformed.

    Every proof is bound to the text of the inquiry, so a time has one spelling (RK-3.2).
    """
    carried = parsed(body, Carried)
    at = parsed(body, _Timed).inquiry.at
    if not at.endswith("Z") or at != msgspec.to_builtins(carried.inquiry.at):
        raise InquiryMalformed(defect="at")
    return carried


def parse_response(body: bytes) -> Response:
    """Parse what a party answered."""
    return parsed(body, Response)  # type: ignore[arg-type] # a union is no type to mypy


def parsed(body: bytes, kind: type[_M]) -> _M:
    """Read what a party says, or say where it is malformed."""
    try:
        return kit.read_json(body, kind)
    except msgspec.DecodeError as error:
        raise InquiryMalformed(defect=str(error)) from error
