"""A keeper of the cases of a site, for the turns that a test takes."""

from contextlib import closing

from renkei.app.processes import case_desk
from renkei.app.processes.case_keeper import CaseKeeper


def keeping(settings, database, clock) -> closing[CaseKeeper]:
    trusted = case_desk.signer_of(settings).verifier
    return closing(CaseKeeper(database, settings.tenant, clock, trusted=trusted))
