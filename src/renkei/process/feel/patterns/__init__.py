"""Patterns as XPath has them, matched by a machine of our own that cannot run away.

Python's own matcher may take a time exponential in the text. Ours never enters the same state at
the same place twice, so its time is at most states times places; where a pattern refers back to
what it matched that does not hold, and there, as everywhere, every step is paid from the budget of
the evaluation.
"""

from renkei.process.feel.patterns.matching import Match, find, find_all
from renkei.process.feel.patterns.parsing import pattern
from renkei.process.feel.patterns.program import LONGEST_PROGRAM, Pattern, PatternMalformed

__all__ = ["LONGEST_PROGRAM", "Match", "Pattern", "PatternMalformed", "find", "find_all", "pattern"]
