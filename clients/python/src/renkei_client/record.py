"""What the generated records share: they are read from the object a node sends."""

from collections.abc import Mapping
from dataclasses import fields
from typing import ClassVar, Self, TypeAlias

Value: TypeAlias = str | int | None


class Record:
    """The items of one interface. What was not asked for, or has no value, is None."""

    __slots__ = ()

    UNIT: ClassVar[str]
    SERVICE: ClassVar[str]
    PARAMETERS: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def read(cls, record: Mapping[str, Value]) -> Self:
        """Return the record an object of a node is; items of a later edition are passed over."""
        known = {one.name for one in fields(cls)}  # type: ignore[arg-type]  # each is a dataclass
        return cls(**{name: value for name, value in record.items() if name in known})
