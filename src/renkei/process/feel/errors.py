"""What is raised when a text is no FEEL at all; what goes wrong later is a `Problem`, a value."""

from renkei.kit import NodeError


class FeelSyntaxError(NodeError):
    """Line {line}, column {column} of the expression is no FEEL: after it should stand {expected}.

    There stands {found}. Correct the text there.
    """

    status = 422

    def __init__(self, *, line: int, column: int, expected: str, found: str) -> None:
        """Say where reading stopped, what could stand there, and what stands there."""
        super().__init__(line=line, column=column, expected=expected, found=found)
        self.line = line
        self.column = column
        self.expected = expected


class FeelTextTooLong(NodeError):
    """The expression has {length} characters; {most} is the limit. Divide it into several."""

    status = 422


class FeelTextTooDeep(NodeError):
    """The expression nests deeper than {most} levels at line {line}, column {column}.

    Give parts of it a name of their own.
    """

    status = 422


class FeelValueUnreadable(NodeError):
    """This is no value of FEEL in its JSON form at {place}: {reason}."""

    status = 422


class FeelTextNotKept(NodeError):
    """The text at {place} holds a character that no database keeps: NUL, or half of a pair.

    Take it out.
    """

    status = 422


class FeelFunctionNotKept(NodeError):
    """The value at {place} is a function, which has no JSON form. Keep what it gives instead."""

    status = 422
