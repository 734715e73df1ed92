"""What is wrong or doubtful in a model, before anybody runs it.

Words: *clause* (a rule, with what to do), *severity*, *search* (every way a case can take).
Promise: the same model has the same findings; a model too large to be searched says so.
"""

from renkei.process.bpmn.linting.clauses import Clause, Severity, clause, clauses, told
from renkei.process.bpmn.linting.linter import lint

__all__ = ["Clause", "Severity", "clause", "clauses", "lint", "told"]
