"""What is wrong or doubtful in a model: where, and by which clause."""

import msgspec

Defect = tuple[str, str]
"""A clause, and what it is about: of an element that says itself what is wrong in it."""


class Finding(msgspec.Struct, frozen=True, order=True):
    """One finding. The clause names the rule, the place the element and its line in the file."""

    line: int
    element: str
    clause: str
    about: str = ""
