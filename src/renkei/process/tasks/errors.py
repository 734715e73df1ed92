"""What work on tasks raises."""

from renkei import kit


class TaskNotOpen(kit.NodeError):
    """There is no open task {task} here. It may be done already: look at its case."""

    status = 404


class TaskNotOffered(kit.NodeError):
    """This task is for {who}, and you are not among them. Ask one of them, or who assigns it."""

    status = 403


class TaskClaimed(kit.NodeError):
    """Somebody else does this task, since {since}. They can release it, or hand it to you."""

    status = 409


class TaskUnclaimed(kit.NodeError):
    """Nobody does this task yet, so that there is nothing to give back."""

    status = 409


class DelegateUnfit(kit.NodeError):
    """Say to whom: a person as staff:NUMBER, or the name of a group."""

    status = 400


class SecondLookOwn(kit.NodeError):
    """You entered this yourself. A second person must look at it (four eyes)."""

    status = 403


class SecondLookAwaited(kit.NodeError):
    """This was entered on {since}, and waits for a second person to confirm it or send it back."""

    status = 409


class NothingToConfirm(kit.NodeError):
    """Nobody has entered anything yet that could be confirmed or sent back."""

    status = 409


class RemarkUnfit(kit.NodeError):
    """A text of 1 to {most} characters is wanted here, without control characters."""

    status = 400


class FormUnfit(kit.NodeError):
    """What was entered does not fit the form in {count} places, first: {field}: {reason}."""

    status = 400


class AttachmentTooLarge(kit.NodeError):
    """A file may have {mebibytes} MiB at most. Make it smaller, or split it."""

    status = 413


class AttachmentsTooMany(kit.NodeError):
    """A case may have {most} files at most. Erase what is not needed any more."""

    status = 409


class AttachmentUnfit(kit.NodeError):
    """This is no file of a kind that is kept here. Kept are: {kinds}."""

    status = 415


class AttachmentNameUnfit(kit.NodeError):
    """The name of the file has nothing in it that could be shown. Give it another name."""

    status = 400


class EraseNotYours(kit.NodeError):
    """Somebody else put this here. They can erase it, or whoever runs the site."""

    status = 403


class RemarkUnknown(kit.NodeError):
    """There is no such comment or file here. It may have been erased."""

    status = 404
