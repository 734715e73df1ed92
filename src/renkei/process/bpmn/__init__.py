"""Processes as models: reading BPMN 2.0, and running it as a pure function.

Words: *definition* (a model as it runs), *element* (what a token comes to), *case* (one run through
a process), *place* (where a token rests), *wait* (what a place waits for), *command*, *event*,
*effect*, *incident* (a token that cannot go on until a person looked).
Promise: `advance` gives the same for the same, touches nothing outside, and takes a command whole
or not at all. What a file holds beyond what runs is kept where it stood.
Trust: a model is data. Its formulas are FEEL, with limits; no text of a model is run as a program.
"""

from renkei.process.bpmn.advance import advance, catches, new_case, visible
from renkei.process.bpmn.awaiting import Awaited
from renkei.process.bpmn.case import Case, Kind, Place, Status, Variables, Wait
from renkei.process.bpmn.commands import (
    Bring,
    Cancel,
    Change,
    Choose,
    Command,
    Move,
    Resume,
    Skip,
    Start,
    Throw,
    Trouble,
)
from renkei.process.bpmn.document import Document
from renkei.process.bpmn.errors import (
    CommandUnfit,
    ProcessModelTooLarge,
    ProcessModelUnfit,
    ProcessModelUnreadable,
)
from renkei.process.bpmn.findings import Finding
from renkei.process.bpmn.happenings import (
    Closed,
    Effect,
    Ended,
    Event,
    Happened,
    Opened,
    Outcome,
    Sent,
)
from renkei.process.bpmn.model import Definition, Element, EventContainer, Process
from renkei.process.bpmn.reading import define, read

__all__ = [
    "Awaited",
    "Bring",
    "Cancel",
    "Case",
    "Change",
    "Choose",
    "Closed",
    "Command",
    "CommandUnfit",
    "Definition",
    "Document",
    "Effect",
    "Element",
    "Ended",
    "Event",
    "EventContainer",
    "Finding",
    "Happened",
    "Kind",
    "Move",
    "Opened",
    "Outcome",
    "Place",
    "Process",
    "ProcessModelTooLarge",
    "ProcessModelUnfit",
    "ProcessModelUnreadable",
    "Resume",
    "Sent",
    "Skip",
    "Start",
    "Status",
    "Throw",
    "Trouble",
    "Variables",
    "Wait",
    "advance",
    "catches",
    "define",
    "new_case",
    "read",
    "visible",
]
