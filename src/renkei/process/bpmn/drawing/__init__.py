"""A model as a picture (SVG), made here: no script runs where it is looked at, and it prints.

Words: *page* (one diagram of a file), *mark* (what is laid over an element: tokens, counts, time).
Promise: whatever a colour says, a form or a word says too; every element has its id and its name in
the picture, in the order of the flow.
"""

from renkei.process.bpmn.drawing.key import signs
from renkei.process.bpmn.drawing.marks import Mark
from renkei.process.bpmn.drawing.page import draw

__all__ = ["Mark", "draw", "signs"]
