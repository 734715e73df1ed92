"""The people of a town live together, are related and have names as in a real register."""

from collections import defaultdict
from datetime import date

import pytest

from renkei.standard import catalogue
from renkei.standard.rules import is_valid
from renkei.standard.synthetic.addresses import places
from renkei.standard.synthetic.days import uncertain
from renkei.standard.synthetic.dice import Dice
from renkei.standard.synthetic.names import names

from .conftest import A, B, Read, Rows


def households(residents: Rows) -> list[Rows]:
    found: dict[str, Rows] = defaultdict(list)
    for row in residents:
        found[row["household_number"]].append(row)
    return list(found.values())


def is_calendar_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def test_every_household_has_one_head_who_comes_first(read: Read) -> None:
    for members in households(read(A, "resident")):
        assert [row["relationship"] for row in members].count("世帯主") == 1
        assert members[0]["relationship"] == "世帯主"
        assert {row["household_head"] for row in members} == {members[0]["name"]}
        order = [row["order_in_household"] for row in members]
        assert order == [str(n + 1) for n in range(len(members))]
        assert len({row["address"] + row["building"] for row in members}) == 1


def test_relationships_fit_the_sex_and_the_age(read: Read) -> None:
    seen = set()
    for members in households(read(A, "resident")):
        head = members[0]
        for row in members[1:]:
            seen.add(row["relationship"])
            last = row["relationship"].rpartition("の")[2].removesuffix("(未届)")
            assert row["sex"] == {"妻": "2", "母": "2", "夫": "1", "父": "1"}.get(last, row["sex"])
            if row["relationship"] == "子" and row["birth_date"][:4] != "0000":
                assert row["birth_date"][:4] > head["birth_date"][:4]
    assert seen >= {
        "妻",
        "夫",
        "子",
        "子の妻",
        "子の子",
        "父",
        "母",
        "妻の母",
        "同居人",
        "妻(未届)",
    }


def test_a_town_looks_like_a_town(read: Read) -> None:
    residents = [row for row in read(A, "resident") if row["resident_status"] == "1"]
    sizes = [len(members) for members in households(residents)]
    assert 1.9 < len(residents) / len(sizes) < 2.4
    assert 0.3 < sizes.count(1) / len(sizes) < 0.45
    ages = [2026 - int(row["birth_date"][:4]) for row in residents if row["birth_date"][0] != "0"]
    assert 0.1 < sum(age < 15 for age in ages) / len(ages) < 0.2
    assert 0.2 < sum(age >= 65 for age in ages) / len(ages) < 0.33
    assert max(ages) < 107


def test_days_come_in_their_order(read: Read) -> None:
    for row in read(B, "resident"):
        if not is_calendar_day(row["birth_date"]):
            continue
        days = ["birth_date", "resident_since", "address_since", "changed_on", "notified_on"]
        assert [row[name] for name in days] == sorted(row[name] for name in days)
        assert row["processed_on"] <= "2026-04-01"


def test_some_names_need_characters_outside_jis_x_0208(read: Read) -> None:
    def fits(text: str, encoding: str) -> bool:
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            return False
        return True

    found = [row["name"] for row in read(A, "resident")]
    assert sum(not fits(name, "shift_jis") for name in found) > 10
    assert sum(not fits(name, "iso2022_jp") for name in found) > 10
    assert {"髙", "﨑", "𠮷", "德"} <= {c for name in names().surnames for c in name.written}
    addresses = [row["address"] + row["registered_domicile"] for row in read(A, "resident")]
    assert all(fits(text, "shift_jis") for text in addresses)


def test_a_few_are_foreign_and_their_nationality_stands_for_the_domicile(read: Read) -> None:
    foreign = [row for row in read(A, "resident") if row["resident_kind"] == "2"]
    assert foreign
    for row in foreign:
        assert row["name"].isascii()
        assert row["registered_domicile"].startswith("国籍・地域")
        assert row["family_register_head"] == "該当なし"


@pytest.mark.parametrize("form", range(15))
@pytest.mark.parametrize("birth", ["1935-03-10", "1940-12-31", "1952-02-29"])
def test_every_uncertain_birth_date_is_one_of_the_standard(form: int, birth: str) -> None:
    item = catalogue().entity("resident").item("birth_date")
    assert item is not None
    text = uncertain(birth, form)
    assert is_valid(item, text)
    assert not is_calendar_day(text)


def test_addresses_are_real_neighbourhoods_of_the_municipality() -> None:
    town = places(A)
    known = {block.base.removeprefix("東京都千代田区") for block in town.blocks}
    assert {"一番町", "飯田橋1丁目"} <= known
    place = town.draw(Dice("any"))
    assert place.postal_code.startswith("10")
    assert place.address_code.startswith("13101")


def test_a_designated_city_is_the_sum_of_its_wards() -> None:
    town = places("011002")
    assert town.name == "北海道札幌市"
    assert {block.base[:10] for block in town.blocks} >= {"北海道札幌市中央区大"}


def test_owners_who_live_elsewhere_are_persons_and_companies(read: Read) -> None:
    people = read(A, "unregistered_person")
    for row in people:
        is_company = row["person_kind"] == "2"
        assert is_company == (row["personal_number"] == "") == (row["birth_date"] == "")
    assert 0.1 < sum(row["person_kind"] == "2" for row in people) / len(people) < 0.4
