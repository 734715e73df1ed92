"""Lists of other directories come into force by themselves; each that fails, fails by itself."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import uvicorn
from starlette.applications import Starlette
from tests.app.conftest import A, plan
from tests.exchange.serving import serving
from tests.federation.site import row

from renkei import audit, federation, kit
from renkei.app.demo.ecosystem import free_port
from renkei.app.membership import foreign_lists
from renkei.app.membership.initiation import found_site
from renkei.app.membership.members_keeper import MembersKeeper
from renkei.app.membership.members_serving import PATH, list_routes
from renkei.app.membership.members_source import fetch
from renkei.app.operations.doctor import _anchors
from renkei.app.operations.oversight import line_state
from renkei.app.settings import Settings, read_settings
from renkei.app.site import Site, open_site
from renkei.federation import Anchor, Credentials, Member

NOW = datetime.now(UTC)
OURS = audit.Signer.from_seed("authority.example", bytes(32))
C, D = kit.tenant("131032"), kit.tenant("131041")
DAY = timedelta(days=1)
HUB = {"registrar": "2000012100001", "log": "4000012090001", "converter": "1000012090004"}


@dataclass
class Directory:
    """Another governing body: its key, its one member, and the file it lets others fetch."""

    authority: audit.Signer
    member: Member
    file: Path
    port: int
    version: int = 0

    @property
    def anchor(self) -> Anchor:
        """Return what names it."""
        return Anchor(
            authority=str(self.authority.verifier),
            source=f"http://127.0.0.1:{self.port}{PATH}",
            instance=self.instance,
        )

    @property
    def instance(self) -> str:
        """Return the instance of its members."""
        return f"JP-{self.member.id}"

    def sign(self, version: int, *rows: Member, **more: object) -> bytes:
        """Sign a list."""
        said = {"by": self.authority, "instance": self.instance, "at": NOW, "valid_for": 9 * DAY}
        said |= more
        by = said.pop("by")
        return federation.sign_members(rows or [self.member], by, version=version, **said)  # type: ignore[arg-type]

    def issue(self, *rows: Member, **more: object) -> int:
        """Issue the next list."""
        self.version += 1
        self.file.write_bytes(self.sign(self.version, *rows, **more))
        return self.version


@dataclass
class World:
    """A's site settings, its own list, and two other directories with C and D."""

    settings: Settings
    rows: list[Member]
    file: Path
    c: Directory
    d: Directory
    version: int = 0

    def issue(self, *anchors: Anchor) -> None:
        """Issue our own list, naming these directories."""
        self.version += 1
        text = federation.sign_members(
            self.rows, OURS, instance="JP", version=self.version, at=NOW, anchors=anchors
        )
        self.file.write_bytes(text)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, dsn: str) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    founded = found_site(folder / "a", plan(members="../members.json", database=dsn), at=NOW)
    files = [founded.public]
    for number, (role, tenant) in enumerate(HUB.items()):
        kind = "GOV" if role == "registrar" else "COM"
        hub = plan(role=role, tenant=tenant, member_class=kind, peers=f"127.0.0.1:{number + 5}")
        files.append(found_site(folder / role, hub, at=NOW).public)
    rows = [msgspec.json.decode(file.read_bytes(), type=Member) for file in files]
    others = [
        Directory(
            audit.Signer.from_seed("other.example", number.encode().ljust(32, b"x")),
            row(Credentials.create(folder / number, number, at=NOW)),
            folder / f"{number}.json",
            free_port(),
        )
        for number in (C, D)
    ]
    c, d = others
    world = World(read_settings(founded.settings), rows, folder / "members.json", c, d)
    with ExitStack() as stack:
        for other in others:
            other.issue()
            app = Starlette(routes=list_routes(other.file))
            config = uvicorn.Config(app, "127.0.0.1", other.port, log_config=None)
            stack.enter_context(serving(config))
        world.issue(world.c.anchor, world.d.anchor)
        yield world


@pytest.fixture(scope="module")
def site(world: World) -> Iterator[Site]:
    with open_site(world.settings) as opened:
        yield opened


@pytest.fixture
def keeper(world: World, site: Site) -> MembersKeeper:
    """Give a keeper that has just looked, with all in order."""
    world.issue(world.c.anchor, world.d.anchor)
    for other in (world.c, world.d):
        other.issue()
    made = MembersKeeper(site)
    made.turn(NOW)
    assert site.membership.troubles == {}
    assert abroad(site) == {C: world.c.version, D: world.d.version}
    return made


def abroad(site: Site) -> dict[str, int]:
    """Return who is known by other directories, and by which version."""
    members = site.membership.members
    return {one.id: members.list_of(one.id).version for one in members.everyone if one.id in (C, D)}


def troubles(site: Site) -> dict[str, str]:
    return {title.split(" ")[0]: one.code() for title, one in site.membership.troubles.items()}


def entries(site: Site, anchor: Anchor, version: int) -> list[audit.Entry]:
    """Sequence the log and return its entries about a list of a directory."""
    with site.database.transaction(A) as conn:
        audit.sequence(conn, A, site.signer, at=NOW)
        request = f"members/{anchor.name}/{version}"
        return [one.entry for one in audit.entries_for_request(conn, A, request)]


@pytest.mark.clause("RK-8.14")
def test_a_newer_list_of_another_directory_is_in_force_without_a_restart_and_entered(
    world: World, site: Site, keeper: MembersKeeper
) -> None:
    renamed = msgspec.structs.replace(world.c.member, en="New name")
    version = world.c.issue(renamed)
    keeper.turn(NOW)
    keeper.turn(NOW)
    assert site.desk.members.by_id(C).en == "New name"
    (entry,) = entries(site, world.c.anchor, version)
    assert (entry.kind, entry.outcome) == (audit.Kind.MEMBERSHIP, "in-force")
    assert entry.details == {
        "version": str(version),
        "before": str(version - 1),
        "digest": site.desk.members.list_of(C).digest.hex(),
        "added": "",
        "removed": "",
        "changed": C,
        "directory": world.c.anchor.authority,
    }


@pytest.mark.clause("RK-8.13", "RK-8.14")
@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("forged", "members-unsigned"),
        ("none", "members-malformed"),
        ("older", "members-older"),
        ("other", "members-forked"),
        ("ended", "directory-expired"),
        ("outside", "directory-outside"),
        ("overreaching", "directory-overreaches"),
    ],
)
def test_a_list_that_is_not_right_is_said_and_the_last_one_stays_as_everybody_else(
    world: World, site: Site, keeper: MembersKeeper, how: str, code: str
) -> None:
    good, newer, c = abroad(site), world.c.version + 1, world.c
    stolen = msgspec.structs.replace(c.member, certificates=world.rows[0].certificates)
    renamed = msgspec.structs.replace(c.member, en="Other")
    before = NOW - 2 * DAY
    text = {
        "forged": lambda: c.sign(newer, by=world.d.authority),
        "none": lambda: b"{}",
        "older": lambda: c.sign(c.version - 1),
        "other": lambda: c.sign(c.version, renamed),
        "ended": lambda: c.sign(newer, at=before, valid_for=DAY),
        "outside": lambda: c.sign(newer, instance="JP-Z"),
        "overreaching": lambda: c.sign(newer, stolen),
    }[how]()
    c.file.write_bytes(text)
    renewed = world.d.issue()
    keeper.turn(NOW)
    assert troubles(site) == {c.instance: code}
    assert abroad(site) == good | {D: renewed}
    assert line_state(site).trouble == ""
    assert list(line_state(site).troubles.values()) == [code]
    (error,) = site.membership.troubles.values()
    assert error.text("ja") != error.text("en")
    assert "{" not in error.text("ja") + error.text("en")
    assert entries(site, c.anchor, newer) == []


def test_a_list_that_did_not_change_is_not_sent_again(
    world: World, site: Site, keeper: MembersKeeper
) -> None:
    keeper.turn(NOW)
    for other in (world.c, world.d):
        tag = keeper._tags[world.version, other.anchor]
        assert fetch(other.anchor.source, tag) is None
    world.c.file.unlink()
    keeper.turn(NOW)
    assert troubles(site) == {world.c.instance: "members-missing"}


@pytest.mark.clause("RK-8.14")
def test_a_restart_goes_on_with_the_kept_lists_though_their_sources_are_down(
    world: World, site: Site, keeper: MembersKeeper
) -> None:
    for other in (world.c, world.d):
        other.file.unlink()
    with open_site(world.settings) as again:
        assert abroad(again) == abroad(site)
        MembersKeeper(again).turn(NOW)
        assert set(troubles(again).values()) == {"members-missing"}
        assert abroad(again) == abroad(site)


@pytest.mark.clause("RK-8.13")
def test_a_directory_our_own_list_drops_or_narrows_speaks_for_nobody_any_more(
    world: World, site: Site, keeper: MembersKeeper
) -> None:
    narrow = msgspec.structs.replace(world.d.anchor, organisations=("131059",))
    world.issue(narrow)
    keeper.turn(NOW)
    assert abroad(site) == {}
    assert site.membership.troubles == {}


def test_the_doctor_says_which_directory_is_well_and_which_is_not(
    world: World, site: Site, keeper: MembersKeeper
) -> None:
    world.d.file.write_bytes(b"{}")
    checks = list(_anchors(world.settings, site.desk))
    assert [(one.code, one.verdict) for one in checks] == [
        ("anchor-good", "good"),
        ("anchor-bad", "bad"),
    ]
    assert checks[0].facts["count"] == 1
    for check in checks:
        assert check.text("ja") != check.text("en")
        assert "{" not in check.text("ja") + check.text("en")


def test_a_party_of_the_hub_needs_no_other_directory(world: World, site: Site) -> None:
    own = site.desk.members.alone
    assert foreign_lists.joined(replace(world.settings, role="log"), own) is own


@pytest.mark.clause("RK-8.12")
def test_the_governing_body_names_another_directory_by_two_commands(
    world: World, tmp_path: Path, run
) -> None:
    anchor, out, key = (tmp_path / name for name in ("c.json", "members.json", "authority.key"))
    said = world.c.anchor
    words = ["--authority", said.authority, "--source", said.source, "--names", said.instance]
    done = run("directory", "anchor", str(anchor), *words, "--organisation", C)
    assert done.code == 0, done.err
    rows = [str(file) for file in sorted(world.file.parent.glob("*/public.json"))]
    issued = run(
        *("directory", "issue", *rows, "--out", str(out), "--key", str(key)),
        *("--anchor", str(anchor)),
    )
    assert issued.code == 0, issued.err
    (named,) = json.loads(out.read_bytes())["list"]["anchors"]
    assert named == msgspec.to_builtins(said) | {"organisations": [C]}
    own = run("directory", "anchor", str(anchor), *words[:4], "--names", "JP")
    assert own.code != 0
