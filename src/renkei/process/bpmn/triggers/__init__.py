"""The kinds of event definitions, a file each. One is known here as soon as its file is there."""

from renkei.process.bpmn.kinds import kinds_in
from renkei.process.bpmn.trigger import Trigger

KINDS: dict[str, type[Trigger]] = {kind.tag: kind for kind in kinds_in(__name__, __path__, Trigger)}
"""Every kind, by its name in a file."""
