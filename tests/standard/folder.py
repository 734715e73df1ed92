"""A small sound catalogue in a folder, which a test spoils in one place."""

from pathlib import Path

STANDARD = """\
id: small
edition: "1"
ja: 小さな標準
en: a small standard
"""

CODE_LISTS = """\
- id: sex
  ja: 性別
  en: Sex
  provenance: verified
  source: 本
"""

VALUES = """\
list	value	ja	en	since	until	provenance	source
sex	1	男	male	2012-04-01		verified	本
sex	2	女	female	2012-04-01	2020-03-31	verified	本
"""

UNIT = """\
unit:
  id: "01"
  name: registry
  ja: 台帳
  en: Registry
  since: 2012-04-01
  provenance: proposed
  source: 本
functions:
  - {id: "1", ja: 照会, en: Inquiry}
  - {id: "1.1", ja: 回答, en: Answer, services: [person]}
entities:
  - name: person
    ja: 住民
    en: Person
    key: [number, year]
    subject: number
    provenance: proposed
    source: 本
interfaces:
  - service: person
    ja: 照会
    en: Inquiry
    method: GET
    path: "{year}"
    parameters: [{name: year, item: year}]
    entity: person
    items: [year, sex]
    consumers: ["01"]
    timing: immediate
    information: {code: TM99000000000001, ja: 情報, en: Inf, provenance: proposed, source: 本}
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
    asks: [01/person]
    since: 2012-04-01
    until: 2030-03-31
    provenance: proposed
    source: 本
"""

# Written with | for the tabs of the file, so that a reader sees them.
ITEMS = """\
id|name|ja|en|type|digits|required|code_list|handling|external_characters|provenance|source
01-1-001|number|番号|Number|register_number||yes||own_number|no|verified|本
01-1-002|year|年|Year|year||yes||personal|no|verified|本
01-1-003|name|氏名|Name|text|100|yes||personal|yes|verified|本
01-1-004|sex|性別|Sex|code||no|sex|personal|no|verified|本
""".replace("|", "\t")

FILES = {
    "standard.yaml": STANDARD,
    "code_lists.yaml": CODE_LISTS,
    "code_lists.tsv": VALUES,
    "units/01.yaml": UNIT,
    "items/person.tsv": ITEMS,
}


def write(folder: Path, file: str = "", old: str = "", new: str = "") -> Path:
    """Write the sound catalogue, with one text of one file replaced by another."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        if name == file:
            assert old in text, f"nothing to spoil: {old}"
        path.write_text(text.replace(old, new, 1) if name == file else text, encoding="utf-8")
    return folder
