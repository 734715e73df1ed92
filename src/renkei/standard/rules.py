"""How a value of each item type is written, in two forms: a predicate and a specification.

`is_valid` judges one value in Python. `pattern` and `checks` say the same for whoever validates
whole columns elsewhere: a pattern that must match the whole value, and the arithmetic a pattern
cannot do.
"""

from renkei.standard.compiled import catalogue
from renkei.standard.content import Catalogue
from renkei.standard.grammar import NUMBERS, Check, checks, is_written, pattern
from renkei.standard.model import Item

__all__ = ["NUMBERS", "Check", "checks", "is_valid", "pattern"]


def is_valid(item: Item, text: str, standard: Catalogue | None = None) -> bool:
    """Tell whether a text is a value of the item; an empty one is no value.

    Code values count whether retired or not: old records keep them. Without `standard` the code
    lists are those of the shipped catalogue.

    >>> from renkei.standard import catalogue
    >>> birth_date = catalogue().entity("resident").item("birth_date")
    >>> is_valid(birth_date, "1935-00-00"), is_valid(birth_date, "1935-13-01")
    (True, False)
    """
    if not text:
        return not item.required
    if not is_written(item, text):
        return False
    if item.code_list is None:
        return True
    return (standard or catalogue()).code_list(item.code_list).label(text) is not None
