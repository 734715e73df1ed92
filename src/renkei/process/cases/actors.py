"""Who gives commands, as events name them: `staff:NUMBER`, `unit:NUMBER`, a body, `clock` …"""

from renkei.law import drafting


def person_of(actor: str) -> str:
    """Return what tells one member of staff from another, by whichever account.

    >>> person_of("staff:1002") == person_of("staff:prefecture/1002")
    True
    """
    return drafting.person_of(actor.removeprefix("staff:"))
