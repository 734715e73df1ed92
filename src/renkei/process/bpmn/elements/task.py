"""A task without a kind, and one done by hand: nothing here is to be done, so it is done."""

from renkei.process.bpmn.activity import Activity
from renkei.process.bpmn.shapes import Icon


class Task(Activity):
    """A step that only has a name."""

    tag = "task"
    words = ("タスク", "task")
    meaning = ("作業です", "a step")


class ManualTask(Activity):
    """A step outside of any system: noted, not waited for."""

    tag = "manualTask"
    words = ("手作業", "manual task")
    meaning = ("システムを使わない手作業です", "done by hand, without a system")
    icon = Icon(
        "M3 10L10.5 4C12 3 13.6 4.6 12.5 5.9L10 8.5H20C22 8.5 22 11.3 20 11.3H20.4"
        "C22.4 11.3 22.4 14.1 20.4 14.1H19.6C21.5 14.1 21.5 16.9 19.6 16.9H18.4"
        "C20 16.9 20 19.6 18 19.6H8C5 19.6 3 18 3 15.5Z",
        "M14 11.3H20M14 14.1H20M13.5 16.9H18.5",
    )
