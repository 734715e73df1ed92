"""A unit views its own town's records over HTTP: by law, with an entry, nobody protected shown."""

import json
import logging
import tempfile
import threading
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import uvicorn
from tests.app.conftest import AT, AUTHORITY, plan
from tests.app.seat import Clock
from tests.identity.cards import ITEMS, Authority, Card, der
from tests.store.asking import PROTECTION, chain, nym, protection
from tests.store.rows import (
    DAY,
    RESIDENT,
    TOWN,
    file,
    personal_number,
    register_number,
    resident,
)

from renkei import audit, federation, identity, store
from renkei.app.deliveries.list_keeper import ListKeeper
from renkei.app.disclosure.cards import Challenges, Recognised
from renkei.app.errors import ChallengeWrong, VerifierMissing
from renkei.app.membership.initiation import found_site, write_members
from renkei.app.node import units_door
from renkei.app.operations.running import Running
from renkei.app.passing.provider_door import Passing
from renkei.app.serving import staff_config
from renkei.app.settings import read_settings
from renkei.app.site import Site, open_site

CLAIM, SEARCH = "JT99000000001502", "/own/01/person_search"
SEEN, HIDDEN, FILED, ABSENT = 1, 2, 3, 7
HOME = register_number(90)
REGISTRAR = "7000012050002"
PASSWORD = "what two programs share"
CARDS = Authority(datetime.now(UTC))


@dataclass(frozen=True)
class Town:
    """A node that runs, its address, and the tokens of its units."""

    site: Site
    url: str
    tokens: dict[str, str]

    def ask(self, path: str, body: object, unit: str = "15", **headers: str) -> "Told":
        """Ask as a unit and return what it is told."""
        said = {
            "X-Road-Client": f"JP/MUN/{TOWN}/{unit}",
            "Authorization": f"Bearer {self.tokens[unit]}",
            "PF-Procedure": CLAIM,
            "PF-Purpose": "x",
            "PF-Mode": "test",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=said, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return Told(answer.status, json.load(answer), dict(answer.headers))
        except urllib.error.HTTPError as error:
            return Told(error.code, json.load(error), dict(error.headers))

    def chain(self, number: int) -> identity.Chain:
        """Return where entries about a person go."""
        with self.site.database.transaction(TOWN) as conn:
            return chain(conn, number, seal=self.site.keys.node().seal)

    def entries(self, inquiry: str) -> list[audit.Entry]:
        """Return what was entered under a number, once it is sequenced."""
        with self.site.database.transaction(TOWN) as conn:
            audit.sequence(conn, TOWN, self.site.signer, at=AT)
            return [one.entry for one in audit.entries_for_request(conn, TOWN, inquiry)]


@dataclass(frozen=True)
class Told:
    """What came back."""

    status: int
    body: dict[str, object]
    headers: dict[str, str] = field(compare=False)

    @property
    def numbers(self) -> list[str]:
        """Return whose records were shown."""
        records = self.body["records"]
        assert isinstance(records, list)
        return [record["register_number"] for record in records]

    @property
    def plain(self) -> dict[str, object]:
        """Return everything but the number of the inquiry."""
        return {name: value for name, value in self.body.items() if name != "inquiry"}


def fill(site: Site) -> None:
    """Load the records: one person is protected by the flag, one by a protection on file."""
    home = {"household_number": HOME, "kana": "ミホン　ハナコ"}
    child = home | {"relationship": "子"}
    flagged = resident(HIDDEN, protected="1", **child)
    rows = [resident(SEEN, **home), flagged, resident(FILED, **child)]
    with site.database.transaction(TOWN) as conn:
        for entity, held in ((RESIDENT, rows), (PROTECTION, [protection(FILED)])):
            report = store.load(conn, TOWN, entity, file(entity, held), on=DAY, at=AT)
            assert report.outcome is store.Outcome.loaded
        codes = [(register_number(n), nym(n)) for n in (SEEN, HIDDEN, FILED)]
        identity.keep_codes(conn, TOWN, codes, seal=site.keys.node().seal)


@contextmanager
def serving(site: Site) -> Iterator[str]:
    """Serve the units' door on a port of its own, in a thread."""
    channel = federation.Channel(site.membership)
    config = staff_config(
        site, units_door(site, channel, Passing.of(site), Running.of(site.settings))
    )
    config.port = 0
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """Give a node with three residents of one home: one seen, two protected."""
    with run_town() as made:
        yield made


@contextmanager
def run_town(above: str = "", below: str = "") -> Iterator[Town]:
    """Run such a node, with more above and below its settings."""
    with tempfile.TemporaryDirectory(prefix="renkei-viewing-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        founded = found_site(folder / "a", plan(units=("01", "15", "32")), at=AT)
        with founded.settings.open("a", encoding="utf-8") as settings:
            settings.write(f'\n[unlocks]\n"15" = "{sha256(b"right").hexdigest()}"\n')
            settings.write(f'\n[passwords]\n"15" = "{PASSWORD}"\n')
            settings.write('\n[rates]\n"06/nothing" = 1\n"01/resident" = 1\n')
            settings.write(
                '\n[verifier]\nname = "見本市"\nroots = "roots.pem"\nrevoked = ["r.crl"]\n'
            )
            settings.write('\n[callbacks]\n"15" = "http://127.0.0.1:9/answers"\n')
            settings.write(below)
        founded.settings.write_text(above + founded.settings.read_text("utf-8"), "utf-8")
        (folder / "a" / "roots.pem").write_bytes(CARDS.root)
        (folder / "a" / "r.crl").write_bytes(CARDS.revoked())
        rows = [founded.public]
        hub = {"log": "4000012090001", "converter": "1000012090004", "registrar": REGISTRAR}
        for role, number in hub.items():
            peers = f"127.0.0.1:{len(rows) + 2}"
            other = plan(role=role, tenant=number, member_class="COM", peers=peers, units=())
            rows.append(found_site(folder / role, other, at=AT).public)
        write_members(rows, folder / "a" / "members.json", AUTHORITY, version=1, at=AT)
        with open_site(read_settings(founded.settings)) as site:
            fill(site)
            with serving(site) as url:
                yield Town(site, url, founded.tokens)


def look_up(town: Town, number: int, **more: object) -> Told:
    wanted = {"by": "register_number", "value": register_number(number), **more}
    return town.ask(f"{SEARCH}/look-up", wanted)


UNLOCK = {"token": "right", "reason": "本人の来庁"}


def test_a_look_up_shows_the_items_asked_for_and_leaves_one_entry(town: Town) -> None:
    told = look_up(town, SEEN, items=["name", "kana"])
    assert (told.status, told.headers["pf-outcome"]) == (200, "answered")
    assert told.body["records"] == [{"name": "見本　1号", "kana": "ミホン　ハナコ"}]
    (entry,) = town.entries(str(told.body["inquiry"]))
    assert (entry.kind, entry.provision) == (audit.Kind.VIEW, "IN-01-person_search-15")
    year = entry.at.year
    assert entry.label == town.chain(SEEN).label(year)
    assert entry.details["item"] == "register_number"


@pytest.mark.parametrize("hidden", [HIDDEN, FILED])
def test_a_protected_person_and_an_absent_one_get_the_same_answer(town: Town, hidden: int) -> None:
    told, absent = look_up(town, hidden), look_up(town, ABSENT)
    assert (told.status, told.plain) == (absent.status, absent.plain)
    assert set(told.headers) == set(absent.headers)
    (entry,) = town.entries(str(told.body["inquiry"]))
    assert (entry.outcome, entry.withheld) == ("not-held", True)
    assert entry.label == town.chain(hidden).sealed_label(entry.at.year)


def test_who_shows_the_right_sees_a_protected_person_and_the_reason_is_entered(
    town: Town,
) -> None:
    told = look_up(town, HIDDEN, unlock=UNLOCK)
    assert told.numbers == [register_number(HIDDEN)]
    (entry,) = town.entries(str(told.body["inquiry"]))
    assert entry.details["unlock"] == "本人の来庁"
    assert entry.withheld


@pytest.mark.parametrize("number", [SEEN, HIDDEN, ABSENT])
def test_a_wrong_right_is_refused_whoever_is_looked_for(town: Town, number: int) -> None:
    told = look_up(town, number, unlock={"token": "wrong", "reason": "x"})
    assert told.body["code"] == "token-refused"
    wanted = {"by": "register_number", "value": register_number(number), "unlock": UNLOCK}
    other = town.ask(f"{SEARCH}/look-up", wanted, unit="01")
    assert other.body["code"] == "token-refused"


def test_lists_and_other_keys_show_who_may_be_shown(town: Town) -> None:
    everybody = [register_number(n) for n in (SEEN, HIDDEN, FILED)]
    for path, wanted in (
        ("look-up", {"by": "household_number", "value": HOME}),
        ("list", {"by": "kana", "begins": "ミホン"}),
        ("list", {"by": "birth_date", "first": "1980-02-01", "last": "1980-02-29"}),
        ("list", {"by": "address_code", "value": "13101001001"}),
    ):
        assert town.ask(f"{SEARCH}/{path}", wanted).numbers == [register_number(SEEN)]
        assert town.ask(f"{SEARCH}/{path}", {**wanted, "unlock": UNLOCK}).numbers == everybody


def test_pages_of_a_list_follow_each_other(town: Town) -> None:
    wanted = {"by": "kana", "begins": "ミホン", "unlock": UNLOCK, "limit": 2}
    first = town.ask(f"{SEARCH}/list", wanted)
    second = town.ask(f"{SEARCH}/list", {**wanted, "after": first.body["after"]})
    assert first.numbers + second.numbers == [register_number(n) for n in (SEEN, HIDDEN, FILED)]
    assert second.body["after"] == ""
    head, *small = town.entries(str(first.body["inquiry"]))
    assert (head.details["persons"], len(small)) == ("2", 2)


def test_a_past_day_and_what_was_known_at_a_time_can_be_asked_for(town: Town) -> None:
    wanted = {"by": "register_number", "value": register_number(SEEN)}
    path = f"{SEARCH}/look-up"
    assert town.ask(path, wanted, PF_On="2026-03-31").body["outcome"] == "not-held"
    before = {**wanted, "known": "2026-11-01T00:00:00Z"}
    assert town.ask(path, before).body["outcome"] == "not-held"
    assert town.ask(path, wanted).body["outcome"] == "answered"


@pytest.mark.parametrize(
    ("procedure", "items", "reason"),
    [
        ("JT99000000009999", [], "procedure-not-named"),
        (CLAIM, ["name", "personal_number"], "item-not-named"),
    ],
)
def test_what_the_law_does_not_name_is_refused_and_entered(
    town: Town, procedure: str, items: list[str], reason: str
) -> None:
    wanted = {"by": "register_number", "value": register_number(SEEN), "items": items}
    told = town.ask(f"{SEARCH}/look-up", wanted, PF_Procedure=procedure)
    assert (told.status, told.body["code"]) == (403, reason)
    assert told.headers["x-road-error"] == "server.clientproxy.access_denied"
    assert told.body["message_ja"]
    (entry,) = town.entries(str(told.body["detail"]))
    assert (entry.kind, entry.details["reason"]) == (audit.Kind.REFUSAL, reason)
    assert entry.label == town.chain(SEEN).label(entry.at.year)


def test_looking_by_a_number_that_the_law_does_not_name_is_refused(town: Town) -> None:
    wanted = {"by": "personal_number", "value": "123456789018"}
    told = town.ask(f"{SEARCH}/look-up", wanted)
    assert (told.status, told.body["code"]) == (403, "item-not-named")
    assert "123456789018" not in json.dumps(told.body)


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("look-up", b"{", "inquiry-malformed"),
        ("look-up", b"\xff", "inquiry-malformed"),
        ("look-up", {"by": "register_number"}, "inquiry-malformed"),
        ("look-up", {"by": "register_number", "value": "1", "x": 1}, "inquiry-malformed"),
        ("look-up", {"by": "register_number", "value": "1\0"}, "inquiry-incomplete"),
        ("look-up", {"by": "register_number", "value": "1" * 201}, "inquiry-incomplete"),
        ("look-up", {"by": "income", "value": "1"}, "item-not-in-entity"),
        ("look-up", {"by": "name", "value": "見本"}, "item-not-listed"),
        ("list", {"by": "kana"}, "inquiry-incomplete"),
        ("list", {"by": "kana", "begins": "ア", "value": "ア"}, "inquiry-incomplete"),
        ("list", {"by": "household_number", "begins": "0"}, "selection-unfit"),
        ("list", {"by": "kana", "begins": "ア", "after": "AAAA"}, "cursor-strange"),
        ("list", b"[" * 100_000, "inquiry-malformed"),
        ("list", b"x" * (2 << 20), "body-too-large"),
    ],
)
def test_what_is_asked_wrongly_is_named_in_both_languages(
    town: Town, path: str, body: object, code: str
) -> None:
    told = town.ask(f"{SEARCH}/{path}", body)
    status = 500 if code == "inquiry-malformed" else 400  # as X-Road has it for a broken body
    assert (told.status, told.body["code"]) == (status, code)
    assert told.body["message"]
    assert told.body["message_ja"]


def test_the_edge_refuses_who_is_no_unit_of_this_town_or_in_another_mode(town: Town) -> None:
    wanted = {"by": "register_number", "value": register_number(SEEN)}
    path = f"{SEARCH}/look-up"
    for code, headers in (
        ("token-refused", {"Authorization": "Bearer x"}),
        ("token-refused", {"X_Road_Client": "JP/MUN/131024/15"}),
        ("mode-differs", {"PF_Mode": "production"}),
        ("service-unknown", {}),
    ):
        told = town.ask(path if headers else "/own/01/nothing/look-up", wanted, **headers)
        assert told.body["code"] == code


def test_look_ups_at_once_each_get_their_own_answer_and_entry(town: Town) -> None:
    people = [SEEN, HIDDEN, ABSENT] * 8
    with ThreadPoolExecutor(24) as pool:
        told = list(pool.map(lambda n: look_up(town, n), people))
    assert [one.body["outcome"] for one in told] == ["answered", "not-held", "not-held"] * 8
    for one in told:
        assert len(town.entries(str(one.body["inquiry"]))) == 1


def test_no_log_names_a_person_that_was_looked_for(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        look_up(town, HIDDEN)
        town.ask(f"{SEARCH}/list", {"by": "kana", "begins": "ミホン"})
        town.ask(f"{SEARCH}/look-up", {"by": "household_number", "value": HOME})
        town.ask(f"{SEARCH}/list", {"by": "kana", "begins": "ミホン", "after": "x"})
    for secret in (register_number(HIDDEN), HOME, "ミホン", "2号"):
        assert secret not in caplog.text


def test_a_node_brings_its_lists_up_to_date_while_it_serves(town: Town) -> None:
    wanted = {"by": "kana", "begins": "ミホン"}
    before = town.ask(f"{SEARCH}/list", wanted)
    keeper = ListKeeper(town.site)
    keeper.start()
    try:
        deadline = time.monotonic() + 30
        while not (after := town.ask(f"{SEARCH}/list", wanted)).body["indexed"]:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    finally:
        keeper.finish()
    assert not before.body["indexed"]
    assert before.numbers == after.numbers


ADDRESSEE, UNIFYING = "/own/01/addressee/identify", "JT99000000003203"
NOBODYS = "983205673214"


def identify(town: Town, number: str, **changes: object) -> Told:
    """Check who somebody says to be, for unit 32, which the law lets see the number."""
    row = resident(SEEN)
    four = {name: row[name] for name in store.BASIC}
    said = {"value": number, **four, **changes}
    return town.ask(ADDRESSEE, said, "32", PF_Procedure=UNIFYING)


def test_somebody_is_identified_by_the_number_and_all_four_items(town: Town) -> None:
    told = identify(town, personal_number(SEEN))
    assert (told.status, told.body["outcome"], told.body["differs"]) == (200, "matched", [])
    (entry,) = town.entries(str(told.body["inquiry"]))
    assert (entry.kind, entry.details["check"]) == (audit.Kind.VIEW, "matched")
    assert entry.label == town.chain(SEEN).label(entry.at.year)


def test_an_item_that_differs_is_named_and_no_value_told(town: Town) -> None:
    told = identify(town, personal_number(SEEN), sex="1", name="別の　名前")
    assert (told.body["outcome"], told.body["differs"]) == ("differs", ["name", "sex"])
    assert set(told.body) == {"inquiry", "outcome", "provision", "table", "differs", "reason"}
    (entry,) = town.entries(str(told.body["inquiry"]))
    assert (entry.details["check"], entry.details["differs"]) == ("differs", "name,sex")
    said = json.dumps(told.body, ensure_ascii=False) + entry.core().decode()
    for value in (personal_number(SEEN), "見本町", "別の", "1980"):
        assert value not in said


@pytest.mark.parametrize("number", [NOBODYS, "983205673215", personal_number(ABSENT), "x"])
def test_a_check_digit_that_fits_identifies_nobody(town: Town, number: str) -> None:
    told = identify(town, number)
    assert (told.status, told.body["outcome"], told.body["differs"]) == (200, "not-held", [])
    (entry,) = town.entries(str(told.body["inquiry"]))
    assert (entry.details["check"], entry.label) == ("not-held", None)


def test_a_protected_person_is_not_held_and_the_look_is_withheld(town: Town) -> None:
    row = resident(HIDDEN)
    four = {name: row[name] for name in store.BASIC}
    told = identify(town, personal_number(HIDDEN), **four)
    assert told.body["outcome"] == "not-held"
    (entry,) = town.entries(str(told.body["inquiry"]))
    assert (entry.withheld, entry.details["check"]) == (True, "not-held")


def test_who_may_not_see_the_number_may_not_check_it(town: Town) -> None:
    row = resident(SEEN)
    said = {"value": personal_number(SEEN), **{name: row[name] for name in store.BASIC}}
    told = town.ask("/own/01/person_search/identify", said)
    assert (told.status, told.body["code"]) == (403, "item-not-named")
    for body in ({**said, "items": ["name"]}, {**said, "by": "name"}, {"value": "1"}):
        assert town.ask(ADDRESSEE, body, "32", PF_Procedure=UNIFYING).status == 500
    assert identify(town, personal_number(SEEN), name="x" * 201).status == 400


def card_of(number: int, **changes: str) -> Card:
    """Issue a card to a resident, with the four items of the register or others."""
    row = {**resident(number), **changes}
    born = f"3{row['birth_date'].replace('-', '')}"
    return CARDS.card(ITEMS | {1: row["name"], 3: row["sex"], 4: born, 5: row["address"]})


def challenge(town: Town, unit: str = "32") -> str:
    told = town.ask("/own/01/addressee/challenge", {}, unit, PF_Procedure=UNIFYING)
    assert told.status == 200
    return str(told.body["challenge"])


def prove(town: Town, card: Card, number: str, asked: str, signed: str = "") -> Told:
    """Let a card sign what was asked, or something else, and check it against a number."""
    said = {
        "value": number,
        "challenge": asked,
        "certificates": [b64encode(der(card.certificate)).decode()],
        "signature": b64encode(card.sign((signed or asked).encode())).decode(),
    }
    return town.ask("/own/01/addressee/prove", said, "32", PF_Procedure=UNIFYING)


def test_who_signs_with_their_card_is_identified_by_it(town: Town) -> None:
    told = prove(town, card_of(SEEN), personal_number(SEEN), challenge(town))
    assert (told.status, told.body["outcome"]) == (200, "matched")
    (entry,) = town.entries(str(told.body["inquiry"]))
    assert (entry.details["check"], entry.details["view"]) == ("matched", "prove")
    assert entry.label == town.chain(SEEN).label(entry.at.year)


def test_a_card_of_another_person_is_not_the_one_of_the_number(town: Town) -> None:
    other = card_of(SEEN, name="別の　人", birth_date="1990-01-01")
    told = prove(town, other, personal_number(SEEN), challenge(town))
    assert (told.body["outcome"], told.body["differs"]) == ("differs", ["name", "birth_date"])
    told = prove(town, card_of(SEEN), NOBODYS, challenge(town))
    assert told.body["outcome"] == "not-held"


def test_what_proves_nobody_is_told_and_entered_about_nobody(town: Town) -> None:
    stranger = Authority(datetime.now(UTC)).card()
    for card, signed, why in (
        (stranger, "", "chain"),
        (card_of(SEEN), "else", "signature"),
    ):
        told = prove(town, card, personal_number(SEEN), challenge(town), signed)
        assert (told.body["outcome"], told.body["reason"]) == ("unproven", why)
        (entry,) = town.entries(str(told.body["inquiry"]))
        assert (entry.details["check"], entry.details["reason"]) == ("unproven", why)
        assert (entry.label, entry.outcome) == (None, "not-held")


def test_a_challenge_counts_once_and_for_the_unit_that_got_it(town: Town) -> None:
    asked, card = challenge(town), card_of(SEEN)
    assert prove(town, card, personal_number(SEEN), asked).status == 200
    assert prove(town, card, personal_number(SEEN), asked).body["code"] == "request-id-reused"
    for wrong in (challenge(town, "15"), asked[:-4] + "AAAA", "x", "§"):
        told = prove(town, card, personal_number(SEEN), wrong)
        assert (told.status, told.body["code"]) == (400, "challenge-wrong")


def test_a_list_of_revoked_cards_that_is_replaced_counts_at_once(town: Town) -> None:
    card = card_of(SEEN)
    file = town.site.settings.verifier.revoked[0]  # type: ignore[union-attr]  # it is set above
    before = file.read_bytes()
    try:
        file.write_bytes(CARDS.revoked(card))
        told = prove(town, card, personal_number(SEEN), challenge(town))
        assert told.body["reason"] == "revoked"
        file.unlink()
        told = prove(town, card, personal_number(SEEN), challenge(town))
        assert told.body["code"] == "file-unreadable"
    finally:
        file.write_bytes(before)


def test_a_node_that_is_no_recognised_verifier_says_so() -> None:
    for ask in (lambda: Recognised(None).name, Recognised(None).verifier):
        with pytest.raises(VerifierMissing):
            ask()


def test_a_challenge_is_too_late_after_some_minutes(town: Town) -> None:
    clock = Clock()
    challenges = Challenges(TOWN, town.site.keys.node().seal, clock)
    drawn, until = challenges.new("32")
    clock.at = until
    assert challenges.opened(drawn, "32")
    clock.at = until + timedelta(seconds=1)
    with pytest.raises(ChallengeWrong):
        challenges.opened(drawn, "32")
