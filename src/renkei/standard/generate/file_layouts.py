"""The CSV layouts of an interface's files: many questions in one file, their answers in another."""

from dataclasses import dataclass

from renkei.standard.content import Catalogue
from renkei.standard.generate.values import carried_items, key_items
from renkei.standard.linkage import Interface
from renkei.standard.model import Item

MESSAGE, CONSENT = "電文番号", "同意番号"
ENDING = {
    MESSAGE: "電文番号。要求で空欄なら、ファイルの番号と行の順番から作られたもの",
    "結果": "answered、not-held、refused、subject-unknown、code-not-issued、failed",
    "理由": "拒否の理由かエラーのコード",
    "照会番号": "照会の番号",
    "回答団体": "答えた団体の番号",
    "根拠": "根拠表の行",
    "根拠表": "根拠表の版",
    "受領証": "記録機関の受領証",
    "提供記録": "提供元のアクセス記録のハッシュ",
}
"""The columns that say how a question ended, before what was asked and what was answered."""
ASKED = "照会_"
"""What the headers of the repeated question begin with: an item may be asked by and answered."""
NOTE = (
    "この参照モデルは公式の標準仕様ではありません。"
    "文字コードUTF-8かWindows-31J、改行LFかCR LF、区切りはコンマ、見出しは1行、空欄は値なしです。"
)


@dataclass(frozen=True, slots=True)
class FileLayout:
    """The columns of an interface's files, as header lines hold them."""

    keys: tuple[Item, ...]
    carried: tuple[Item, ...]

    @property
    def question(self) -> tuple[str, ...]:
        """Return the header of a file of questions."""
        return MESSAGE, CONSENT, *(item.ja for item in self.keys)

    @property
    def answer(self) -> tuple[str, ...]:
        """Return the header of a file of answers."""
        asked = (f"{ASKED}{item.ja}" for item in self.keys)
        return *ENDING, *asked, *(item.ja for item in self.carried)


def file_layout(interface: Interface, standard: Catalogue) -> FileLayout:
    """Return the columns of an interface's files.

    >>> from renkei.standard import catalogue
    >>> file_layout(catalogue().interface("06", "income"), catalogue()).question
    ('電文番号', '同意番号', '宛名番号', '課税年度')
    """
    return FileLayout(key_items(interface, standard), carried_items(interface, standard))


def file_markdown(interface: Interface, standard: Catalogue) -> str:
    """Return both layouts of an interface as Markdown tables in Japanese."""
    layout = file_layout(interface, standard)
    own = {MESSAGE: "空欄でもよい", CONSENT: "本人の同意の番号。根拠が求めるとき"}
    asked = own | {item.ja: _said(item) for item in layout.keys}
    told = ENDING | {f"{ASKED}{item.ja}": _said(item) for item in layout.keys}
    told |= {item.ja: _said(item) for item in layout.carried}
    parts = [f"# {interface.ja} `{interface.name}` ファイル連携", NOTE]
    for title, columns in (("要求", asked), ("回答", told)):
        rows = (f"| {n} | {name} | {columns[name]} |" for n, name in enumerate(columns, 1))
        parts.append("\n".join((f"## {title}\n", "| 列 | 見出し | 内容 |", "|--:|---|---|", *rows)))
    return "\n\n".join(parts) + "\n"


def _said(item: Item) -> str:
    return f"{item.id} `{item.name}` {item.type.value}"
