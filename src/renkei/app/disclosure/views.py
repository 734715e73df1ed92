"""What a unit asks of its own town and is told: look-ups, lists, and the view of records."""

from datetime import date, datetime
from typing import Literal, TypeVar

import msgspec

from renkei import federation, kit, standard, store

LONGEST = 200
TEXTS = ("value", "begins", *store.BASIC)

Records = tuple[dict[str, store.Plain], ...]


class Unlock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The right to see protected persons (支援措置の閲覧権限), and why it is used."""

    token: str
    reason: str


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every view may say: which items, as known at which time, with which right."""

    by: str
    items: tuple[str, ...] = ()
    known: datetime | None = None
    unlock: Unlock | None = None


class LookUp(Wanted, frozen=True, kw_only=True):
    """The records whose item has a value."""

    value: str


class List(Wanted, frozen=True, kw_only=True):
    """A page of the records a selection names: one value, a beginning, or two days."""

    value: str | None = None
    begins: str | None = None
    first: date | None = None
    last: date | None = None
    limit: int = 100
    after: str = ""

    def selection(self) -> store.Selection:
        """Return the selection; InquiryIncomplete for none or more than one."""
        match (self.value, self.begins, self.first, self.last):
            case (str() as value, None, None, None):
                return store.Is(self.by, value)
            case (None, str() as prefix, None, None):
                return store.Begins(self.by, prefix)
            case (None, None, date() as first, date() as last):
                return store.Between(self.by, first, last)
            case _:
                raise federation.InquiryIncomplete(name="value / begins / first, last")


class SendTo(Wanted, frozen=True, kw_only=True):
    """To whom and where something for a person is sent (送付先)."""

    by: str = "register_number"
    value: str


class PayTo(Wanted, frozen=True, kw_only=True):
    """The account of a person for a use (口座)."""

    by: str = "register_number"
    value: str
    use: str


class ByNumber(Wanted, frozen=True, kw_only=True):
    """A check of somebody by a personal number (個人番号) and more (本人確認)."""

    by: Literal["personal_number"] = "personal_number"
    items: tuple[()] = ()
    value: str


class Identify(ByNumber, frozen=True, kw_only=True):
    """Whether a number and the four basic items are those of one person."""

    name: str
    birth_date: str
    sex: str
    address: str

    def claim(self) -> store.Claim:
        """Return who somebody says to be."""
        return store.Claim(self.name, self.birth_date, self.sex, self.address)


class Prove(ByNumber, frozen=True, kw_only=True):
    """Whether a number is that of whoever signed a challenge, by certificates in base64 of DER."""

    challenge: str
    certificates: tuple[str, ...]
    signature: str


class Challenge(msgspec.Struct, frozen=True):
    """What is to be signed, as the text it is, and until when it counts."""

    challenge: str
    until: datetime


class Identified(msgspec.Struct, frozen=True):
    """What a unit is told of a check: how it ended, and which items differ; no value."""

    inquiry: str
    outcome: str
    provision: str
    table: str
    differs: tuple[str, ...] = ()
    reason: str = ""


class Sent(msgspec.Struct, frozen=True):
    """What a unit is told: how it ended, and the destination or account; nothing if withheld."""

    inquiry: str
    outcome: str
    provision: str
    table: str
    destination: store.people.Destination | None = None
    account: store.people.Account | None = None


class View(msgspec.Struct, frozen=True):
    """What a unit is told: how it ended, the records, and where a list goes on."""

    inquiry: str
    outcome: str
    provision: str
    table: str
    records: Records
    after: str = ""
    indexed: bool = True


W = TypeVar("W", bound=Wanted)


def parse(body: bytes, kind: type[W]) -> W:
    """Parse what a unit asks, or say where it is malformed."""
    try:
        wanted = kit.read_json(body, kind)
    except msgspec.DecodeError as error:
        raise federation.InquiryMalformed(defect=str(error)) from None
    if wanted.unlock is not None and not _is_said(wanted.unlock.reason):
        raise federation.InquiryIncomplete(name="unlock.reason")
    for name in TEXTS:
        text = getattr(wanted, name, None)
        if text is not None and not _is_said(text):
            raise federation.InquiryIncomplete(name=name)
    if wanted.known is not None and wanted.known.tzinfo is None:
        raise federation.InquiryIncomplete(name="known")
    return wanted


def _is_said(text: str) -> bool:
    return 0 < len(text) <= LONGEST and text.replace("\u3000", " ").isprintable()


def interface_of(unit: str, service: str) -> tuple[standard.Interface, standard.Entity]:
    """Return what a unit of the town offers to the others, and the records it is about."""
    try:
        interface = standard.catalogue().interface(unit, service)
    except standard.DefinitionUnknown:
        raise federation.ServiceUnknown(service=f"{unit}/{service}"[:80]) from None
    return interface, standard.catalogue().entity(interface.entity)


def item_ids(
    interface: standard.Interface, entity: standard.Entity, wanted: Wanted
) -> tuple[str, ...]:
    """Return the numbers of the items asked for, and of the one looked by.

    A number the asker holds already, which leads the key, is not asked for by looking with it.
    """
    names = list(store.NEEDED if isinstance(wanted, ByNumber) else wanted.items or interface.items)
    if wanted.by not in names and wanted.by != entity.key[0]:
        names.append(wanted.by)
    ids = []
    for name in names:
        item = entity.item(name)
        if item is None:
            raise store.ItemNotInEntity(entity=entity.name, item=name[:48])
        ids.append(item.id)
    return tuple(ids)
