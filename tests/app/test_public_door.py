"""Everybody reads the register of corporate numbers, at their pace, and nobody writes."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
import pytest
import uvicorn
from tests.exchange.serving import serving
from tests.federation.desks import R, make_desks

from renkei import audit, identity, kit
from renkei.app.errors import CorporateFileWrong, FileUnreadable, SyntheticRefused, VisitorsTooMany
from renkei.app.registrar.corporate_file import take_in
from renkei.app.registrar.public_door import READING, PublicDoor
from renkei.app.registrar.visitors import BURST_SECONDS, Visitors
from renkei.standard.synthetic import write_corporations

COUNT = 150
AT = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
ORDER = identity.Order("load", R, "1001", "合成データの取込", AT, audit.Mode.TEST)


@dataclass
class Clock:
    """A clock in seconds that a test sets."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Said:
    """What the door said."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def read(self):
        return json.loads(self.body)


@dataclass
class Reader:
    """Somebody who reads, at an address of their own."""

    port: int
    file: Path
    clock: Clock
    host: str = "192.0.2.1"
    lines: list[dict[str, str]] = field(default_factory=list)

    def get(self, path: str, method: str = "GET", /, **asked: str) -> Said:
        line = HTTPConnection("127.0.0.1", self.port, timeout=20)
        query = f"?{urlencode(asked)}" if asked else ""
        line.request(method, path + query, headers={"X-Forwarded-For": self.host})
        answer = line.getresponse()
        said = Said(answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()})
        line.close()
        return said


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("register") / "corporations.csv"
    write_corporations(made, count=COUNT, seed=3)
    return Path(made)


@pytest.fixture(scope="module")
def public(database, file, tmp_path_factory) -> Iterator[Reader]:
    """Give a register with made-up corporations and its public door."""
    take_in(database, R, file, ORDER)
    desk = make_desks(tmp_path_factory.mktemp("desks")).desk[R]
    clock = Clock()
    door = PublicDoor(database, lambda: desk, rate=5, clock=clock).application()
    with serving(uvicorn.Config(door, "127.0.0.1", 0, log_config=None)) as port:
        text = "\n".join(x for x in file.read_text("utf-8").splitlines() if x[0] != "#")
        yield Reader(port, file, clock, lines=list(csv.DictReader(io.StringIO(text))))


@pytest.fixture
def reader(public: Reader) -> Reader:
    """Give a reader who has waited for long."""
    public.clock.now += 1000
    return replace(public)


def numbers(reader: Reader, kind: str) -> set[str]:
    return {line["法人番号"] for line in reader.lines if line["処理区分"] == kind}


def test_the_whole_register_is_read_page_by_page(reader):
    seen, following = [], "/corporations.json?closed=1&limit=40"
    while following:
        said = reader.get(following)
        assert said.status == 200
        following = said.read["next"]
        assert said.headers.get("link") == (f'<{following}>; rel="next"' if following else None)
        seen += [one["number"] for one in said.read["corporations"]]
    assert seen == sorted(numbers(reader, "指定"))
    assert len(seen) == COUNT


def test_closed_ones_are_left_out_unless_asked_for(reader):
    gone = numbers(reader, "閉鎖") | numbers(reader, "合併")
    assert gone
    page = reader.get("/corporations.json", limit="1000").read["corporations"]
    assert {one["number"] for one in page} == numbers(reader, "指定") - gone


def test_a_name_is_found_and_every_made_up_one_says_so(reader):
    one = reader.lines[0]
    found = reader.get("/corporations.json", name=one["フリガナ"], closed="1").read["corporations"]
    assert one["法人番号"] in {each["number"] for each in found}
    assert {each["synthetic"] for each in found} == {True}


def test_one_corporation_is_told_with_its_history(reader):
    number = sorted(numbers(reader, "合併"))[0]
    said = reader.get(f"/corporations/{number}.json").read
    assert (said["closed_for"], said["history"][-1]["kind"]) == ("merged", "merged")
    assert said["history"][0]["kind"] == "assigned"
    page = reader.get(f"/corporations/{number}")
    assert page.status == 200
    assert said["successor"] in page.text
    assert "吸収合併" in page.text
    assert "merged into another" in reader.get(f"/corporations/{number}", lang="en").text


def test_csv_tells_the_same_as_json(reader):
    asked = {"name": "ケンセツ", "closed": "1", "limit": "1000"}
    said = reader.get("/corporations.csv", **asked)
    assert said.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(said.body.decode("utf-8-sig"))))
    known = reader.get("/corporations.json", **asked).read["corporations"]
    assert rows
    assert [(row["法人番号"], row["商号又は名称"], row["所在地"]) for row in rows] == [
        (one["number"], one["name"], one["address"]) for one in known
    ]


@pytest.mark.parametrize(("lang", "words"), [("ja", "法人番号の検索"), ("en", "Corporate numbers")])
def test_the_page_finds_by_its_form_without_any_script(reader, lang, words):
    first = reader.get("/", lang=lang)
    assert (first.status, words in first.text) == (200, True)
    assert "<script" not in first.text
    one = reader.lines[0]
    found = reader.get("/", lang=lang, name=one["商号又は名称"], closed="1").text
    assert f"/corporations/{one['法人番号']}" in found
    assert reader.get("/", name="どこにもない名前").text.count("見つかりませんでした") == 1


def test_what_somebody_looks_for_is_text_on_the_page(reader):
    said = reader.get("/", name='"><script>alert(1)</script>')
    assert "<script" not in said.text


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/corporations/4000012090001.json", 404, "corporation-unknown"),
        ("/corporations/4000012090002.json", 400, "corporate-number-malformed"),
        ("/corporations.json?number=1", 400, "corporate-number-malformed"),
        ("/corporations.json?limit=0", 400, "parameter-malformed"),
        ("/corporations.json?limit=1001", 400, "parameter-malformed"),
        ("/corporations.json?after=x", 400, "parameter-malformed"),
        ("/corporations.json?name=" + "a" * 101, 400, "parameter-malformed"),
        ("/corporations.json?name=%00", 400, "parameter-malformed"),
        ("/corporations.json?name=" + quote("株式会社"), 400, "search-empty"),
    ],
)
def test_what_cannot_be_answered_is_told_by_its_code(reader, path, status, code):
    said = reader.get(path)
    assert (said.status, said.read["code"]) == (status, code)


def test_a_form_that_cannot_be_answered_comes_back_as_it_was_filled_in(reader):
    said = reader.get("/", name="株式会社", address="東京都", number="1")
    assert (said.status, 'value="東京都"' in said.text, 'value="1"' in said.text) == (
        400,
        True,
        True,
    )
    assert "株式会社" in said.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nobody_writes(reader, method):
    for path in ("/", "/corporations.json", "/corporations/4000012090001"):
        assert reader.get(path, method).status == 405


def test_the_door_cannot_write_and_sees_no_personal_number(database):
    reading = database.beside(size=1, settings=READING)
    with (
        reading,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
        reading.transaction(R) as conn,
    ):
        conn.execute("DELETE FROM identity_holder")


def test_who_asks_too_often_waits_and_others_do_not(reader):
    hasty = replace(reader, host="198.51.100.7")
    answers = [hasty.get("/corporations.json", limit="1") for _ in range(51)]
    assert [one.status for one in answers] == [200] * 50 + [429]
    assert answers[-1].read["code"] == "visitors-too-many"
    assert answers[-1].headers["retry-after"] == "1"
    assert hasty.get("/").status == 429
    assert replace(reader, host="198.51.100.8").get("/").status == 200
    reader.clock.now += 1
    assert hasty.get("/").status == 200


def test_visitors_are_forgotten_rather_than_kept_without_end():
    clock = Clock()
    visitors = Visitors(1, clock, most=3)
    for n in range(10):
        visitors.enter(f"192.0.2.{n}")
    assert len(visitors._due) == 3
    for _ in range(int(BURST_SECONDS) - 1):
        visitors.enter("192.0.2.9")
    with pytest.raises(VisitorsTooMany):
        visitors.enter("192.0.2.9")
    visitors.enter("2001:db8::1")


def test_a_file_is_taken_in_once_and_goes_on_where_it_ended(database, public, file):
    def kept(conn: kit.Connection) -> int:
        return len(conn.execute("SELECT FROM identity_corporate_event").fetchall())

    with database.transaction(R) as conn:
        before = kept(conn)
    assert take_in(database, R, file, ORDER) == before
    with database.transaction(R) as conn:
        assert kept(conn) == before


def test_a_wrong_line_is_named_and_put_right_the_file_goes_on(database, public, tmp_path):
    heading = public.file.read_text("utf-8").splitlines()[:7]
    body = "010001000001"
    number = f"{kit.corporate_check_digit(body)}{body}"
    assigned = f"指定,2026-04-01,{number},見本,ミホン,,東京都,,"
    closed = f"閉鎖,2026-05-01,{number},見本,ミホン,,東京都,清算の結了等,"
    path = tmp_path / "wrong.csv"

    def load(*lines: str) -> int:
        path.write_text("\n".join([*heading, *lines]) + "\n", "utf-8")
        return take_in(database, R, path, ORDER)

    assert load(assigned) == 1
    for wrong in (closed.replace("閉鎖", "不明"), closed.replace("清算の結了等", "")):
        with pytest.raises(CorporateFileWrong) as caught:
            load(assigned, wrong)
        assert caught.value.facts["line"] == 9
    assert load(assigned, closed) == 2
    assert public.get(f"/corporations/{number}.json").read["closed_for"] == "liquidated"


def test_a_made_up_file_is_refused_in_production(database, file):
    with pytest.raises(SyntheticRefused):
        take_in(database, R, file, replace(ORDER, mode=audit.Mode.PRODUCTION))


@pytest.mark.parametrize("data", [b"", b"a,b\n", b"\xff\xfe"])
def test_what_is_no_such_file_is_refused(database, tmp_path, data):
    path = tmp_path / "none.csv"
    path.write_bytes(data)
    with pytest.raises(FileUnreadable):
        take_in(database, R, path, ORDER)


def test_a_made_up_register_is_the_same_for_the_same_seed(tmp_path):
    one, other, third = (tmp_path / f"{n}.csv" for n in range(3))
    write_corporations(one, count=50, seed=1)
    write_corporations(other, count=50, seed=1)
    write_corporations(third, count=50, seed=2)
    assert one.read_bytes() == other.read_bytes() != third.read_bytes()
    assert "合成データ" in one.read_text("utf-8").splitlines()[0]
