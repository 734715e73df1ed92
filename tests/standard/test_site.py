"""The site of the standard: complete, linked, alike on every machine, and safe to open."""

import os
import posixpath
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path
from typing import cast
from urllib.parse import quote, unquote

import pytest
from lxml import html
from tests.standard.folder import write as write_folder

from renkei.standard import Catalogue, catalogue, compile_catalogue, read_compiled, site
from renkei.standard.site import addresses
from renkei.standard.site.book import Book
from renkei.standard.site.data_flow import data_flow
from renkei.standard.site.drawing import clipped, width
from renkei.standard.site.entity_relations import entity_relations
from renkei.standard.site.search import rows

VOID = {"meta", "link", "input", "br", "hr", "img"}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@cache
def shipped() -> dict[str, str]:
    return dict(site.pages(catalogue()))


@cache
def parsed(name: str) -> html.HtmlElement:
    return html.document_fromstring(shipped()[name].encode(), html.HTMLParser(encoding="utf-8"))


def small(folder: Path, file: str = "", old: str = "", new: str = "") -> Catalogue:
    return read_compiled(compile_catalogue(write_folder(folder, file, old, new)))


def follow(page: str, link: html.HtmlElement) -> str:
    """Return the page a link leads to."""
    path = unquote(link.get("href").partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page


def find(element: html.HtmlElement, path: str, **names: str) -> list[html.HtmlElement]:
    return cast("list[html.HtmlElement]", element.xpath(path, **names))


def text(element: html.HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())


def links(page: str) -> Iterator[tuple[str, str]]:
    """Give the address of everything a page refers to, and the file that is."""
    for element in find(parsed(page), "//*[@href or @src]"):
        address = element.get("href") or element.get("src")
        path, _, fragment = address.partition("#")
        joined = posixpath.join(posixpath.dirname(page), unquote(path)) if path else page
        yield address, posixpath.normpath(joined) + (f"#{unquote(fragment)}" if fragment else "")


def test_every_link_leads_to_a_file_and_a_place_in_it():
    pages = {name for name in shipped() if name.endswith(".html")}
    places = set(shipped())
    places |= {f"{name}#{one}" for name in pages for one in parsed(name).xpath("//*/@id")}
    lost = {(name, to) for name in pages for _, to in links(name) if to not in places}
    assert lost == set()


def test_no_page_loads_anything_from_elsewhere():
    pages = [name for name in shipped() if name.endswith(".html")]
    strange = re.compile(r"^(?:[a-z]+:|//)", re.IGNORECASE)
    assert [address for name in pages for address, _ in links(name) if strange.match(address)] == []
    assert [name for name, text in shipped().items() if "@import" in text or "url(" in text] == []


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_definition_has_its_page(language):
    standard = catalogue()
    wanted = [
        *(addresses.unit(one.id) for one in standard.units),
        *(addresses.party(one.id) for one in standard.content.parties),
        *(addresses.entity(one.name) for one in standard.entities),
        *(addresses.code_list(one.id) for one in standard.code_lists),
        *(addresses.interface(one) for one in standard.interfaces),
        *(addresses.procedure(one) for one in standard.procedures),
    ]
    assert [path for path in wanted if f"{language}/{path}" not in shipped()] == []


def test_each_page_leads_to_the_same_page_in_the_other_language():
    for name in shipped():
        if name.startswith(("ja/", "en/")):
            other = {"ja": "en", "en": "ja"}[name[:2]] + name[2:]
            (link,) = find(parsed(name), "//a[@class='language']")
            assert follow(name, link) == other


def facts(page: str) -> dict[str, str]:
    """Return the facts in the head of a page or of its first section."""
    (names, *_) = find(parsed(page), "//dl[@class='facts']")
    return {text(dt): text(dt.getnext()) for dt in find(names, "./dt")}


def test_three_clicks_lead_from_the_front_page_to_when_what_and_why():
    sign = "//table[@class='matrix']//a[contains(@title, '06 個人住民税 → 14 介護保険')]"
    (first,) = find(parsed("index.html"), sign)
    page = follow("index.html", first)
    assert "当初賦課" in facts(page)["きっかけ"]
    assert "一括ファイル" in facts(page)["時機"]
    items = [text(one) for one in find(parsed(page), "//*[@id='items']//tbody/tr/th/a")]
    assert "合計所得金額" in items
    rows = find(parsed(page), "//tbody[tr[@id='to-14']]/tr[td]")
    assert "番号法" in text(rows[0])
    (second,) = find(rows[0], "./td[3]/a")
    place = unquote(second.get("href").partition("#")[2])
    (line,) = find(parsed(follow(page, second)), "//tr[@id=$place]", place=place)
    assert "合計所得金額" in text(line)


def test_a_cell_shows_when_what_and_why_for_its_two_units():
    page = "ja/matrix/06-14.html"
    assert "当初賦課" in facts(page)["きっかけ"]
    assert "合計所得金額" in facts(page)["項目"]
    assert "番号法" in text(find(parsed(page), "//section[@class='framed']//tbody/tr")[0])


def test_the_index_knows_who_gives_income_to_care_insurance():
    found = [
        row
        for kind, row in rows(Book(catalogue()))
        if kind == "interface" and all(word in " ".join(row) for word in ("所得", "介護保険"))
    ]
    assert "interfaces/06-income_assessment.html" in [row[0] for row in found]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    site.write(catalogue(), folder)
    return folder


@pytest.mark.skipif(CHROMIUM is None, reason="no browser is installed")
@pytest.mark.parametrize(("page", "first"), [("index.html", "ja/"), ("ja/rules.html", "")])
def test_the_search_finds_who_gives_income_to_care_insurance(written, tmp_path, page, first):
    address = f"{(written / page).as_uri()}#q={quote('所得 介護保険')}"
    told = subprocess.run(
        [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path / 'browser'}",
            "--virtual-time-budget=4000",
            "--dump-dom",
            address,
        ],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    found = find(html.document_fromstring(told.stdout), "//*[@id='found']//a")
    assert found[0].get("href") == f"{first}interfaces/06-income_assessment.html"


class Nesting(HTMLParser):
    """Says where an element is closed that was not the last one opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        if len({name for name, _ in attrs}) != len(attrs):
            self.wrong.append(f"{self.getpos()} {tag} repeats an attribute")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"{self.getpos()} {tag}")


def test_every_page_is_nested_and_names_each_place_once(tmp_path):
    for name, page in site.pages(small(tmp_path)):
        if name.endswith(".html"):
            nesting = Nesting()
            nesting.feed(page)
            assert (name, nesting.wrong, nesting.open) == (name, [], [])
            tree = html.document_fromstring(page.encode())
            ids = [one.get("id") for one in find(tree, "//*[@id]")]
            assert (name, [one for one in ids if ids.count(one) > 1]) == (name, [])


WICKED = "<script>alert('1')</script> & \"x\" </title>"


@pytest.mark.parametrize(
    ("file", "old"),
    [
        ("units/01.yaml", "ja: 台帳"),
        ("units/01.yaml", "ja: 住民\n"),
        ("units/01.yaml", "ja: 照会\n    en: Inquiry\n    flows"),
        ("units/01.yaml", "ja: 申請\n"),
        ("units/01.yaml", "ja: 住民には氏名がある"),
        ("items/01.tsv", "見本 一郎"),
        ("items/01.tsv", "氏名"),
        ("code_lists/common.tsv", "女性"),
        ("common.yaml", "ja: 性別\n"),
        ("provisions.tsv", "台帳法1条"),
        ("own_use.tsv", "届出1"),
        ("flows.tsv", "住民の照会"),
        ("faults.tsv", "該当なしとして進める"),
    ],
)
def test_what_a_catalogue_says_is_text_wherever_it_is_printed(tmp_path, file, old):
    key = old.partition(" ")[0]
    name = old.partition(": ")[2].partition("\n")[0] if key == "ja:" else old
    quoted = f'"{WICKED}"'.replace(WICKED, WICKED.replace('"', '\\"'))
    new = old.replace(name, quoted if file.endswith(".yaml") else WICKED, 1)
    seen = 0
    for path, page in site.pages(small(tmp_path, file, old, new)):
        if path.endswith(".html"):
            seen += "&lt;script&gt;alert(" in page
            scripts = find(html.document_fromstring(page.encode()), "//script")
            assert [script.get("src") is not None for script in scripts] == [True]
        if path == "assets/search.js":
            assert "<" not in page
    assert seen >= 2


def test_another_process_writes_the_same_bytes(tmp_path):
    write_folder(tmp_path)
    program = (
        "import hashlib, pathlib, sys\n"
        "from renkei.standard import compile_catalogue, read_compiled, site\n"
        "standard = read_compiled(compile_catalogue(pathlib.Path(sys.argv[1])))\n"
        "digest = hashlib.sha256(repr(list(site.pages(standard))).encode()).hexdigest()\n"
        "print(digest)\n"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(told) == 1


def test_writing_gives_the_files_and_tells_how_far_it_is(tmp_path):
    standard = small(tmp_path / "catalogue")
    told: list[tuple[int, int]] = []
    files = site.write(
        standard,
        tmp_path / "site",
        downloads={"01.xsd": "<x/>"},
        progress=lambda done, total: told.append((done, total)),
    )
    assert len(told) == len(files)
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    assert (tmp_path / "site" / "downloads" / "01.xsd").read_text() == "<x/>"
    for name in ("units/01", "interfaces/01-person", "entities/person"):
        page = (tmp_path / "site" / "ja" / f"{name}.html").read_text()
        assert 'href="../../downloads/01.xsd"' in page
    assert "01.xsd" not in (tmp_path / "site" / "ja" / "units" / "02.html").read_text()


def test_what_ended_shows_its_last_day_and_what_came_after(tmp_path):
    rest = '  provenance: proposed\n  source: 本\nfunctions:\n  - {id: "1", ja: 賦課'
    old = f"  since: 2012-04-01\n{rest}"
    new = f'  since: 2012-04-01\n  until: 2020-03-31\n  successors: ["01"]\n{rest}'
    pages = dict(site.pages(small(tmp_path, "units/02.yaml", old, new)))
    assert "2020年3月31日" in pages["ja/units/02.html"]
    assert "31 Mar 2020" in pages["en/units/02.html"]
    for name in ("ja/units/02.html", "ja/index.html"):
        page = html.document_fromstring(pages[name].encode())
        assert "2020年3月31日 後継: 01 台帳" in text(page).replace("— ", "")
    assert '<tr id="v-2" class="gone">' in pages["ja/code-lists/sex.html"]


def test_a_definition_shows_its_source_and_how_sure_it_is(tmp_path):
    pages = dict(site.pages(small(tmp_path)))
    rows = html.document_fromstring(pages["en/entities/person.html"].encode())
    (origin,) = find(rows, "//tr[@id='name']/td[last()]")
    assert text(origin) == "verified 本IMI ic:氏名 (close) proposed 本"


def boxes(picture: str) -> list[tuple[float, float, float, float, str]]:
    found = re.findall(r'<text[^>]*? x="([\d.-]+)" y="([\d.-]+)">(.*?)</text>', picture)
    shown = [(float(x), float(y), re.sub("<title>.*?</title>", "", t)) for x, y, t in found]
    return [(x, y - 10, x + width(t, 12), y + 2, t) for x, y, t in shown]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("draw", [data_flow, entity_relations])
def test_no_text_of_a_diagram_lies_upon_another(draw, language):
    book = Book(catalogue())
    for unit in catalogue().units:
        for one, other in combinations(boxes(str(draw(book, unit, language, "../"))), 2):
            apart = one[2] <= other[0] or other[2] <= one[0]
            assert apart or one[3] <= other[1] or other[3] <= one[1], (unit.id, one, other)


def test_a_text_too_long_is_cut_to_its_place():
    assert clipped("住民基本台帳", 50, 10) == "住民基本…"
    assert clipped("住民", 50, 10) == "住民"
