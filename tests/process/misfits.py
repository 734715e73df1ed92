"""Models that do not fit their public process: an example of the manual with one thing changed."""

from tests.process.towns import EXAMPLES, NEW, OLD

from renkei.process import bpmn

MISFITS = {
    "inquiry-incomplete": (NEW, 'subject="= 宛名番号"', ""),
    "letter-without-part": (NEW, "plays", "played"),
    "collaboration-unknown": (NEW, '"child-allowance-move"', '"child-allowance"'),
    "part-unknown": (NEW, 'participant="new_town"', 'participant="town"'),
    "letter-not-ours": (NEW, 'id="message-1" name="転入の知らせ"', 'id="message-1" name="転出"'),
    "letter-elsewhere": (OLD, '<p:letter to="new_town"/>', '<p:letter to="old_town"/>'),
    "letter-thrown": (NEW, '<p:letter to="old_town"/>', ""),
    "letter-not-for-us": (OLD, 'name="取下げ">', 'name="受理">'),
    "letter-of-nobody": (NEW, 'name="却下">', 'name="不受理">'),
    "letter-not-awaited": (NEW, 'name="却下">', 'name="受理">'),
    "question-missing": (NEW, ' to="old_town" result', " result"),
}
"""By clause: which example, what stands there, and what instead."""


def misfit(clause: str) -> bpmn.Definition:
    """Return the model that one clause finds wrong."""
    name, before, after = MISFITS[clause]
    text = (EXAMPLES / f"{name}.bpmn").read_text(encoding="utf-8")
    assert before in text, clause
    return bpmn.read(text.replace(before, after).encode(), f"{name}.bpmn")
