"""Functions that search a text by a pattern: matches, replace, split."""

import re
from typing import Final

from renkei.process.feel.functions.signature import function
from renkei.process.feel.patterns import (
    LONGEST_PROGRAM,
    Match,
    Pattern,
    PatternMalformed,
    find,
    find_all,
    pattern,
)
from renkei.process.feel.running import Refused, Run
from renkei.process.feel.values import Value

_REFERENCE = re.compile(r"\\([\\$])|\$(\d+)|([\\$])", re.ASCII)


def _pattern(run: Run, text: str, flags: str | None) -> Pattern | Refused:
    try:
        found = pattern(text, flags or "")
    except PatternMalformed:
        run.spend(LONGEST_PROGRAM // 2)
        return Refused("feel-pattern-malformed")
    run.spend(len(found.steps) // 2)
    return found


def matches(run: Run, text: str, sought: str, flags: str | None) -> Value | Refused:
    """Say whether a pattern is found anywhere in a text."""
    found = _pattern(run, sought, flags)
    return found if isinstance(found, Refused) else find(run, found, text) is not None


def _dividing(run: Run, sought: str, flags: str | None) -> Pattern | Refused:
    """Return a pattern that cannot match nothing, as XPath wants it where a text is divided."""
    found = _pattern(run, sought, flags)
    if isinstance(found, Pattern) and find(run, found, "") is not None:
        return Refused("feel-pattern-empty")
    return found


def replace(
    run: Run, text: str, sought: str, replacement: str, flags: str | None
) -> Value | Refused:
    """Return a text with each match replaced; $1 stands for the first group."""
    found = _dividing(run, sought, flags)
    if isinstance(found, Refused):
        return found
    quoted = "q" in (flags or "")
    if not quoted and any(m[3] for m in _REFERENCE.finditer(replacement)):
        return Refused("feel-replacement-malformed")
    made: list[str] = []
    size = at = 0
    for match in find_all(run, found, text):
        said = replacement if quoted else _filled(replacement, match, text, found.groups)
        made += [text[at : match[0]], said]
        size += len(said)
        run.check_text(size)
        at = match[1] or 0
    return "".join([*made, text[at:]])


def _filled(replacement: str, match: Match, text: str, groups: int) -> str:
    def one(reference: re.Match[str]) -> str:
        if reference[1]:
            return str(reference[1])
        digits, rest = str(reference[2]), ""
        while len(digits) > 1 and int(digits) > groups:
            digits, rest = digits[:-1], digits[-1] + rest
        number = int(digits)
        if number > groups or match[2 * number] is None:
            return rest
        return text[match[2 * number] : match[2 * number + 1]] + rest

    return _REFERENCE.sub(one, replacement)


def split(run: Run, text: str, delimiter: str) -> Value | Refused:
    """Return what stands between the matches of a pattern."""
    found = _dividing(run, delimiter, None)
    if isinstance(found, Refused):
        return found
    made: list[Value] = []
    at = 0
    for match in find_all(run, found, text):
        made.append(text[at : match[0]])
        at = match[1] or 0
    return [*made, text[at:]]


SEARCHES: Final = [
    function("matches", ("input: string, pattern: string, flags?: string?", matches)),
    function(
        "replace",
        ("input: string, pattern: string, replacement: string, flags?: string?", replace),
    ),
    function("split", ("string: string, delimiter: string", split)),
]
