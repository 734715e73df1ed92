"""A small sound catalogue in a folder, which a test spoils in one place, and an overlay for it."""

from pathlib import Path

STANDARD = """\
id: small
edition: "1"
ja: 小さな標準
en: a small standard
since: 2026-04-01
"""

COMMON = """\
code_lists:
  - id: sex
    ja: 性別
    en: Sex
    number: "03"
    provenance: verified
    source: 本
  - id: sex_letter
    ja: 性別（文字）
    en: Sex, as a letter
    provenance: proposed
    source: 本
  - id: life_event
    ja: ライフイベント
    en: Life event
    provenance: proposed
    source: 本
code_mappings:
  - id: sex_to_letter
    ja: 性別から文字へ
    en: Sex to letter
    origin: sex
    target: sex_letter
    migration: true
    provenance: proposed
    source: 本
parties:
  - {id: X01, ja: 外, en: Outside, provenance: proposed, source: 本}
"""

VALUES = """\
list|value|ja|en|since|until|successor|provenance|source
sex|1|男|male|2012-04-01|||verified|本
sex|2|女|female|2012-04-01|2020-03-31|3|verified|本
sex|3|女性|woman|2020-04-01|||verified|本
sex_letter|M|男|male|2012-04-01|||proposed|本
sex_letter|F|女|female|2012-04-01|||proposed|本
life_event|LE01|引越し|moving|2012-04-01|||proposed|本
""".replace("|", "\t")

PAIRS = """\
mapping|value|maps_to|provenance|source
sex_to_letter|1|M|proposed|本
sex_to_letter|2|F|proposed|本
sex_to_letter|3|F|proposed|本
""".replace("|", "\t")

UNIT = """\
unit:
  id: "01"
  name: registry
  ja: 台帳
  en: Registry
  says_ja: 住民を記録する。
  says_en: Keeps the residents.
  laws: [台帳法]
  subunits:
    - {id: 01-A, ja: 記録, en: Records, entities: [person]}
  since: 2012-04-01
  provenance: proposed
  source: 本
functions:
  - {id: "1", ja: 照会, en: Inquiry}
  - {id: "1.1", ja: 回答, en: Answer, services: [person], entities: [person]}
  - {id: "1.2", ja: 通知, en: Notify, services: [moved]}
  - {id: "2", ja: 税の確認, en: Ask for taxes, asks: [02/tax], internal: true}
code_lists:
  - {id: state, ja: 状態, en: State, provenance: proposed, source: 本}
entities:
  - name: person
    ja: 住民
    en: Person
    key: [number, year]
    subject: number
    migration_file: "0101"
    provenance: proposed
    source: 本
rules:
  - id: 01-R001
    entity: person
    clause: 本 §1
    level: error
    ja: 住民には氏名がある
    en: A resident has a name
    remedy_ja: 氏名を入力する
    remedy_en: Enter the name
    when: [{item: state, one_of: ["1"]}]
    then: {must: be_filled, items: [name]}
    since: 2012-04-01
    provenance: proposed
    source: 本
interfaces:
  - service: person
    ja: 照会
    en: Inquiry
    flows: [1]
    timings: [immediate]
    trigger_ja: 申請の受付
    trigger_en: a claim is received
    path: "{year}"
    parameters: [{name: year, item: year}]
    entity: person
    items: [year, sex]
    consumers: ["02"]
    between_organisations: true
    information: {code: TM99000000000001, ja: 情報, en: Inf, provenance: proposed, source: 本}
    since: 2012-04-01
    provenance: proposed
    source: 本
  - service: moved
    ja: 異動の通知
    en: Notice of a change
    flows: [2]
    timings: [event, batch]
    trigger_ja: 異動の登録
    trigger_en: a change is registered
    entity: person
    items: [number, year, name]
    consumers: [all]
    information: {code: TM99000000000003, ja: 異動, en: Change, provenance: proposed, source: 本}
    faults: [value-not-valid]
    since: 2012-04-01
    provenance: proposed
    source: 本
procedures:
  - code: JT99000000000101
    affair: JM99000000000001
    affair_ja: 事務
    affair_en: Affair
    ja: 申請
    en: Claim
    channels: [counter, online]
    life_events: [LE01]
    fee: 300
    documents:
      - {ja: 課税証明書, en: Tax certificate, replaced_by: 02/tax, items: [amount]}
    asks: [02/tax]
    since: 2012-04-01
    until: 2030-03-31
    provenance: proposed
    source: 本
"""

TAX = """\
unit:
  id: "02"
  name: tax
  ja: 税
  en: Tax
  says_ja: 税を課す。
  says_en: Levies the tax.
  since: 2012-04-01
  provenance: proposed
  source: 本
functions:
  - {id: "1", ja: 賦課, en: Levy}
  - {id: "1.1", ja: 回答, en: Answer, services: [tax], entities: [tax]}
entities:
  - name: tax
    ja: 税額
    en: Tax
    key: [number]
    subject: number
    relations:
      - {to: person, items: [number]}
    provenance: proposed
    source: 本
interfaces:
  - service: tax
    ja: 税額の照会
    en: Inquiry about a tax
    timings: [immediate]
    trigger_ja: 申請の受付
    trigger_en: a claim is received
    entity: tax
    items: [amount]
    consumers: ["01"]
    information: {code: TM99000000000002, ja: 税, en: Tax, provenance: proposed, source: 本}
    since: 2012-04-01
    provenance: proposed
    source: 本
procedures:
  - code: JT99000000000201
    affair: JM99000000000002
    affair_ja: 賦課
    affair_en: Levy
    ja: 賦課
    en: Levy
    channels: [official]
    since: 2012-04-01
    provenance: proposed
    source: 本
"""

# Written with | for the tabs of the file, so that a reader sees them.
HEADER = (
    "entity|id|name|ja|en|type|digits|required|code_list|handling|external_characters|example|"
    "since|until|provenance|source\n"
)
ITEMS = f"""\
{HEADER}\
person|01-1-001|number|番号|Number|register_number||yes||own_number|no||||verified|本
person|01-1-002|year|年|Year|year||yes||personal|no||||verified|本
person|01-1-003|name|氏名|Name|text|100|no||personal|yes|見本 一郎|||verified|本
person|01-1-004|sex|性別|Sex|code||no|sex|personal|no||||verified|本
person|01-1-005|state|状態|State|code||yes|state|personal|no||||verified|本
""".replace("|", "\t")
TAX_ITEMS = f"""\
{HEADER}\
tax|02-1-001|number|番号|Number|register_number||yes||own_number|no||||verified|本
tax|02-1-002|amount|税額|Amount|number||yes||tax|no||2013-04-01||proposed|本
tax|02-1-003|rate|税率|Rate|decimal|2.3|no||ordinary|no||||proposed|本
""".replace("|", "\t")

STATES = """\
list|value|ja|en|since|until|successor|provenance|source
state|1|住民|resident|2012-04-01|||proposed|本
state|2|転出|moved out|2012-04-01|||proposed|本
""".replace("|", "\t")

FLOWS = """\
number|ja|en|trigger_ja|trigger_en|timings|cells|provenance|source
1|住民の照会|Inquiry about a person|申請|a claim|immediate|01>02|proposed|本
2|異動|Changes|登録|registration|event batch|01>02|proposed|本
""".replace("|", "\t")

FAULTS = """\
id|ja|en|remedy_ja|remedy_en|status|timings|provenance|source
not-held|該当なし|Nothing is held|該当なしとして進める|Go on|404|immediate|proposed|本
value-not-valid|値の誤り|A value is wrong|直して送る|Correct it|422|event batch|proposed|本
""".replace("|", "\t")

PROVISIONS = """\
row|law|citation|asker_kind|asker_unit|procedure|holder_kind|information|items|since|until|\
conditions|years|persons|item_terms|provenance|source
P-1|台帳法|台帳法1条|municipality|02|JT99000000000201|own|TM99000000000001|01-1-002 01-1-004|\
2012-04-01||||||proposed|本
P-2|台帳法|台帳法2条|municipality|02|JT99000000000201|own|TM99000000000003|\
01-1-001 01-1-002 01-1-003|2012-04-01||||||proposed|本
P-3|税法|税法3条|municipality|01|JT99000000000101|own|TM99000000000002|02-1-002|\
2012-04-01|2029-03-31|consent own-use||||proposed|本
""".replace("|", "\t")

OWN_USE = """\
organisation|procedure|ordinance|notice|notified|since|until|provenance|source
131016|JT99000000000101|条例|届出1|2018-03-01|2018-04-01||proposed|本
""".replace("|", "\t")

TERMS = """\
definition|scheme|term|relation|provenance|source
person.name|IMI|ic:氏名|close|proposed|本
""".replace("|", "\t")

FILES = {
    "standard.yaml": STANDARD,
    "common.yaml": COMMON,
    "code_lists/common.tsv": VALUES,
    "code_lists/01.tsv": STATES,
    "code_mappings.tsv": PAIRS,
    "units/01.yaml": UNIT,
    "units/02.yaml": TAX,
    "items/01.tsv": ITEMS,
    "items/02.tsv": TAX_ITEMS,
    "flows.tsv": FLOWS,
    "faults.tsv": FAULTS,
    "provisions.tsv": PROVISIONS,
    "own_use.tsv": OWN_USE,
    "vocabulary.tsv": TERMS,
}


def write(folder: Path, file: str = "", old: str = "", new: str = "") -> Path:
    """Write the sound catalogue, with one text of one file replaced by another."""
    return write_files(folder, FILES, file, old, new)


def write_files(
    folder: Path, files: dict[str, str], file: str = "", old: str = "", new: str = ""
) -> Path:
    """Write files into a folder, with one text of one of them replaced by another."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        if name == file:
            assert old in text, f"nothing to spoil: {old}"
        path.write_text(text.replace(old, new, 1) if name == file else text, encoding="utf-8")
    return folder
