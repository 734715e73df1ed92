"""A small catalogue with an item of every type: `folder.py` and one unit more.

`ROW` is a record of its entity that keeps every rule, `MUTATIONS` are values that spoil it.
"""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from tests.standard.folder import FILES, HEADER, write_files

from renkei.standard import Catalogue, CatalogueFaulty, catalogue, compile_catalogue, read_compiled

UNIT = """\
unit:
  id: "03"
  name: every_type
  ja: 全型
  en: Every type
  says_ja: すべての型を持つ。
  says_en: Holds every type.
  since: 2012-04-01
  provenance: proposed
  source: 本
functions:
  - {id: "1", ja: 照会, en: Inquiry}
  - {id: "1.1", ja: 回答, en: Answer, services: [sample], entities: [sample]}
code_lists:
  - {id: class_of_care, ja: 区分, en: Class, provenance: proposed, source: 本}
entities:
  - name: sample
    ja: 見本（全型）
    en: Sample
    key: [number, day]
    subject: number
    relations:
      - {to: tax, items: [number]}
      - {to: person, items: [number]}
    migration_file: "0301"
    provenance: proposed
    source: 本
rules:
RULES
interfaces:
  - service: sample
    ja: 見本の照会
    en: Inquiry about a sample
    timings: [immediate, event, batch]
    trigger_ja: 申請の受付
    trigger_en: a claim is received
    path: "{day}"
    parameters: [{name: day, item: day}]
    entity: sample
    items: [ITEMS]
    consumers: ["01"]
    information: {code: TM99000000000009, ja: 見本, en: Sample, provenance: proposed, source: 本}
    since: 2012-04-01
    provenance: proposed
    source: 本
procedures:
  - code: JT99000000000301
    affair: JM99000000000003
    affair_ja: 見本
    affair_en: Samples
    ja: 登録
    en: Registration
    channels: [official]
    since: 2012-04-01
    provenance: proposed
    source: 本
"""
RULE = """\
  - id: 03-R{number:03}
    entity: sample
    clause: 本 §{number}
    level: {level}
    ja: 規則{number}
    en: Rule {number}
    remedy_ja: 直す
    remedy_en: Correct it
    when: {when}
    then: {then}
    since: 2012-04-01
    provenance: proposed
    source: 本
"""
RULES = (
    ("error", '[{item: flag, one_of: ["1"]}]', "{must: be_filled, items: [latin, kana]}"),
    ("error", "[{item: month, filled: true}]", "{must: be_empty, items: [decimal]}"),
    ("error", "[{item: digits, filled: false}]", '{must: be_one_of, item: whole, values: ["7"]}'),
    ("error", "[]", "{must: be_written_as, items: [year], form: year}"),
    ("error", "[]", "{must: be_in_order, items: [day, moment]}"),
    ("alert", "[]", "{must: be_filled, items: [month]}"),
    (
        "error",
        '[{item: class_of_care, one_of: ["1"]}, {item: whole, one_of: ["1", "2"]}]',
        "{must: be_filled, items: [organisation]}",
    ),
)
# name|ja|type|digits|required|code_list|external_characters|example
SAMPLE = """\
number|番号|register_number||yes||no|
day|基準日（届出）|date||yes||no|
name|氏名|text|100|no||yes|見本 一郎
plain|備考|text|5|no||no|
kana|フリガナ|kana|10|no||no|ミホン
latin|英字氏名|latin|20|no||no|O'BRIEN (A)
digits|65歳以上の番号|digits|4|no||no|
whole|金額|number||no||no|
decimal|割合|decimal|2.3|no||no|
moment|登録日時|datetime||no||no|
birth|生年月日|uncertain_date||no||no|
year|年|year||no||no|
month|年月|month||no||no|
class_of_care|区分|code||yes|class_of_care|no|
sex|性別|code||no|sex|no|
household|世帯番号|register_number||no||no|
personal|個人番号|personal_number||no||no|
corporate|法人番号|corporate_number||no||no|
organisation|団体コード|organisation_code||no||no|
postal|郵便番号|postal_code||no||no|
street|町字コード|address_code||no||no|
flag|該当の有無|flag||no||no|
relationship|続柄|relationship||no||no|
"""
# A value that was retired and came back has two lines.
VALUES = """\
list|value|ja|en|since|until|successor|provenance|source
class_of_care|1|甲|first|2012-04-01|2015-03-31||proposed|本
class_of_care|1|甲|first|2020-04-01|||proposed|本
class_of_care|2|乙 & 丙|<second>|2012-04-01|2019-03-31||proposed|本
""".replace("|", "\t")
PROVISIONS = """\
P-8|台帳法|台帳法3条|municipality|03|JT99000000000301|own|TM99000000000003|\
01-1-001 01-1-002 01-1-003|2012-04-01||||||proposed|本
P-9|台帳法|台帳法4条|municipality|01|JT99000000000101|own|TM99000000000009|ITEMS|\
2012-04-01|2029-03-31|consent||||proposed|本
"""

# A record of the entity `sample` that keeps every rule.
ROW = {
    "number": "000000000000019",
    "day": "2026-04-01",
    "name": "見本 \ue000郎 & <𠮷>",
    "plain": "備 考",
    "kana": "ミホン　イチロウ",
    "latin": "O'BRIEN (A)",
    "digits": "0042",
    "whole": "-7",
    "decimal": "99.125",
    "moment": "2026-04-01T09:30:00",
    "birth": "1935-03-00頃",
    "year": "2026",
    "month": "",
    "class_of_care": "1",
    "sex": "2",
    "household": "000000000000027",
    "personal": "123456789018",
    "corporate": "4000012090001",
    "organisation": "131016",
    "postal": "0010000",
    "street": "13101001001",
    "flag": "1",
    "relationship": "子の子(子の夫)",
}

# Each is no value of its item; an empty one is missing.
MUTATIONS = [
    ("number", ""),
    ("number", "00000000000001"),
    ("day", "2026-02-30"),
    ("day", "2026-4-1"),
    ("name", "\t"),
    ("plain", "123456"),
    ("plain", "\ue000"),
    ("kana", "みほん"),
    ("latin", "É"),
    ("digits", "42"),
    ("whole", "007"),
    ("whole", "1.5"),
    ("decimal", "1.50"),
    ("decimal", "100"),
    ("moment", "2026-04-01 09:30"),
    ("moment", "2026-04-01T24:00:00"),
    ("birth", "1935-13-00"),
    ("year", "0026"),
    ("month", "2026-13"),
    ("class_of_care", "3"),
    ("sex", "9"),
    ("personal", "12345"),
    ("corporate", "0000012090001"),
    ("organisation", "1310"),
    ("postal", "001-0000"),
    ("street", "131010010011"),
    ("flag", "2"),
    ("relationship", "孫"),
]


def _items() -> str:
    lines = [HEADER]
    for number, line in enumerate(SAMPLE.splitlines(), 1):
        name, ja, kind, digits, required, codes, external, example = line.split("|")
        care = {"register_number": "own_number", "personal_number": kind}.get(kind, "personal")
        cells = ["sample", f"03-1-{number:03}", name, ja, name, kind, digits, required, codes]
        lines.append("|".join([*cells, care, external, example, "", "", "proposed", "本"]) + "\n")
    return "".join(lines).replace("|", "\t")


def _unit() -> str:
    rules = "".join(
        RULE.format(number=number, level=level, when=when, then=then)
        for number, (level, when, then) in enumerate(RULES, 1)
    )
    return UNIT.replace("RULES\n", rules).replace("ITEMS", ", ".join(_carried()))


def _carried() -> dict[str, str]:
    """Return the items the interface carries, with their ids."""
    names = [line.split("|")[0] for line in SAMPLE.splitlines()]
    ids = {name: f"03-1-{number:03}" for number, name in enumerate(names, 1)}
    return {name: number for name, number in ids.items() if name != "personal"}


def _provisions() -> str:
    rows = PROVISIONS.replace("ITEMS", " ".join(_carried().values()))
    return FILES["provisions.tsv"] + rows.replace("|", "\t")


@cache
def small() -> Catalogue:
    """Return the small catalogue of the tests with a unit that has every type."""
    more = {"units/03.yaml": _unit(), "items/03.tsv": _items(), "code_lists/03.tsv": VALUES}
    more["provisions.tsv"] = _provisions()
    with tempfile.TemporaryDirectory() as folder:
        return read_compiled(compile_catalogue(write_files(Path(folder), FILES | more)))


def standards() -> Iterator[Catalogue]:
    """Give the small catalogue, and the shipped one where it compiles (`test_catalogue.py`)."""
    yield small()
    with suppress(CatalogueFaulty):
        yield catalogue()
