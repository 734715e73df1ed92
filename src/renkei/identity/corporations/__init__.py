"""The public register of corporate numbers (法人番号): assigned, changed, closed, merged; searched.

Words: *corporation* (法人等), *basics* (商号又は名称, 所在地, and how the name is read), *event*
(what happened to a number, on which day). The number, the name and the address are public by law;
nothing else is kept.
Promise: a number is assigned once and means one corporation for ever; what stood before stays.
"""

from renkei.identity.corporations.corporation import (
    Basics,
    Closing,
    Corporation,
    Event,
    EventKind,
)
from renkei.identity.corporations.register import (
    assign,
    change,
    close,
    events,
    merge,
    registered,
    reopen,
)
from renkei.identity.corporations.searching import Page, Sought, search

__all__ = [
    "Basics",
    "Closing",
    "Corporation",
    "Event",
    "EventKind",
    "Page",
    "Sought",
    "assign",
    "change",
    "close",
    "events",
    "merge",
    "registered",
    "reopen",
    "search",
]
