"""Cases: the section of the console in which they are looked at, and helped on."""

from collections.abc import Sequence

from starlette.routing import Route

from renkei.app.console.frame import Console, Section
from renkei.app.sign_in.staff import StaffRole

ROLES: frozenset[StaffRole] = frozenset({"operator", "officer", "approver"})


def routes(console: Console) -> Sequence[Route]:
    """Return the routes of the section. Only a site that has it loads what draws processes."""
    from renkei.app.console.case_acts import CaseActs
    from renkei.app.console.case_definitions import DefinitionPages
    from renkei.app.console.case_pages import CasePages
    from renkei.app.console.case_proposals import ProposalPages
    from renkei.app.console.case_statistics import CaseStatistics
    from renkei.app.console.case_trials import CaseTrials
    from renkei.app.console.case_values import CaseValues
    from renkei.app.console.partner_pages import PartnerPages
    from renkei.process.cases import Library

    library = Library([console.site.signer.verifier])
    pages, partners = CasePages(console, library), PartnerPages(console)
    return [
        console.route("/cases", pages.overview, ROLES),
        console.route("/cases.csv", pages.as_csv, ROLES),
        console.route("/cases/letters", partners.letters, ROLES),
        console.route("/cases/letters", partners.settle, ROLES, methods=("POST",)),
        console.route("/cases/public", partners.public, ROLES),
        console.route("/cases/public/{hash}", partners.picture, ROLES),
        *DefinitionPages(console, library).routes(),
        *CaseStatistics(console, library).routes(),
        *CaseTrials(console, library).routes(),
        *ProposalPages(console, library).routes(),
        *CaseValues(console, library).routes(),
        *CaseActs(console, library).routes(),
        console.route("/cases/{case}", pages.case, ROLES),
    ]


SECTION = Section("cases", ROLES, routes)
