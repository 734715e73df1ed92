"""The table `log_door` of the settings: where everybody may fetch the published log."""

from typing import Annotated

import msgspec


class LogDoorEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The table as written: host:port or nothing, and requests a second from one address."""

    at: str = ""
    rate: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 50
