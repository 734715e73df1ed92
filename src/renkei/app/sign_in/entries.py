"""The entry of a sign-in by single sign-on: who vouched for whom, to whom, and what came of it.

It holds the staff number, as every entry of a look at the console does, and no name.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from renkei import audit
from renkei.app.site import Site

Outcome = Literal["signed-in", "vouched", "refused"]
LONGEST = 200  # characters of a fact


def sign_in_entry(
    site: Site, outcome: Outcome, asker: str, holder: str, facts: Mapping[str, str], *, at: datetime
) -> audit.Entry:
    """Return the entry: `asker` is whose staff signs in, `holder` whose console it is."""
    return audit.Entry(
        kind=audit.Kind.SIGN_IN,
        request=f"sign-in/{uuid.uuid4()}",
        at=at,
        asker=asker,
        holder=holder,
        procedure="",
        outcome=outcome,
        mode=audit.Mode(site.settings.mode),
        details={name: text[:LONGEST] for name, text in facts.items() if text},
    )
