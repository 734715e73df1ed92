"""The wording of 続柄: how a household member is related to the household head (§1.1.11).

At most four links, each of a closed list, are joined by の; a longer chain is written 縁故者.
Words such as 祖父 or 孫 are not in the list: they are written 父の父, 子の子. Brackets are the
narrow ones, as the standard's item values are exchanged.
"""

HEAD = "世帯主"
OTHERS = ("縁故者", "同居人")
LINKS = (
    "夫",
    "妻",
    "夫(未届)",
    "妻(未届)",
    "子",
    "子(子の夫)",
    "子(子の妻)",
    "父",
    "母",
    "兄",
    "姉",
    "弟",
    "妹",
)
MOST_LINKS = 4


def _pattern() -> str:
    links = "|".join(link.replace("(", r"\(").replace(")", r"\)") for link in LINKS)
    chain = f"(?:{links})(?:の(?:{links})){{0,{MOST_LINKS - 1}}}"
    return "|".join([HEAD, *OTHERS, chain])


RELATIONSHIP = _pattern()
