"""What the law room raises."""

from renkei.kit import NodeError


class ProvisionTableDefective(NodeError):
    """The provision table {file} is defective in line {line}: {defect}. Correct the line."""
