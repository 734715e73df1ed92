"""What people read of a model, in Japanese and English: the texts of this part of the room."""

import re
from unicodedata import east_asian_width

from renkei import kit
from renkei.process.bpmn.model import Element

ROOM = "renkei.process.bpmn"
UNITS = {
    "date": (("Y", "years"), ("M", "months"), ("W", "weeks"), ("D", "days")),
    "time": (("H", "hours"), ("M", "minutes"), ("S", "seconds")),
}
_MARKED = re.compile(r"[$#]\{([^{}]*)\}")
_BREAK = re.compile(r"\s+")
_DURATION = re.compile(r"P(?=\d|T\d)([\dYMWD]*)(?:T([\dHMS.]+))?")
_CYCLE = re.compile(r"R(\d*)/(?:.*/)?(P[^/]+)")


def phrase(code: str, language: kit.Language, /, **facts: object) -> str:
    """Return a text with the facts filled in."""
    return kit.texts_of(ROOM)[code][language].format_map(facts)


def kind(element: Element, language: kit.Language) -> str:
    """Return what the kind of an element is called; of an event also what it is about."""
    own = element.words[language == "en"]
    about = [one.words[language == "en"] for one in getattr(element, "triggers", ())]
    return phrase("kind-about", language, kind=own, about=joined(about, language)) if about else own


def joined(parts: list[str], language: kit.Language) -> str:
    """Return parts as a list within a sentence."""
    return ("、" if language == "ja" else ", ").join(parts)


def formula(text: str) -> str:
    """Return a formula as people read it: without the signs that it is one.

    >>> formula("= amount > 1"), formula("${approver}")
    ('amount > 1', 'approver')
    """
    marked = _MARKED.fullmatch(text.strip())
    return flat(marked[1] if marked else text.strip().removeprefix("="))


def flat(text: str) -> str:
    r"""Return a text of several lines as one; Japanese has no blank where a line ended.

    >>> flat("申請書の\n受付"), flat("Scan\n  invoice")
    ('申請書の受付', 'Scan invoice')
    """
    return _BREAK.sub(_blank, text.strip())


def _blank(found: re.Match[str]) -> str:
    around = found.string[found.start() - 1], found.string[found.end()]
    is_broken = "\n" in found[0]
    return "" if is_broken and all(east_asian_width(one) in "WF" for one in around) else " "


def heading(element: Element, language: kit.Language, *, of: str = "") -> str:
    """Return what an element is and how it is called."""
    said = of or kind(element, language)
    name = flat(element.name)
    return phrase("heading", language, kind=said, name=name) if name else said


def called(element: Element, language: kit.Language) -> str:
    """Return how people call an element: where it has no name, by its kind and its id."""
    name = flat(element.name)
    return name or phrase("nameless", language, kind=kind(element, language), id=element.id)


def time(text: str, language: kit.Language) -> str:
    """Return a duration of ISO 8601, or one that comes again, in words; anything else as it is.

    >>> time("P1DT12H", "ja"), time("R3/PT10M", "en"), time("deadline", "en")
    ('1日12時間', 'every 10 minutes, 3 times', 'deadline')
    """
    words = formula(text).strip('"')
    if found := _CYCLE.fullmatch(words):
        every = time(found[2], language)
        return phrase("every-times" if found[1] else "every", language, every=every, times=found[1])
    found = _DURATION.fullmatch(words)
    if found is None:
        return words
    parts = []
    for units, said in zip(UNITS.values(), (found[1], found[2] or ""), strict=True):
        for letter, unit in units:
            if number := re.search(rf"([\d.]+){letter}", said):
                parts.append(_counted(number[1], unit, language))
    return ("" if language == "ja" else " ").join(parts)


def _counted(number: str, unit: str, language: kit.Language) -> str:
    code = f"{unit[:-1]}" if number == "1" else unit
    return phrase(code, language, number=number)
