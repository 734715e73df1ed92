"""A task of a system."""

from renkei.process.bpmn.job import JobActivity


class ServiceTask(JobActivity):
    """It waits until a registered service has done it."""

    tag = "serviceTask"
    words = ("サービスタスク", "service task")
