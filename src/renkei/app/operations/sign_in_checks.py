"""Single sign-on as the doctor sees it: can staff be sent where the settings say, and come back?"""

import asyncio
from collections.abc import Iterator

from renkei import kit
from renkei.app.operations.checks import Check
from renkei.app.settings import Settings
from renkei.app.sign_in.plan import IssuerEntry
from renkei.app.sign_in.web_issuer import WebIssuer
from renkei.federation import Desk


async def sign_in_checks(settings: Settings, desk: Desk) -> list[Check]:
    """Ask every provider for what it says of itself, and the list for consoles."""
    issuers = settings.sign_in.issuers.items()
    asked = await asyncio.gather(*(_issuer(settings, name, entry) for name, entry in issuers))
    return [*_own_console(settings, desk), *_members(settings, desk), *asked]


async def _issuer(settings: Settings, name: str, entry: IssuerEntry) -> Check:
    """Read a provider's description and keys, and our key for it, as a sign-in does."""
    facts: dict[str, object] = {"issuer": name, "address": entry.address}
    try:
        await WebIssuer.of(name, entry, settings.sign_in.folder, settings.staff).look()
    except kit.NodeError as error:
        return Check("sign-in-issuer-bad", "bad", facts, error)
    return Check("sign-in-issuer-good", "good", facts)


def _members(settings: Settings, desk: Desk) -> Iterator[Check]:
    """Tell of each member whose word counts whether its staff can be sent to its console."""
    listed = {one.id: one for one in desk.members.of_kind("organisation")}
    for number in settings.sign_in.members:
        member = listed.get(number)
        facts: dict[str, object] = {"peer": number, "name": "" if member is None else member.ja}
        if member is None:
            yield Check("sign-in-member-missing", "warning", facts)
        elif not member.console:
            yield Check("sign-in-member-lacks-console", "warning", facts)
        else:
            yield Check("sign-in-member-good", "good", facts | {"address": member.console})


def _own_console(settings: Settings, desk: Desk) -> Iterator[Check]:
    """Compare where the list and the settings say that browsers find us: the list counts."""
    plan, listed, door = settings.sign_in, desk.me.console, settings.staff_door
    is_given = plan.console != f"http://{door.host}:{door.port}"
    if not listed and (plan.members or plan.provide):
        yield Check("sign-in-console-missing", "bad")
    elif is_given and listed and plan.console != listed:
        facts: dict[str, object] = {"listed": listed, "given": plan.console}
        yield Check("sign-in-console-differs", "warning", facts)
