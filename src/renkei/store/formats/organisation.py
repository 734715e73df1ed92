"""The organisation a file says it comes from: in a comment, a member, its name."""

import re
from pathlib import PurePath

from renkei.kit import corporate_number_ok, organisation_code_ok

CODE = "[0-9]{13}|[0-9]{6}"
STATED = re.compile(rf"\s*団体(?:コード)?(?:\s*/[^:：]*)?\s*[:：]\s*({CODE})(?![0-9])")
NAMED = re.compile(rf"({CODE})(?![0-9])")
YEAR_AND_MONTH = re.compile("(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])")


def stated(comment: str) -> str | None:
    """Return the code that a comment states.

    >>> stated(" 団体コード: 131016"), stated(" 団体 / town: 131016 東京都千代田区")
    ('131016', '131016')
    """
    found = STATED.match(comment)
    return found[1] if found else None


def named(file: str) -> str | None:
    """Return the code that a file's name begins with; a year and a month is none.

    >>> named("131016_resident.csv"), named("202604_resident.csv"), named("resident.csv")
    ('131016', None, None)
    """
    found = NAMED.match(PurePath(file).name)
    if found is None or YEAR_AND_MONTH.fullmatch(found[1]):
        return None
    code = found[1]
    return code if organisation_code_ok(code) or corporate_number_ok(code) else None
