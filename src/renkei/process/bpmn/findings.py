"""What is wrong or doubtful in a model: where, and by which clause."""

import msgspec


class Finding(msgspec.Struct, frozen=True, order=True):
    """One finding. The clause names the rule, the place the element and its line in the file."""

    line: int
    element: str
    clause: str
    about: str = ""
