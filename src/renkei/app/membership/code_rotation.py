"""An organisation's part of a rotation: its codes, its own key, and what its row says of both."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from renkei import exchange, federation, identity, kit
from renkei.app.deliveries.intake import node_settings, site_database
from renkei.app.errors import FileExists, FileUnreadable, NothingToRotate
from renkei.app.membership.keys import DECRYPTION, FORMER_DECRYPTION, Keys
from renkei.app.membership.public_row import write_row
from renkei.app.settings import Settings, read_settings
from renkei.app.site import issuing_channel, now, read_desk, site_credentials


def versions(desk: federation.Desk) -> list[int]:
    """Return the versions of our codes that every converter holds, oldest first."""
    factors = desk.directory.organisations[desk.tenant].factors
    held = [set(factors.get(each, {})) for each in desk.directory.converters]
    return sorted(set.intersection(*held))


def rotate_codes(settings_file: Path, progress: Callable[[int], None]) -> dict[str, object]:
    """Give our codes the newest version, and write the row that says so; again goes on."""
    settings = node_settings(settings_file)
    keys, desk = Keys(settings.keys, settings.tenant), read_desk(settings)
    held = versions(desk)
    if len(held) < 2:
        raise NothingToRotate(versions=" ".join(map(str, held)) or "-")
    before, after = held[-2:]
    asked = federation.QuotientAsked(exchange.new_id(desk.members.instance), before, after)
    with site_database(settings) as database:

        async def run() -> int:
            membership = federation.Membership(desk, site_credentials(settings, desk))
            async with federation.Channel(membership) as channel:
                return await federation.rotate(
                    desk,
                    keys.node(),
                    database,
                    channel,
                    asked,
                    clock=now,
                    progress=progress,
                )

        changed = asyncio.run(run())
    public = _write_row(settings_file, keys, desk, settings, kv=after)
    return {"rotated": changed, "before": before, "after": after, "public": public}


def follow_codes(settings_file: Path, progress: Callable[[int], None]) -> dict[str, object]:
    """Ask the registrar which of our codes follow others or ended, and keep what it says."""
    settings = node_settings(settings_file)
    keys, desk = Keys(settings.keys, settings.tenant), read_desk(settings)
    followed = 0

    def tell(done: int) -> None:
        nonlocal followed
        followed = done
        progress(done)

    with site_database(settings) as database:

        async def run() -> list[identity.SharedCode]:
            async with issuing_channel(settings, desk) as channel:
                return await federation.follow(
                    desk, keys.node(), database, channel, clock=now, progress=tell
                )

        shared = asyncio.run(run())
    return {
        "followed": followed,
        "shared": [{"person": one.person, "kept_as": one.kept_as} for one in shared],
    }


def forget_codes(settings_file: Path) -> dict[str, object]:
    """Delete our codes of every version that no converter holds any more."""
    settings = node_settings(settings_file)
    desk = read_desk(settings)
    oldest, *_ = versions(desk) or [1]
    deleted = 0
    with site_database(settings) as database, database.transaction(settings.tenant) as conn:
        for kv in range(1, oldest):
            asked = federation.QuotientAsked(exchange.new_id(desk.members.instance), kv, oldest)
            deleted += federation.forget(conn, desk, asked, at=now())
    return {"deleted": deleted, "oldest": oldest}


def new_key(settings_file: Path, *, finish: bool) -> dict[str, object]:
    """Draw the next decryption key beside the present one; or drop the former one."""
    settings = read_settings(settings_file)
    keys, desk = Keys(settings.keys, settings.tenant), read_desk(settings)
    if finish:
        keys.drop(FORMER_DECRYPTION)
    else:
        if (keys.folder / FORMER_DECRYPTION).exists():
            raise FileExists(file=FORMER_DECRYPTION)
        present = keys.decryption()
        keys.replace(FORMER_DECRYPTION, identity.secret_text(present).encode())
        keys.replace(DECRYPTION, identity.secret_text(present.next()).encode())
    public = _write_row(settings_file, keys, desk, settings)
    return {"dv": keys.decryption().dv, "public": public}


def _write_row(
    settings_file: Path,
    keys: Keys,
    desk: federation.Desk,
    settings: Settings,
    *,
    kv: int | None = None,
) -> str:
    """Write our row with what it says of codes now."""
    said = identity.parse(bytes(keys.announcement(settings.role)), identity.Announcement)
    before = identity.parse(bytes(desk.me.identity), identity.Announcement)
    said = msgspec.structs.replace(said, kv=before.kv if kv is None else kv)
    row = msgspec.structs.replace(desk.me, identity=msgspec.Raw(identity.render(said)))
    public = settings_file.parent / "public.json"
    write_row(row, public)
    return str(public)


def transfer_codes(
    settings_file: Path,
    successor: kit.Tenant,
    numbers: Path | None,
    progress: Callable[[int], None],
) -> dict[str, object]:
    """Carry our codes over to the organisation that succeeds us, as they are at the registrar now.

    First what became of them is taken over: a code that another one follows is refused.
    """
    settings = node_settings(settings_file)
    keys, desk = Keys(settings.keys, settings.tenant).node(), read_desk(settings)
    with site_database(settings) as database:

        async def run() -> tuple[federation.Moved, list[str]]:
            async with issuing_channel(settings, desk) as channel:
                await federation.follow(
                    desk, keys, database, channel, clock=now, progress=lambda _: None
                )
                with database.transaction(settings.tenant) as conn:
                    people = identity.people_with_codes(conn, settings.tenant)
                named, left = _numbers(numbers, people)
                moved = await federation.transfer(
                    *(desk, keys, database, channel, successor, named),
                    clock=now,
                    progress=progress,
                )
                return moved, left

        told, left = asyncio.run(run())
    return {
        "kept": told.kept,
        "shared": [f"{person} = {kept_as}" for person, kept_as in told.shared],
        "not_admitted": list(told.refused),
        "unlisted": left,
    }


def _numbers(file: Path | None, people: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Return our numbers with the successor's, the same without a file; and who is not in it."""
    if file is None:
        return [(person, person) for person in people], []
    try:
        lines = file.read_text(encoding="ascii").split()
        pairs = dict(line.split(",") for line in lines)
    except (OSError, ValueError) as error:
        raise FileUnreadable(file=str(file), reason="no pairs NUMBER,NUMBER") from error
    named = [(person, pairs[person]) for person in people if person in pairs]
    return named, [person for person in people if person not in pairs]
