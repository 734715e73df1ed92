"""The names DMN gives its versions, its types and its hit policies."""

from typing import Final

from renkei.process.decisions.model import Aggregator, HitPolicy

DMN: Final = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20151101/dmn11.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
FEEL: Final = (
    "https://www.omg.org/spec/DMN/20230324/FEEL/",
    "https://www.omg.org/spec/DMN/20211108/FEEL/",
    "https://www.omg.org/spec/DMN/20191111/FEEL/",
    "http://www.omg.org/spec/DMN/20180521/FEEL/",
    "http://www.omg.org/spec/FEEL/20140401",
    "feel",
)
_FEEL: Final = frozenset(name.rstrip("/").lower() for name in FEEL)
OURS: Final = "urn:renkei:decisions"
"""The namespace of what we add: `article`, the provision a rule or a decision rests on."""

POLICIES: Final[dict[str, HitPolicy]] = {
    "UNIQUE": "U",
    "ANY": "A",
    "PRIORITY": "P",
    "FIRST": "F",
    "RULE ORDER": "R",
    "OUTPUT ORDER": "O",
    "COLLECT": "C",
}
AGGREGATORS: Final[dict[str, Aggregator]] = {"SUM": "+", "MIN": "<", "MAX": ">", "COUNT": "#"}

ARTICLE_COLUMNS: Final = frozenset(
    ["根拠", "根拠条文", "根拠法令", "条文", "article", "articles", "basis", "legal basis"]
)
"""Names of annotation columns whose cells cite a provision."""


def tidy(name: str) -> str:
    r"""Return a name with single spaces.

    >>> tidy(" Monthly\n Income ")
    'Monthly Income'
    """
    return " ".join(name.split())


def is_feel(language: str) -> bool:
    """Tell whether a language is FEEL, however it is written.

    >>> is_feel("FEEL"), is_feel("http://www.omg.org/spec/FEEL/20140401/"), is_feel("juel")
    (True, True, False)
    """
    return "".join(language.split()).rstrip("/").lower() in _FEEL
