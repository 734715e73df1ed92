"""A unit that names its staff is decided alike at every door: REST, tasks, SOAP, lists, files."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from lxml import etree
from tests.app.drop import Dropper, FolderOfUnit
from tests.app.test_soap_door import STATUTE, created, fault_of, security
from tests.app.test_task_door import SECONDS, TARGET, ended, send
from tests.app.test_viewing import ABSENT, HIDDEN, Town, run_town
from tests.store.rows import TOWN, register_number

from renkei import kit
from renkei.app.files.folder_place import FolderPlace
from renkei.app.files.sweep import FileOffice, FileSweep
from renkei.standard import catalogue
from renkei.standard.generate import xml_request
from renkei.standard.generate.xroad_wsdl import IDENTIFIERS, OURS, XROAD, xroad_namespace
from renkei.standard.synthetic import tax_year_in_force

ROLES = {"1002": ("officer", "15"), "1003": ("approver", "*"), "1004": ("officer", "32")}
STAFF = "".join(
    f'\n[staff."{number}"]\nname = "見本職員"\nroles = ["{role}"]\noffices = ["{office}"]\n'
    f'token = "{sha256(number.encode()).hexdigest()}"\n'
    for number, (role, office) in ROLES.items()
)
HOLDER = f"JP/MUN/{TOWN}/06"
INCOME = catalogue().interface("06", "income")
PURPOSE = "%E5%85%90%E7%AB%A5"
Named = dict[str, str]  # X-Road-UserId and PF-Second, by these names


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """Give a node whose unit 15 names its staff."""
    with run_town('staff_units = ["15"]\n', STAFF) as made:
        yield made


def year() -> str:
    return str(tax_year_in_force(kit.day_of(datetime.now(UTC))))


def target() -> str:
    return TARGET.replace("2026", year())


def by_rest(town: Town, number: int, named: Named, folder: Path) -> str:
    subject = register_number(number)
    _, body = send(town, target(), "15", PF_Subject=subject, PF_Purpose=PURPOSE, **named)
    return str(body.get("code") or body["outcome"])


def by_task(town: Town, number: int, named: Named, folder: Path) -> str:
    subject = register_number(number)
    _, _, body = ended(town, "15", PF_Subject=subject, PF_Purpose=PURPOSE, **named)
    return str(body.get("code") or body["outcome"])


def by_soap(town: Town, number: int, named: Named, folder: Path) -> str:
    names = {"X-Road-UserId": "職員番号", "PF-Second": "立会職員番号"}
    said = "".join(f"<{names[name]}>{text}</{names[name]}>" for name, text in named.items())
    header = f"<利用目的>児童</利用目的>{said}<照会項目>total_income</照会項目>"
    proof = security(uuid4().bytes, created())
    row = {"register_number": register_number(number), "tax_year": year()}
    kind, code = fault_of(town, proof, "06", "income", row, header)
    assert (kind == "consumer-not-named") == code.startswith("staff-")
    return code


def by_xroad(town: Town, number: int, named: Named, folder: Path) -> str:
    """Ask by the message protocol 4.0."""

    def address(name: str, *parts: str) -> str:
        names = ("xRoadInstance", "memberClass", "memberCode", "subsystemCode", "serviceCode")
        inside = "".join(f"<i:{k}>{v}</i:{k}>" for k, v in zip(names, parts, strict=False))
        return f'<x:{name} i:objectType="SERVICE">{inside}</x:{name}>'

    row = {"register_number": register_number(number), "tax_year": year()}
    spelled = {"X-Road-UserId": "x:userId", "PF-Second": "o:second"}
    said = "".join(f"<{spelled[name]}>{text}</{spelled[name]}>" for name, text in named.items())
    text = (
        f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:x="{XROAD}"'
        f' xmlns:i="{IDENTIFIERS}" xmlns:o="{OURS}"><e:Header>'
        f"{address('client', 'JP', 'MUN', TOWN, '15')}"
        f"{address('service', 'JP', 'MUN', TOWN, '06', 'income')}{said}"
        f"<x:id>JP-{uuid4()}</x:id><x:protocolVersion>4.0</x:protocolVersion>"
        f"<o:procedure>{STATUTE}</o:procedure><o:purpose>児童</o:purpose><o:mode>test</o:mode>"
        "<o:items>total_income</o:items></e:Header><e:Body>"
        f'<q:income xmlns:q="{xroad_namespace("06")}">{xml_request(INCOME, row, catalogue())}'
        "</q:income></e:Body></e:Envelope>"
    )
    proof = {"Content-Type": "text/xml", "Authorization": f"Bearer {town.tokens['15']}"}
    request = urllib.request.Request(f"{town.url}/", text.encode(), proof)
    with urllib.request.urlopen(request, timeout=20) as answer:
        tree = etree.fromstring(answer.read())
    (element,) = tree.iter("{*}説明")
    return str(element.text).rpartition("(")[2].rstrip(")")


def by_list(town: Town, number: int, named: Named, folder: Path) -> str:
    said = {
        "X-Road-Client": f"JP/MUN/{TOWN}/15",
        "X-Road-Id": f"JP-{uuid4()}",
        "Authorization": f"Bearer {town.tokens['15']}",
        "Content-Type": "application/json",
        "PF-Procedure": STATUTE,
        "PF-Purpose": PURPOSE,
        "PF-Mode": "test",
    }
    body = json.dumps({"persons": [{"subject": register_number(number)}]}).encode()
    path = target().replace("/r1/", "/bulk/")
    request = urllib.request.Request(town.url + path, body, said | named)
    with urllib.request.urlopen(request, timeout=20) as answer:
        task = json.load(answer)["number"]
    deadline, status, told = time.monotonic() + SECONDS, 409, dict[str, object]()
    while status == 409:
        assert time.monotonic() < deadline
        time.sleep(0.05)
        status, told = send(town, f"/bulk/{task}/answer", "15")
    answers = told["answers"]
    assert isinstance(answers, list)
    return str(answers[0]["reason"] or answers[0]["outcome"])


def by_file(town: Town, number: int, named: Named, folder: Path) -> str:
    site, place = town.site, FolderPlace("files", folder)
    place.prepare(("15",))
    office = FileOffice(
        lambda: site.desk, site.database, site.keys.node().seal, lambda: datetime.now(UTC)
    )
    sweep = FileSweep(office, place)
    dropper = Dropper(FolderOfUnit(folder), f"15/MUN-{TOWN}-06/income")
    names = {"X-Road-UserId": "staff", "PF-Second": "second"}
    said = {names[name]: text for name, text in named.items()}
    row = ("", "", register_number(number), year())
    name = dropper.drop(row, service=f"{HOLDER}/income", items=["total_income"], **said)
    deadline = time.monotonic() + SECONDS
    while f"{name}.answer.manifest.json" not in dropper.answers():
        assert f"{name}.error.json" not in dropper.answers(), dropper.told(f"{name}.error.json")
        assert time.monotonic() < deadline
        sweep.turn()
        time.sleep(0.05)
    (told,) = dropper.answer(name)
    return told["理由"] or told["結果"]


Door = Callable[[Town, int, Named, Path], str]
DOORS = [by_rest, by_task, by_soap, by_xroad, by_list, by_file]


@pytest.mark.clause("RK-50.1", "RK-50.5")
@pytest.mark.parametrize("door", DOORS, ids=lambda door: str(door.__name__))
@pytest.mark.parametrize(
    ("number", "named", "code"),
    [
        (ABSENT, {}, "staff-not-named"),
        (ABSENT, {"X-Road-UserId": "1004"}, "staff-office-elsewhere"),
        (ABSENT, {"X-Road-UserId": "1002"}, "subject-unknown"),
        (HIDDEN, {"X-Road-UserId": "1002"}, "staff-second-missing"),
        (HIDDEN, {"X-Road-UserId": "1002", "PF-Second": "1004"}, "staff-second-without-right"),
    ],
)
def test_every_door_takes_the_same_decision(
    town: Town, tmp_path: Path, door: Door, number: int, named: Named, code: str
) -> None:
    assert door(town, number, named, tmp_path) == code
