"""Where things stand when a file does not say it: columns as it flows, rows by lane, lines at right angles.

Promise: the same model gets the same places, and nothing lies upon anything else.
"""

from renkei.process.bpmn.layout.pages import laid_out, lay_out

__all__ = ["laid_out", "lay_out"]
