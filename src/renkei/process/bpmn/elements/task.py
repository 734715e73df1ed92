"""A task without a kind, and one done by hand: nothing here is to be done, so it is done."""

from renkei.process.bpmn.activity import Activity


class Task(Activity):
    """A step that only has a name."""

    tag = "task"
    words = ("タスク", "task")


class ManualTask(Activity):
    """A step outside of any system: noted, not waited for."""

    tag = "manualTask"
    words = ("手作業", "manual task")
