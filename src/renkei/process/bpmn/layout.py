from renkei.process.bpmn.diagram import Diagram
def lay_out(d): return []
