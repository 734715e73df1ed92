"""A unit tells its node what changed: taken once, as a whole, alike in REST and in SOAP."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from uuid import uuid4

import psycopg
import pytest
import requests
import zeep
from lxml import etree
from tests.app.test_viewing import HOME, SEEN, Town, town
from tests.store.rows import TOWN, Row, register_number, resident
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken

from renkei import store
from renkei.standard import Interface, Timing, catalogue, generate
from renkei.standard.generate.xml_names import HEADER, RECEIPT, namespace

__all__ = ["town"]  # the fixture

CATALOGUE = catalogue()
SCHOOL = CATALOGUE.interface("01", "school_age_child")
MOVED = CATALOGUE.interface("01", "resident_change")
CHILD, RESIDENT = CATALOGUE.entity(SCHOOL.entity), CATALOGUE.entity(MOVED.entity)
SPACE = namespace("01")
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
MADE = "2026-11-28T09:30:00"
OUR_CODE = {
    "difference-missing": ("out-of-order", 409),
    "difference-repeated": ("repeated", 409),
    "mode-differs": ("request-malformed", 400),
    "notice-blocked": ("value-not-valid", 422),
    "notice-not-yours": ("consumer-not-named", 400),
    "request-id-reused": ("repeated", 400),
    "snapshot-older": ("out-of-order", 409),
}
"""Our code of a fault → the standard's, which SOAP says, and the status in REST."""


@dataclass(frozen=True)
class Notice:
    """What a unit says, in whichever binding."""

    interface: Interface
    rows: tuple[Row, ...]
    sequence: int = 1
    ended: tuple[Row, ...] = ()
    full: bool = False
    made_at: str = MADE
    id: str = ""
    unit: str = "01"
    mode: str = "test"
    member: str = str(TOWN)

    @property
    def envelope(self) -> generate.Envelope:
        return generate.Envelope(self.id, Timing.event, self.made_at, self.sequence, self.full)

    def json(self) -> bytes:
        said = generate.json_notice(
            self.interface, self.rows, self.envelope, CATALOGUE, ended=self.ended
        )
        return json.dumps(said).encode()

    def xml(self) -> bytes:
        moment = "<日付><年>2026</年><月>11</月><日>28</日></日付><時>09</時><分>30</分><秒>00</秒>"
        header = (
            f'<{HEADER} xmlns="{SPACE}"><電文番号>{self.id}</電文番号>'
            f"<利用団体コード>{TOWN}</利用団体コード>"
            f"<利用業務ユニット番号>{self.unit}</利用業務ユニット番号>"
            f"<運用区分>{self.mode}</運用区分><作成日時>{moment}</作成日時></{HEADER}>"
        )
        body = generate.xml_notice(
            self.interface, self.rows, self.envelope, CATALOGUE, ended=self.ended
        )
        return (
            f'<e:Envelope xmlns:e="{SOAP}"><e:Header>{header}</e:Header>'
            f"<e:Body>{body}</e:Body></e:Envelope>"
        ).encode()


@dataclass(frozen=True)
class Answered:
    """How a notice ended: `taken`, or our code of the fault; and what the binding says besides."""

    code: str
    status: int
    said: str = ""


Send = Callable[[Notice], Answered]


def posted(town: Town, path: str, data: bytes, unit: str, **headers: str) -> tuple[int, bytes]:
    said = {"Authorization": f"Bearer {town.tokens[unit]}"}
    said |= {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(town.url + path, data, said)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def by_rest(town: Town, notice: Notice) -> Answered:
    status, body = posted(
        town,
        f"/r1/JP/MUN/{notice.member}/01/{notice.interface.service}",
        notice.json(),
        notice.unit,
        X_Road_Client=f"JP/MUN/{TOWN}/{notice.unit}",
        X_Road_Id=notice.id,
        PF_Mode=notice.mode,
    )
    told = json.loads(body)
    if status == 202:
        assert told == {"message": notice.id, "code": 0, "text": "受領しました。"}
        return Answered("taken", status)
    return Answered(told["code"], status)


def by_soap(town: Town, notice: Notice) -> Answered:
    path = f"/soap/JP/MUN/{notice.member}/01"
    status, body = posted(town, path, notice.xml(), notice.unit, Content_Type="text/xml")
    (told,) = etree.fromstring(body)[-1]
    if told.tag == f"{{{SPACE}}}{RECEIPT}":
        said = [part.text for part in told]
        assert said == ["0", notice.id, "受領しました。"]
        return Answered("taken", status)
    ours = str(told.findtext(f".//{{{SPACE}}}説明")).rpartition("(")[2].rstrip(")")
    return Answered(ours, status, str(told.findtext(f".//{{{SPACE}}}コード")))


WAYS = {"rest": by_rest, "soap": by_soap}


@pytest.fixture(params=WAYS)
def send(request: pytest.FixtureRequest, town: Town) -> Send:
    """Send in one binding, under a message id of its own unless the notice has one."""

    def sent(notice: Notice) -> Answered:
        found = WAYS[request.param](town, numbered(notice))
        assert found.code == "taken" or request.param == "soap" or fits(found)
        if request.param == "soap" and found.code in OUR_CODE:
            assert (found.said, found.status) == (OUR_CODE[found.code][0], 500)
        return found

    return sent


def fits(found: Answered) -> bool:
    return found.status == OUR_CODE.get(found.code, ("", 400))[1]


def numbered(notice: Notice) -> Notice:
    return notice if notice.id else replace(notice, id=f"JP-{uuid4()}")


@pytest.fixture(autouse=True)
def untold(town: Town) -> None:
    """Begin as if nobody had told anything of an extraction."""
    with psycopg.connect(town.site.dsn, autocommit=True) as conn:
        conn.execute(
            "TRUNCATE store_delivery, store_periodic_extraction, store_periodic_extraction_history"
        )
        conn.execute(
            "DELETE FROM store_event USING store_load"
            " WHERE store_event.position = store_load.position AND entity = 'periodic_extraction'"
        )
        conn.execute("DELETE FROM store_load WHERE entity = 'periodic_extraction'")


def child(number: int, **changes: str) -> Row:
    """Return one extraction of a child who reaches the age of school."""
    key = {"register_number": register_number(number), "extraction_on": "2026-10-01"}
    return {**key, "extraction_kind": "15", "birth_date": "2020-05-22"} | changes


def held(town: Town, number: int, *items: str) -> tuple[object, ...] | None:
    """Return values of an extraction in force."""
    row = child(number)
    key = {name: row[name] for name in CHILD.key}
    with town.site.database.transaction(TOWN) as conn:
        found = store.read(conn, TOWN, CHILD, key, items, on=date(2026, 11, 28))
    return None if found is None else tuple(found.values.values())


def book(town: Town) -> list[tuple[str, str]]:
    with town.site.database.transaction(TOWN) as conn:
        return [(one.outcome, one.error) for one in store.deliveries(conn, TOWN)]


FIRST = Notice(SCHOOL, (child(1), child(2)))
MANY = tuple(child(number) for number in range(1, 21))
"""So many that the end of one is no accident."""


@pytest.mark.clause("RK-13.7", "RK-1.20")
def test_what_a_unit_tells_is_in_force_and_in_the_book(town, send):
    assert send(replace(FIRST, rows=MANY)).code == "taken"
    assert held(town, 1, "birth_date", "fiscal_year") == ("2020-05-22", None)
    changed = Notice(
        SCHOOL, (child(1, fiscal_year="2027"), child(30)), sequence=2, ended=(child(2),)
    )
    assert send(changed).code == "taken"
    assert held(town, 1, "fiscal_year") == ("2027",)
    assert held(town, 2, "birth_date") is None
    assert held(town, 30, "birth_date")
    assert book(town) == [("loaded", "")] * 2


@pytest.mark.clause("RK-1.21")
def test_what_the_interface_does_not_carry_stays_as_it_was(town, send):
    before = resident(SEEN, household_number=HOME, kana="ミホン　ハナコ")
    for building in ("見本荘", ""):
        row = {**before, "building": building, "resident_record_code": "00000000009"}
        assert send(Notice(MOVED, (row,), next_number(town))).code == "taken"
        with town.site.database.transaction(TOWN) as conn:
            key = {"register_number": register_number(SEEN)}
            items = ("building", "resident_record_code", "personal_number")
            found = store.read(conn, TOWN, RESIDENT, key, items, on=date(2026, 11, 28))
        assert found
        others = before["resident_record_code"], before["personal_number"]
        assert tuple(found.values.values()) == (building or None, *others)


def next_number(town: Town) -> int:
    with town.site.database.transaction(TOWN) as conn:
        return (store.last_loads(conn, TOWN)["resident"].number or 0) + 1


@pytest.mark.clause("RK-1.22", "RK-1.4")
def test_the_same_message_again_is_taken_again_without_effect(town, send):
    once = numbered(FIRST)
    assert [send(once).code, send(once).code] == ["taken", "taken"]
    assert len(book(town)) == 1
    other = replace(once, rows=(child(5),), sequence=2)
    assert send(other).code == "request-id-reused"
    assert held(town, 5, "birth_date") is None


@pytest.mark.clause("RK-1.22")
def test_the_same_message_twice_at_once_is_taken_once(town, send):
    once = numbered(FIRST)
    with ThreadPoolExecutor(4) as pool:
        assert [one.code for one in pool.map(send, [once] * 4)] == ["taken"] * 4
    assert len(book(town)) == 1


@pytest.mark.clause("RK-1.22")
def test_a_message_taken_in_one_binding_is_known_in_the_other(town):
    once = numbered(FIRST)
    assert by_rest(town, once).code == by_soap(town, once).code == "taken"
    assert len(book(town)) == 1
    assert by_soap(town, replace(once, sequence=2)).code == "request-id-reused"


@pytest.mark.clause("RK-1.21")
def test_the_same_records_in_a_later_message_are_told_anew(town, send):
    years = ("2026", "2027", "2026")
    for n, year in enumerate(years, 1):
        assert send(Notice(SCHOOL, (child(1, fiscal_year=year),), n)).code == "taken"
    assert held(town, 1, "fiscal_year") == ("2026",)
    assert send(Notice(SCHOOL, (child(1, fiscal_year="2027"),), 4)).code == "taken"
    assert held(town, 1, "fiscal_year") == ("2027",)


@pytest.mark.clause("RK-1.21")
def test_a_notice_of_full_supply_ends_what_it_does_not_name(town, send):
    assert send(Notice(SCHOOL, MANY, full=True)).code == "taken"
    assert send(Notice(SCHOOL, MANY[1:], full=True, sequence=2)).code == "taken"
    assert (held(town, 1, "birth_date"), held(town, 2, "birth_date")) == (None, ("2020-05-22",))
    assert send(Notice(SCHOOL, (), full=True, sequence=3)).code == "notice-blocked"
    assert send(Notice(SCHOOL, MANY, full=True, ended=MANY[:1])).code == "notice-malformed"


@pytest.mark.clause("RK-1.20", "RK-1.21", "RK-1.22", "RK-13.7")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sequence": 3}, "difference-missing"),
        ({"sequence": 1}, "difference-repeated"),
        ({"made_at": "2026-11-27T09:30:00"}, "snapshot-older"),
        ({"mode": "production"}, "mode-differs"),
        ({"unit": "15"}, "notice-not-yours"),
        ({"member": "131024"}, "notice-not-yours"),
        ({"rows": (child(4, birth_date=""),)}, "notice-blocked"),
        ({"rows": (child(4, extraction_on="2026-02-30"),)}, "notice-blocked"),
        ({"ended": (child(4),)}, "notice-blocked"),
        ({"rows": (child(4), child(4))}, "notice-blocked"),
    ],
)
def test_what_does_not_fit_is_a_fault_and_leaves_its_id_free(town, send, change, code):
    assert send(FIRST).code == "taken"
    wrong = numbered(replace(FIRST, **({"sequence": 2, "rows": (child(4),)} | change)))
    assert send(wrong).code == code
    assert held(town, 4, "birth_date") is None
    right = Notice(SCHOOL, (child(4),), sequence=2, id=wrong.id)
    assert send(right).code == "taken"
    assert held(town, 4, "birth_date")


def test_what_the_law_of_the_door_stops_is_not_in_the_book(town, send):
    assert send(replace(FIRST, mode="production")).code == "mode-differs"
    assert send(replace(FIRST, sequence=2)).code == "difference-missing"
    assert send(replace(FIRST, rows=(child(1, birth_date=""),))).code == "notice-blocked"
    assert sorted(book(town)) == [("blocked", ""), ("failed", "difference-missing")]


@pytest.mark.parametrize(
    ("change", "defect"),
    [
        ({"id": "JP-another"}, "id"),
        ({"interface": "01/resident"}, "interface"),
        ({"timing": "immediate"}, "timing"),
        ({"made_at": "2026-13-28T09:30:00"}, "made_at"),
        ({"made_at": "2026-11-28"}, "made_at"),
        ({"sequence": 0}, "sequence"),
        ({"supply": "some"}, "supply"),
        ({"stranger": 1}, "stranger"),
        ({"records": [{"birth_date": "2020-05-22"}]}, "extraction_kind"),
        ({"records": [{**child(1), "name": "x"}]}, "does not carry"),
        ({"records": [{**child(1), "register_number": None}]}, "register_number"),
        ({"ended": [child(1)]}, "does not carry"),
    ],
)
def test_json_that_is_no_notice_of_the_interface_is_named(town, change, defect):
    notice = numbered(FIRST)
    data = json.dumps(json.loads(notice.json()) | change).encode()
    status, body = posted(
        town,
        f"/r1/JP/MUN/{TOWN}/01/school_age_child",
        data,
        "01",
        X_Road_Client=f"JP/MUN/{TOWN}/01",
        X_Road_Id=notice.id,
        PF_Mode="test",
    )
    told = json.loads(body)
    assert (status, told["code"]) == (400, "notice-malformed")
    assert defect in told["message"]


@pytest.mark.clause("RK-13.7")
def test_zeep_tells_by_the_wsdl(town):
    """The operation of the WSDL is called as the toolkit reads it."""
    with requests.Session() as session:
        client = zeep.Client(
            f"{town.url}/soap/JP/MUN/{TOWN}/01?wsdl",
            wsse=UsernameToken("01", town.tokens["01"]),
            transport=Transport(session=session, timeout=20),
        )
        day = {"年": "2026", "月": "11", "日": "28"}
        moment = {"日付": day, "時": "09", "分": "30", "秒": "00"}
        header = {
            "電文番号": f"JP-{uuid4()}",
            "利用団体コード": TOWN,
            "利用業務ユニット番号": "01",
            "運用区分": "test",
            "作成日時": moment,
        }
        record = {
            "宛名番号": register_number(1),
            "定期抽出区分": "15",
            "抽出基準日": {"年": "2026", "月": "10", "日": "01"},
            "生年月日": {"年": "2020", "月": "05", "日": "22"},
        }
        told = client.service.notify_school_age_child(
            作成日時=moment,
            通番=1,
            提供区分="差分",
            _定期抽出情報=[record],
            _soapheaders={"header": header},
        )
    assert (told["コード"], told["電文番号"]) == (0, header["電文番号"])
    assert held(town, 1, "birth_date") == ("2020-05-22",)


@pytest.mark.clause("RK-13.3")
def test_a_notice_its_schema_refuses_is_not_read(town):
    data = numbered(FIRST).xml().replace("差分".encode(), "一部".encode())
    status, body = posted(town, f"/soap/JP/MUN/{TOWN}/01", data, "01", Content_Type="text/xml")
    (fault,) = etree.fromstring(body)[-1]
    assert status == 500
    assert str(fault.findtext(f".//{{{SPACE}}}説明")).endswith("(schema-broken)")


@pytest.mark.clause("RK-12.6")
def test_who_subscribes_is_told_what_was_noticed(town):
    """A notice is a load as any other: the feed has its events."""
    assert by_rest(town, numbered(FIRST)).code == "taken"
    with town.site.database.transaction(TOWN) as conn:
        page = store.changes_since(conn, TOWN, store.Position(0), limit=500, standard=CATALOGUE)
    told = {event.key[0] for event in page.events if event.entity == CHILD.name}
    assert told == {register_number(1), register_number(2)}
