"""Cases: the section of the console in which they are looked at."""

from collections.abc import Sequence

from starlette.routing import Route

from renkei.app.console.frame import Console, Section
from renkei.app.sign_in.staff import StaffRole

ROLES: frozenset[StaffRole] = frozenset({"operator", "officer"})


def routes(console: Console) -> Sequence[Route]:
    """Return the routes of the section. Only a site that has it loads what draws processes."""
    from renkei.app.console.case_pages import CasePages
    from renkei.app.console.partner_pages import PartnerPages

    pages, partners = CasePages(console), PartnerPages(console)
    return [
        console.route("/cases", pages.overview, ROLES),
        console.route("/cases/letters", partners.letters, ROLES),
        console.route("/cases/letters", partners.settle, ROLES, methods=("POST",)),
        console.route("/cases/public", partners.public, ROLES),
        console.route("/cases/public/{hash}", partners.picture, ROLES),
        console.route("/cases/of/{hash}", pages.definition, ROLES),
        console.route("/cases/{case}", pages.case, ROLES),
    ]


SECTION = Section("cases", ROLES, routes)
