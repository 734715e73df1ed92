"""What officials and operators do with letters between bodies from the command line and console."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime

from renkei import federation, kit
from renkei.app.settings import Settings
from renkei.app.site import issuing_channel, read_desk
from renkei.process import cases, partners
from renkei.process.partners import register, settling, trial

PUBLIC = partners.Collaborations.shipped


def house_of(settings: Settings) -> partners.House:
    """Return what letters are judged by, for a command beside the node."""
    from renkei.app.membership.keys import Keys

    keys = Keys(settings.keys, settings.tenant)
    library = cases.Library([keys.signer().verifier])
    return partners.House(read_desk(settings), PUBLIC(), library, keys.node().seal)


def found(conn: kit.Connection, tenant: kit.Tenant, number: str) -> register.Kept:
    """Return the letter of a number, whoever it is from or to; LetterUnknown if there is none."""
    known = register.letters(conn, tenant, id_=number)
    if len(known) != 1:
        raise partners.LetterUnknown(letter=number[:64])
    letter = register.one(conn, tenant, known[0].partner, number, known[0].direction)
    assert letter is not None  # noqa: S101 # it was in the list
    return letter


def fate(letter: register.Kept, reader: kit.Language) -> str:
    """Return in words how it stands with a letter."""
    stands = "unfit" if (letter.answer, letter.fate) == ("taken", "refused") else letter.fate
    if letter.answer == "refused":
        stands = "refused"
    said = kit.say(f"letter-fate-{stands}", reader)
    if letter.reason:
        said += f": {partners.reason_in_words(letter.reason, reader)}"
    return said


def line(letter: register.Kept, reader: kit.Language) -> str:
    """Return a letter on a line."""
    at = kit.in_japan(letter.at).isoformat(timespec="minutes")
    way = kit.say(f"letter-direction-{letter.direction}", reader)
    return f"{letter.id} {at} {way} {letter.partner} {letter.name} – {fate(letter, reader)}"


def facts(letter: register.Kept, reader: kit.Language) -> Mapping[str, object]:
    """Return a letter for programs."""
    return {
        "id": letter.id,
        "partner": letter.partner,
        "direction": letter.direction,
        "name": letter.name,
        "procedure": letter.procedure,
        "case": None if letter.case is None else str(letter.case),
        "at": letter.at.isoformat(),
        "reply_by": None if letter.reply_by is None else letter.reply_by.isoformat(),
        "answer": letter.answer,
        "reason": letter.reason,
        "fate": letter.fate,
        "said": fate(letter, reader),
        "settled_by": letter.settled_by,
    }


def public(one: partners.Collaboration, reader: kit.Language) -> dict[str, object]:
    """Return a public process as people read it: who writes what to whom, and by when."""
    named = {id_: party.ja if reader == "ja" else party.en for id_, party in one.parties.items()}
    return {
        "collaboration": one.name,
        "title": one.ja if reader == "ja" else one.en,
        "version": one.version,
        "hash": one.hash,
        "in_force": f"{one.published.since} – {one.published.until or ''}",
        "procedure": one.procedure,
        "parties": [f"{id_}: {name}" for id_, name in named.items()],
        "letters": [_letter(kind, named, reader) for kind in one.letters.values()],
    }


def _letter(kind: partners.LetterType, named: Mapping[str, str], reader: kit.Language) -> str:
    name = kind.name if reader == "ja" else f"{kind.name} ({kind.en})"
    items = [one.item.ja if reader == "ja" else one.item.en for one in kind.items]
    more = [f"[{('、' if reader == 'ja' else ', ').join(items)}]"] * bool(items)
    if kind.reply_by is not None:
        span = kit.say("letters-days", reader, days=kind.reply_by.days)
        more.append(f"({kit.say('letters-reply-by', reader)} {span})")
    if kind.counters:
        more.append(f"({kit.say('letters-counters', reader)} {kind.counters})")
    return " ".join((f"{name}: {named[kind.sender]} → {named[kind.receiver]}", *more))


def public_on(name: str, on: date) -> partners.Collaboration:
    """Return a public process by its name, in force on a day."""
    return PUBLIC().on(name, on)


def send_again(
    settings: Settings, database: kit.Database, letter: register.Kept, *, at: datetime
) -> register.Kept:
    """Send a letter once more, the same bytes under the same number, and note how it stands now."""
    if letter.direction != "out" or letter.body is None:
        raise partners.LetterSent(letter=letter.id)
    receipt = asyncio.run(_sent(settings, letter, letter.body, at))
    with database.transaction(settings.tenant) as conn:
        register.answered(conn, settings.tenant, letter.partner, receipt, at=at)
        return found(conn, settings.tenant, letter.id)


async def _sent(
    settings: Settings, letter: register.Kept, body: bytes, at: datetime
) -> partners.Receipt:
    desk = read_desk(settings)
    partner = kit.tenant(letter.partner)
    async with issuing_channel(settings, desk) as channel:
        reply = await _posted(channel, desk, partner, letter.id, body, at)
    return partners.parse_receipt(federation.body_of(partner, reply))


async def _posted(
    channel: federation.Channel,
    desk: federation.Desk,
    partner: kit.Tenant,
    number: str,
    body: bytes,
    at: datetime,
) -> federation.Reply:
    headers = (("x-road-id", number), ("pf-mode", desk.mode))
    return await channel.call(partner, "POST", partners.PATH, body, headers, at=at)


def tried(settings: Settings, prepared: trial.Trial, *, at: datetime) -> list[trial.Heard]:
    """Send a partner every probe, and return what came back."""
    return asyncio.run(_tried(settings, prepared, at))


async def _tried(settings: Settings, prepared: trial.Trial, at: datetime) -> list[trial.Heard]:
    desk, heard = read_desk(settings), list[trial.Heard]()
    partner = kit.tenant(prepared.procedure.partner)
    async with issuing_channel(settings, desk) as channel:
        for probe in trial.probes(prepared):
            number = kit.timed_number()
            reply = await _posted(channel, desk, partner, number, probe.body, at)
            heard.append(trial.Heard(probe, _came(reply)))
    return heard


def _came(reply: federation.Reply) -> str:
    if reply.fault is not None:
        return reply.fault.code
    receipt = partners.parse_receipt(reply.answer.body)
    return "taken" if receipt.taken else receipt.reason


def settle(
    conn: kit.Connection,
    house: partners.House,
    letter: register.Kept,
    *,
    by: str,
    why: str,
    at: datetime,
) -> register.Kept:
    """Set a letter aside that reached no case, or, where nothing is said of it, bring it on."""
    if why:
        settling.set_aside(conn, house, letter, by=by, why=why, at=at)
    else:
        settling.bring_on(conn, house, letter, at=at)
    return found(conn, house.desk.tenant, letter.id)
