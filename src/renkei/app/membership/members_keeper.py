"""The keeper of the members list: fetches newer ones, puts them in force, and rotates our keys.

What comes is nothing before its signature, form, version and dates are right; what is not, is said,
and the list in force stays. Nothing comes into force without its entry.
"""

import logging
import time
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256

from renkei import kit
from renkei.app.errors import ListNotTaken
from renkei.app.keeping.turns import EndingThread
from renkei.app.membership import expiry, foreign_lists, list_in_force
from renkei.app.membership.members_source import fetch
from renkei.app.membership.rotation import Rotation
from renkei.app.site import Site, now
from renkei.federation import Anchor, Credentials, Desk

log = logging.getLogger("renkei.app")

AGAIN_SECONDS = 5.0
"""When a turn follows one in which something failed, if the rhythm is slower than that."""


class MembersKeeper(EndingThread):
    """One thread a site. What fails is tried again at the next turn, which then comes soon."""

    def __init__(self, site: Site) -> None:
        """Take the site; `start` begins, with a look at the source."""
        super().__init__("members keeper")
        self._site = site
        self._every = site.settings.directory_every.total_seconds()
        self._rotation = Rotation.of(site.settings)
        self._tag = self._seen = ""
        self._tags: dict[tuple[int, Anchor], str] = {}
        self._said: str | None = None
        self._warned: date | None = None

    def run(self) -> None:
        """Take turns until told to finish."""
        while True:
            started = time.monotonic()
            every = self._every if self.turn(now()) else min(self._every, AGAIN_SECONDS)
            if self._ending.wait(max(0.0, every - (time.monotonic() - started))):
                return

    def turn(self, at: datetime) -> bool:
        """Fetch, judge, put in force; then look at our keys, and at what nears its end.

        Return whether every list could be had.
        """
        try:
            self._renew(at)
            self._site.membership.members.check(at)
            self._trouble(None, at)
        except kit.NodeError as error:
            self._trouble(error, at)
        except Exception as error:  # a database that breaks off, a full disk: tried again
            log.exception("the members list could not be renewed")
            self._trouble(ListNotTaken(reason=type(error).__name__), at)
        are_foreign_had = self._renew_foreign(at)
        try:
            self._rotate(at)
        except (OSError, kit.NodeError):
            log.exception("our keys could not be looked at")
        self._warn(at)
        return are_foreign_had and self._site.membership.trouble is None

    def _renew(self, at: datetime) -> None:
        settings, before = self._site.settings, self._site.membership.members
        fetched = fetch(settings.list_source, self._tag)
        if fetched is None:
            return
        digest = sha256(fetched.text).hexdigest()
        if digest != self._seen:
            desk = list_in_force.judge(settings, fetched.text, before, at=at)
            if desk.members.version != before.version:
                self._put_in_force(desk, fetched.text, at)
        self._tag, self._seen = fetched.tag, digest

    def _renew_foreign(self, at: datetime) -> bool:
        """Look for newer lists of the directories our own names; each fails by itself alone.

        Return whether each could be had.
        """
        site = self._site
        own, troubles = site.membership.members, dict[str, kit.NodeError]()
        fresh: list[foreign_lists.Fetched] = []
        for anchor in own.anchors if site.settings.role == "node" else ():
            known = own.version, anchor  # another list of ours may judge it otherwise
            try:
                tag = self._tags.get(known, "")
                looked = foreign_lists.look(site.settings, own, anchor, at=at, tag=tag)
            except kit.NodeError as error:
                troubles[anchor.title] = error
                continue
            if looked.newer is not None:
                fresh.append(looked.newer)
            else:  # one that is still to be kept is asked for again
                self._tags[known] = looked.tag
        before = {title: one.code() for title, one in site.membership.troubles.items()}
        for title, trouble in troubles.items():
            if before.get(title) != trouble.code():
                log.error("the directory %s: %s: %s", title, trouble.code(), trouble)
        site.membership.troubles = troubles
        try:
            if fresh:
                self._join(fresh, at)
        except Exception:  # a database that breaks off, a full disk: tried again
            log.exception("lists of other directories could not be taken")
            return False
        return not troubles

    def _join(self, fresh: list[foreign_lists.Fetched], at: datetime) -> None:
        """Enter lists of other directories, keep them, and let everybody go by them."""
        site, desk = self._site, self._site.membership.desk
        with site.database.transaction(desk.tenant) as conn:
            for found in fresh:
                foreign_lists.enter(conn, desk, found, at=at)
        for found in fresh:
            foreign_lists.keep_list(site.settings, found)
            log.info("list %d of %s is in force", found.members.version, found.anchor.title)
        members = foreign_lists.joined(site.settings, desk.members.alone, fresh)
        site.membership.change(replace(desk, members=members), site.membership.credentials)

    def _put_in_force(self, desk: Desk, text: bytes, at: datetime) -> None:
        """Enter a list, keep it, and let everybody go by it; a crash between begins anew."""
        site, before = self._site, self._site.membership.members
        with site.database.transaction(desk.tenant) as conn:
            list_in_force.enter(conn, desk, before, at=at)
        list_in_force.keep(site.settings, text)
        site.membership.change(desk, self._rotation.credentials(desk.me, at=at))
        log.info("members list %d is in force", desk.members.version)

    def _rotate(self, at: datetime) -> None:
        """Use new keys as soon as the list in force and the time allow it."""
        membership = self._site.membership
        self._rotation.keep(membership.desk.me, at=at)
        credentials = self._rotation.credentials(membership.desk.me, at=at)
        if _known(credentials) != _known(membership.credentials):
            membership.change(membership.desk, credentials)
            log.info("we prove ourselves with %s", credentials.tls_file.name)

    def _trouble(self, error: kit.NodeError | None, at: datetime) -> None:
        """Remember why no list can be had, and say it once; without a valid list, always."""
        self._site.membership.trouble = error
        said = None if error is None else f"{error.code()}: {error}"
        is_expired = at >= self._site.membership.members.valid_until
        if said is not None and (said != self._said or is_expired):
            log.error("%s", said)
        elif said is None and self._said is not None:
            log.info("the members list can be had again")
        self._said = said

    def _warn(self, at: datetime) -> None:
        """Say once a day what nears its end."""
        if self._warned != kit.day_of(at):
            self._warned = kit.day_of(at)
            membership = self._site.membership
            expiry.say(expiry.expiries(membership.members, membership.credentials, at=at))


def _known(credentials: Credentials) -> tuple[str, str, str]:
    """Return what tells credentials apart."""
    return credentials.certificate, credentials.signing.name, credentials.tls_file.name
