"""What is raised: the question did not happen, or nobody knows here whether it did."""


class ClientError(Exception):
    """The first of all errors of this package."""


class NodeUnreachable(ClientError):
    """No connection was made: the node heard nothing, the same question may be asked again."""


class ReplyLost(ClientError):
    """The question was sent and no reply came. It may have had its effect.

    `message` is its id: the node's log says how it ended. Ask anew under a new id.
    """

    def __init__(self, message: str) -> None:
        """Keep the id of the message."""
        super().__init__(f"no reply came to {message}")
        self.message = message


class ReplyMalformed(ClientError):
    """What came is no reply of a node: look who answers at this address."""


class NodeFault(ClientError):
    """The node says that it could not go on, in both languages; nothing was told.

    `code` is one of the node's errors, `kind` its type in the X-Road® message protocol; under the
    number `detail` the operators of the node find it.
    """

    def __init__(
        self, *, status: int, kind: str, code: str, message: str, message_ja: str, detail: str
    ) -> None:
        """Keep what the fault says."""
        super().__init__(f"{code}: {message}")
        self.status = status
        self.kind = kind
        self.code = code
        self.message = message
        self.message_ja = message_ja
        self.detail = detail
