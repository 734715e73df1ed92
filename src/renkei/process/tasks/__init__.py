"""People's tasks: to whom they are offered, who does them, by when, and what they wrote.

Words: *task* (タスク), *doer* (who does something with one), *offer* (to whom it is offered),
*four eyes* (二人での確認), *ladder* (督促・引上げ), *form* (様式), *remark* (コメント),
*attachment* (添付).
Promise: one person does a task at a time; under four eyes two different persons agree before its
case goes on; each step of a ladder is done once; what is done with a task is in the history of its
case, by whom and why.
Trust: who somebody is, and of which groups, is known above, and told as a `Doer`.
"""

from renkei.process.tasks.attachments import Attachment, attach, attachments, content_of
from renkei.process.tasks.climbing import climb
from renkei.process.tasks.errors import (
    AttachmentNameUnfit,
    AttachmentsTooMany,
    AttachmentTooLarge,
    AttachmentUnfit,
    DelegateUnfit,
    EraseNotYours,
    FormUnfit,
    NothingToConfirm,
    RemarkUnfit,
    RemarkUnknown,
    SecondLookAwaited,
    SecondLookOwn,
    TaskClaimed,
    TaskNotOffered,
    TaskNotOpen,
    TaskUnclaimed,
)
from renkei.process.tasks.finishing import complete, confirm, send_back
from renkei.process.tasks.forms import Form, Judged, Wrong, form_of
from renkei.process.tasks.handing import claim, delegate, postpone, release
from renkei.process.tasks.lists import COUNTED, MOST, Count, Line, Listed, Look, counts, tasks
from renkei.process.tasks.remarks import Remark, comment, comments, erase
from renkei.process.tasks.task import Doer, Offer, Ref, State, Task, task_of, tasks_of

__all__ = [
    "COUNTED",
    "MOST",
    "Attachment",
    "AttachmentNameUnfit",
    "AttachmentTooLarge",
    "AttachmentUnfit",
    "AttachmentsTooMany",
    "Count",
    "DelegateUnfit",
    "Doer",
    "EraseNotYours",
    "Form",
    "FormUnfit",
    "Judged",
    "Line",
    "Listed",
    "Look",
    "NothingToConfirm",
    "Offer",
    "Ref",
    "Remark",
    "RemarkUnfit",
    "RemarkUnknown",
    "SecondLookAwaited",
    "SecondLookOwn",
    "State",
    "Task",
    "TaskClaimed",
    "TaskNotOffered",
    "TaskNotOpen",
    "TaskUnclaimed",
    "Wrong",
    "attach",
    "attachments",
    "claim",
    "climb",
    "comment",
    "comments",
    "complete",
    "confirm",
    "content_of",
    "counts",
    "delegate",
    "erase",
    "form_of",
    "postpone",
    "release",
    "send_back",
    "task_of",
    "tasks",
    "tasks_of",
]
