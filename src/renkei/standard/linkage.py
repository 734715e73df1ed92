"""What units exchange and why they may: interfaces, flows, faults, procedures, provisions."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from renkei.standard.model import Definition, Name, Provenance, Text, UnitNumber, in_force

ALL = "all"  # as consumer: every other unit
OWN = "own"  # as kind of holder: the asking organisation itself


class Timing(StrEnum):
    """When an interface answers: at once, on an event, or in a batch."""

    immediate = "immediate"
    event = "event"
    batch = "batch"


class Party(Definition, frozen=True, kw_only=True):
    """Somebody outside the units who takes part in a flow, e.g. the resident network."""

    id: Annotated[str, msgspec.Meta(pattern=r"^X[0-9]{2}$")]
    ja: Text
    en: Text
    provenance: Provenance
    source: Text


class Fault(Definition, frozen=True, kw_only=True):
    """One way an interface answers that it has no answer, and what the consumer does then.

    `status` is that of the REST binding; what is not held is an answer there, with status 200.
    """

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]*$")]
    ja: Text
    en: Text
    remedy_ja: Text
    remedy_en: Text
    status: Annotated[int, msgspec.Meta(ge=200, le=599)]
    timings: Annotated[tuple[Timing, ...], msgspec.Meta(min_length=1)]
    provenance: Provenance
    source: Text


class Flow(Definition, frozen=True, kw_only=True):
    """One data flow between units (機能情報関連図): from whom to whom, what, when."""

    number: Annotated[int, msgspec.Meta(ge=1)]
    ja: Text
    en: Text
    trigger_ja: Text
    trigger_en: Text
    timings: Annotated[tuple[Timing, ...], msgspec.Meta(min_length=1)]
    cells: Annotated[tuple[tuple[str, str], ...], msgspec.Meta(min_length=1)]
    provenance: Provenance
    source: Text


class Information(Definition, frozen=True, kw_only=True):
    """The name under which the law lists what an interface carries (特定個人情報名)."""

    code: Annotated[str, msgspec.Meta(pattern=r"^TM[0-9]{14}$")]
    ja: Text
    en: Text
    provenance: Provenance
    source: Text


class Parameter(Definition, frozen=True, kw_only=True):
    """A part of the request: the item whose value the consumer names."""

    name: Name
    item: str


class Interface(Definition, frozen=True, kw_only=True):
    """A service one unit offers to others: request, items, consumers, the name in the law.

    The subject is never part of the path; between organisations it travels as a linkage code.
    `between_organisations` says that other organisations may ask as well; such an interface
    carries nothing that must not leave (`Handling.may_travel`).
    """

    unit: UnitNumber
    service: Name
    ja: Text
    en: Text
    flows: tuple[Annotated[int, msgspec.Meta(ge=1)], ...] = ()
    timings: Annotated[tuple[Timing, ...], msgspec.Meta(min_length=1)]
    trigger_ja: Text
    trigger_en: Text
    path: str = ""
    parameters: tuple[Parameter, ...] = ()
    entity: str
    items: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    consumers: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    between_organisations: bool = False
    information: Information
    faults: tuple[str, ...] = ()
    since: date
    until: date | None = None
    provenance: Provenance
    source: Text

    @property
    def name(self) -> str:
        """Return how procedures and functions refer to it, e.g. `06/income`."""
        return f"{self.unit}/{self.service}"


class Channel(StrEnum):
    """How a procedure may be begun."""

    counter = "counter"
    post = "post"
    online = "online"
    official = "official"  # 職権


class Document(Definition, frozen=True, kw_only=True):
    """A paper a procedure asks for, and the interface whose items take its place."""

    ja: Text
    en: Text
    replaced_by: str | None = None
    items: tuple[str, ...] = ()


class Procedure(Definition, frozen=True, kw_only=True):
    """A procedure (手続) of an affair (事務): its papers, its fee, and the interfaces it may ask.

    `life_events` are values of the code list `life_event`; a procedure that only officials begin
    (調査, 賦課 and the like) has the channel `official`. The fee is in yen.
    """

    code: Annotated[str, msgspec.Meta(pattern=r"^JT[0-9]{14}$")]
    affair: Annotated[str, msgspec.Meta(pattern=r"^JM[0-9]{14}$")]
    unit: UnitNumber
    affair_ja: Text
    affair_en: Text
    ja: Text
    en: Text
    channels: Annotated[tuple[Channel, ...], msgspec.Meta(min_length=1)]
    life_events: tuple[str, ...] = ()
    fee: Annotated[int, msgspec.Meta(ge=0)] = 0
    documents: tuple[Document, ...] = ()
    asks: tuple[str, ...] = ()
    since: date
    until: date | None = None
    provenance: Provenance
    source: Text


Condition = Literal["consent", "guardian-consent", "own-use"]
"""The closed set of conditions a provision may set; the law room decides each."""

SubjectRelation = Literal["applicant", "household", "guardian", "minor"]
"""Whom a question is about, as seen from the procedure: who applies, a member of the household, a
guardian of who applies, a minor for whom somebody applies."""


class ItemTerm(Definition, frozen=True, kw_only=True, omit_defaults=True):
    """The days in which a row names one of its items, where these are not all days of the row."""

    item: str
    since: date | None = None
    until: date | None = None

    def in_force(self, on: date) -> bool:
        """Say whether the item is named on that day."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


class Provision(Definition, frozen=True, kw_only=True, omit_defaults=True):
    """One row of the provision table: who, for which procedure, may ask whom for which items.

    `holder_kind` `own` is the asking organisation itself: use inside one body (庁内連携). `years`
    says which years may be asked, `0-1/07` being that of the day and the one before, where a year
    begins to count in July; without it the row sets no year. `persons` says whom a question may be
    about; without it anybody.
    """

    row: Text
    law: Text
    citation: Text
    asker_kind: Text
    asker_unit: UnitNumber
    procedure: Text
    holder_kind: Text
    information: Text
    items: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    since: date
    until: date | None
    conditions: tuple[Condition, ...]
    years: Annotated[str, msgspec.Meta(pattern=r"^([0-9]-[0-9](/(0[1-9]|1[0-2]))?)?$")] = ""
    persons: tuple[SubjectRelation, ...] = ()
    item_terms: tuple[ItemTerm, ...] = ()
    provenance: Provenance
    source: Text

    def in_force(self, on: date) -> bool:
        """Say whether the row is law on that day; `until` is its last day."""
        return in_force(self.since, self.until, on)

    def items_on(self, on: date) -> frozenset[str]:
        """Return the items the row names on a day, of those in which it is in force."""
        out = {term.item for term in self.item_terms if not term.in_force(on)}
        return frozenset(self.items) - out

    def named_years(self, on: date) -> range | None:
        """Return the years that may be asked on a day; None where the row sets none."""
        return YearRule.of(self.years).years(on) if self.years else None


class YearRule(msgspec.Struct, frozen=True):
    """Which years may be asked on a day: counted back from the one that counts on it."""

    newest: int
    oldest: int
    month: int = 1

    @classmethod
    def of(cls, text: str) -> "YearRule":
        """Read the rule as a row writes it: `0-1`, `0-1/07`."""
        span, _, month = text.partition("/")
        newest, _, oldest = span.partition("-")
        return cls(int(newest), int(oldest), int(month or 1))

    def years(self, on: date) -> range:
        """Return the years; before the month in which a year begins to count, the last one does.

        >>> YearRule.of("0-1/07").years(date(2026, 6, 30))
        range(2024, 2026)
        """
        counted = on.year if on.month >= self.month else on.year - 1
        return range(counted - self.oldest, counted - self.newest + 1)


class OwnUse(Definition, frozen=True, kw_only=True):
    """One 独自利用事務: an ordinance of one organisation, notified to the oversight commission.

    `since` and `until` are the days of the ordinance, `notified` the day of the notice.
    """

    organisation: Text
    procedure: Text
    ordinance: Text
    notice: Text
    notified: date
    since: date
    until: date | None
    provenance: Provenance
    source: Text

    @property
    def first(self) -> date:
        """Return the first day on which both ordinance and notice stand."""
        return max(self.since, self.notified)

    def in_force(self, on: date) -> bool:
        """Say whether ordinance and notice stand on that day; `until` is the last day."""
        return in_force(self.first, self.until, on)
