"""What this package raises: a model that cannot be used, a question nobody can answer."""

from renkei.kit import NodeError


class ModelUnreadable(NodeError):
    """The file {file} cannot be read: {reason}. Check its name and its rights."""

    status = 400


class ModelTooLarge(NodeError):
    """The model {file} is too large: {found}, at most {most}. Divide it and import the parts."""

    status = 413


class ModelTooDeep(NodeError):
    """The model {file} is nested too deep at line {line}: at most {most} levels.

    Move inner expressions into decisions or knowledge models of their own.
    """

    status = 400


class ModelNotXml(NodeError):
    """The model {file} is no well-formed XML at line {line}. Save it again from its editor."""

    status = 400


class ModelDeclares(NodeError):
    """The model {file} declares a document type or entities, which are never read.

    Remove the DOCTYPE at its beginning.
    """

    status = 400


class ModelForeign(NodeError):
    """The file {file} begins with the element {element}, which is no DMN 1.1 to 1.5 model.

    A model begins with `definitions` of one of the namespaces: {known}.
    """

    status = 400


class ModelNameless(NodeError):
    """In {file}, line {line}, the element {element} has no attribute {attribute}. Give it one."""

    status = 400


class ModelNamedTwice(NodeError):
    """In {file}, line {line}, {name} names an element again that line {other} has already.

    Rename one of them: {element}.
    """

    status = 400


class ModelImportMissing(NodeError):
    """In {file}, line {line}, the model imports {namespace}, which none of the given files has.

    Put the imported file beside it, or name it with the command.
    """

    status = 400


class ModelImportCircle(NodeError):
    """The models import each other in a circle: {files}. Move what both need into a third."""

    status = 400


class DecisionUnknown(NodeError):
    """The model {file} has no decision or decision service named {name}. It has: {known}."""

    status = 404


class InputsMalformed(NodeError):
    """The inputs are no JSON object of names and values: {reason}. Correct them and ask again."""

    status = 400


class InputFixed(NodeError):
    """The book {book} has {name} as an amount of the day. Leave it out of the inputs."""

    status = 400


class BookMalformed(NodeError):
    """In {file}, line {line}, the book of decisions is not as it must be: {defect}. Correct it."""

    status = 400


class NothingInForce(NodeError):
    """The book {book} has no model in force on {day}; it knows {known}. Ask about another day."""

    status = 404


class InputUnknown(NodeError):
    """The model takes no input named {name}. It takes: {known}."""

    status = 400


class InputUnfit(NodeError):
    """The input {name} cannot be read; wanted is {wanted}. Correct it and ask again."""

    status = 400
