"""Functions of the town hall's own work, added to those of the standard.

Words: *era* (元号), *fiscal year* (年度), *age reached* (到達年齢), *closed day* (閉庁日),
*unit* of rounding (端数処理), *household* (世帯). Their names and parameters are Japanese, as
the rules are. They are no part of the conformance library: who wants them asks for `DOMAIN`.
"""

from typing import Final

from renkei.process.feel.domain.ages import AGES
from renkei.process.feel.domain.eras import ERAS_FUNCTIONS, Era, eras
from renkei.process.feel.domain.fractions import FRACTIONS
from renkei.process.feel.domain.households import HOUSEHOLDS
from renkei.process.feel.domain.office_days import OFFICE_DAYS
from renkei.process.feel.domain.years import YEARS
from renkei.process.feel.functions.library import CONFORMANCE, Library

DOMAIN: Final[Library] = CONFORMANCE.and_more(
    [*ERAS_FUNCTIONS, *YEARS, *AGES, *FRACTIONS, *OFFICE_DAYS, *HOUSEHOLDS]
)

__all__ = ["DOMAIN", "Era", "eras"]
