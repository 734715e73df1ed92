"""The release after the shipped one, as a copy of its folder with a few edits.

Against the shipped `2026.2` it calls the item `total_income` otherwise, means something else by the
values of `taxation`, has one more item of an income, lets a name be asked for, and so has another
table of provisions. The Japanese headers of files are the same.
"""

import re
import shutil
from functools import cache
from pathlib import Path

from renkei.standard import Catalogue, compile_catalogue, read_compiled, shipped_folder

NEXT = "2026.3"
RESIDENT = "TM99000000000001"
LINES = {
    "items/06-individual-municipal-tax.tsv": (
        "income|06-1-890|regional_tax|地域税額|Regional tax|number||no||ordinary|no|"
        "|||proposed|試験"
    ),
    "provisions.tsv": (
        "T-1|番号法|試験|municipality|15|JT99000000001501|municipality|"
        f"{RESIDENT}|01-1-004 01-1-007|2012-04-01||||||proposed|試験"
    ),
}
MEANINGS = {
    "非課税": "所得割・均等割なし",
    "均等割のみ": "均等割あり",
    "課税": "所得割あり",
    "未申告": "申告なし",
}
EDITS = (
    ("standard.yaml", 'edition: "2026.2"', f'edition: "{NEXT}"'),
    *(
        ("code_lists/common.tsv", f"taxation\t{value}\t{ja}\t", f"taxation\t{value}\t{later}\t")
        for value, (ja, later) in enumerate(MEANINGS.items(), 1)
    ),
    (
        "units/06-individual-municipal-tax.yaml",
        "      - total_income\n",
        "      - total_income\n      - regional_tax\n",
    ),
    (
        "units/01-resident-registry.yaml",
        "items: [birth_date, sex, relationship, resident_status]",
        "items: [name, birth_date, sex, relationship, resident_status]",
    ),
    ("provisions.tsv", f"{RESIDENT}\t01-1-007", f"{RESIDENT}\t01-1-004 01-1-007"),
    ("provisions.tsv", "06-1-003 06-1-013 06-1-022", "06-1-003 06-1-890 06-1-013 06-1-022"),
)


def write_next(folder: Path) -> Path:
    """Write the next release into a folder."""
    shutil.copytree(str(shipped_folder()), folder, dirs_exist_ok=True)
    for name, old, new in EDITS:
        _edit(folder / name, lambda text, old=old, new=new: text.replace(old, new))
    for name, line in LINES.items():
        _edit(folder / name, lambda text, line=line: text + line.replace("|", "\t") + "\n")
    rename(folder)
    return folder


def rename(folder: Path) -> None:
    """Call the item and the value otherwise wherever a file of a folder names them."""
    for file in (*folder.rglob("*.[ty]*"), *folder.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        for ja, later in MEANINGS.items():
            text = text.replace(f'taxation["{ja}"]', f'taxation["{later}"]')
        file.write_text(re.sub(r"\btotal_income\b", "sum_of_income", text), encoding="utf-8")


def _edit(file: Path, edited) -> None:
    before = file.read_text(encoding="utf-8")
    after = edited(before)
    assert after != before, file
    file.write_text(after, encoding="utf-8")


@cache
def next_release(folder: Path) -> Catalogue:
    """Return the next release, made once in a folder."""
    return read_compiled(compile_catalogue(write_next(folder)))
