"""All issuers whose word on staff counts at one console: providers of the settings, and members."""

from collections.abc import Iterable
from datetime import datetime

from renkei import federation
from renkei.app.settings import Settings
from renkei.app.sign_in.issuer import Issuer
from renkei.app.sign_in.member_issuer import MemberIssuer, return_address
from renkei.app.sign_in.staff import Staff, Vouched
from renkei.app.sign_in.web_issuer import WebIssuer
from renkei.app.site import Site


def console_address(settings: Settings, desk: federation.Desk) -> str:
    """Return where browsers find our console: as the list has it, else the settings."""
    return desk.me.console or settings.sign_in.console


class Issuers:
    """The issuers of one site, by the list in force."""

    def __init__(self, site: Site, channel: federation.Channel | None) -> None:
        """Read what proves us at those of the settings; `channel` leads to the members."""
        self._site = site
        self._channel = channel
        self._plan = plan = site.settings.sign_in
        staff = site.settings.staff
        self._web = {
            name: WebIssuer.of(name, entry, plan.folder, staff)
            for name, entry in plan.issuers.items()
        }

    @property
    def redirect(self) -> str:
        """Return where browsers come back."""
        return return_address(console_address(self._site.settings, self._site.desk))

    def all(self, *, at: datetime) -> Iterable[Issuer]:
        """Return those who can be asked now."""
        found = (self.find(name, at=at) for name in (*self._web, *self._plan.members))
        return [one for one in found if one is not None]

    def find(self, name: str, *, at: datetime) -> Issuer | None:
        """Return an issuer by its name here; a member, as long as the list in force has it."""
        if name in self._web:
            return self._web[name]
        desk, roles = self._site.desk, self._plan.members.get(name)
        if roles is None or self._channel is None or at >= desk.members.valid_until:
            return None
        member = next((one for one in desk.members.of_kind("organisation") if one.id == name), None)
        if member is None or not member.console or member.id == desk.tenant:
            return None
        client = desk.members.address(desk.tenant).render()
        return MemberIssuer(member, client, roles, self._channel, desk.mode)

    def staff(self, vouched: Vouched, *, at: datetime) -> Staff | None:
        """Return who somebody is here for whom an issuer vouched, or None: nobody any more."""
        issuer = self.find(vouched.issuer, at=at)
        return None if issuer is None else issuer.staff(vouched)
