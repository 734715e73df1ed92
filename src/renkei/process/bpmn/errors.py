"""What this part of the room raises."""

from renkei import kit


class ProcessModelUnreadable(kit.NodeError):
    """The model {file} cannot be read: line {line}, column {column}: {reason}.

    Export it again as BPMN 2.0 XML.
    """

    status = 400


class ProcessModelTooLarge(kit.NodeError):
    """The model {file} is larger than {mebibytes} MiB. Split it by call activities."""

    status = 413


class ProcessModelUnfit(kit.NodeError):
    """The model {file} cannot run: {element}, line {line}: {reason}.

    `renkei process lint` lists everything.
    """

    status = 400


class CommandUnfit(kit.NodeError):
    """The case cannot take this command: {reason}. Look at where it stands now."""

    status = 409

    def __init__(self, why: str, **about: str | int) -> None:
        """Take why not, a code of the texts `unfit-…`, and what that text names."""
        self.why, self.about = why, about
        super().__init__(reason=kit.say(f"unfit-{why}", "en", **about))

    def text(self, language: kit.Language = "en") -> str:
        """Say the reason in the reader's language too."""
        if language == "en":
            return super().text()
        reason = kit.say(f"unfit-{self.why}", language, **self.about)
        return kit.say(self.code(), language, reason=reason)
