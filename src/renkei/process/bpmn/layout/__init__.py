"""Where things stand when a file does not say it: in columns as it flows, in rows by lane.

Promise: the same model gets the same places, and nothing lies upon anything else.
"""

from renkei.process.bpmn.layout.pages import laid_out, lay_out

__all__ = ["laid_out", "lay_out"]
