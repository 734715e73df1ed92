"""Rotating our keys: new ones wait beside the present ones until the members list names them.

Which of two is used follows from the list in force. Named beside the old one, the new one is used
after a time in which every member had to read that list; named alone, at once. When the list has
dropped the old one, the new one takes its file.

Of the keys that open what is sealed to us the list names one alone, from the first row on. Both
open until every member had to read that list; then the new one takes the file.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

import msgspec

from renkei import exchange, federation, kit
from renkei.app.errors import KeysNotListed, KeysNotNext
from renkei.app.membership.keys import (
    NEXT_RELAY,
    NEXT_SIGN_IN,
    NEXT_SIGNING,
    NEXT_TLS,
    RELAY,
    SIGN_IN,
    SIGNING,
    TLS,
    Keys,
)
from renkei.app.settings import Settings
from renkei.federation import Credentials, Member, Members

SINCE = "rotation.json"


@dataclass(frozen=True, slots=True)
class _Pair:
    """A certificate or signing key and the one to follow it: their files and their names."""

    file: str
    next_file: str
    name: str
    next_name: str

    @property
    def is_open(self) -> bool:
        """Tell whether another one is to follow."""
        return self.name != self.next_name


@dataclass(frozen=True, slots=True)
class Rotation:
    """The keys of a site under the list in force."""

    keys: Keys
    since: Path
    settle: timedelta

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the rotation of a site."""
        keys = Keys(settings.keys, settings.tenant)
        return cls(keys, settings.state / SINCE, settings.directory_settle)

    def credentials(self, row: Member, *, at: datetime) -> Credentials:
        """Return what we prove ourselves with while the list says this of us."""
        named, since = _names(row), self._since()
        tls, signing = (
            pair.next_file if self._is_turn(pair, named, since, at) else pair.file
            for pair in self._pairs()
        )
        return self.keys.credentials(tls=tls, signing=signing)

    def begin(self, row: Member, *, at: datetime) -> Member:
        """Make new keys where none wait, and return our row with both; again: the same row."""
        for pair in self._pairs():
            self.keys.drop_copy(pair.next_file, of=pair.file)
        self.keys.drop_copy(NEXT_RELAY, of=RELAY)
        self.keys.drop_copy(NEXT_SIGN_IN, of=SIGN_IN)
        self.keys.make_next(at=at)
        return self._row(row, with_old=True)

    def finish(self, members: Members, row: Member) -> Member:
        """Return our row with the new keys alone, or raise why it is too early for it."""
        open_ = [pair for pair in self._pairs() if pair.is_open]
        if not open_:
            raise KeysNotNext(folder=str(self.keys.folder))
        if not {pair.next_name for pair in open_} <= _names(row):
            raise KeysNotListed(version=members.version)
        self._finish_sign_in()
        return self._row(row, with_old=False)

    def _finish_sign_in(self) -> None:
        """Let the next key vouch for our staff; it was published since the rotation began."""
        if (self.keys.folder / NEXT_SIGN_IN).exists():
            self.keys.copy(NEXT_SIGN_IN, SIGN_IN)
            self.keys.drop_copy(NEXT_SIGN_IN, of=SIGN_IN)

    def keep(self, row: Member, *, at: datetime) -> None:
        """Note since when a new one is named, and let it take the file of one that was dropped.

        The new one's own file goes a turn later: who just looked it up still finds it.
        """
        named, since = _names(row), self._since()
        noted: dict[str, datetime] = {}
        for pair in self._pairs():
            if not pair.is_open:
                self.keys.drop_copy(pair.next_file, of=pair.file)
            elif pair.next_name in named:
                noted[pair.next_name] = since.get(pair.next_name, at)
                if pair.name not in named:
                    self.keys.copy(pair.next_file, pair.file)
        noted |= self._keep_opening(row, since, at)
        if noted != since:
            self.since.write_bytes(msgspec.json.encode(noted))

    def _keep_opening(
        self, row: Member, since: dict[str, datetime], at: datetime
    ) -> dict[str, datetime]:
        """Let the next key that opens what is sealed take its file once all seal to it."""
        self.keys.drop_copy(NEXT_RELAY, of=RELAY)
        listed = self._listed_opening()
        if not (self.keys.folder / NEXT_RELAY).exists() or row.sealing_key != listed:
            return {}
        first = since.get(listed, at)
        if at - first >= self.settle:
            self.keys.copy(NEXT_RELAY, RELAY)
        return {listed: first}

    def _listed_opening(self) -> str:
        """Return what our row says of the key that opens what is sealed to us: the newest one."""
        if not (self.keys.folder / RELAY).exists():  # no node, or one that never ran since
            return ""
        return self.keys.opening()[-1].listed

    def _is_turn(
        self, pair: _Pair, named: set[str], since: dict[str, datetime], at: datetime
    ) -> bool:
        """Tell whether the new one is to be used."""
        if not pair.is_open or pair.next_name not in named:
            return False
        if pair.name not in named:
            return True
        return pair.next_name in since and at - since[pair.next_name] >= self.settle

    def _pairs(self) -> tuple[_Pair, _Pair]:
        now, following = self.keys.credentials(), self.keys.next_credentials()
        certificates = (federation.fingerprint(one.certificate) for one in (now, following))
        return (
            _Pair(TLS, NEXT_TLS, *certificates),
            _Pair(SIGNING, NEXT_SIGNING, now.signing.name, following.signing.name),
        )

    def _row(self, row: Member, *, with_old: bool) -> Member:
        now, following = self.keys.credentials(), self.keys.next_credentials()
        both = (now, following) if with_old else (following,)
        keys = (exchange.public_text(one.signing.public) for one in both)
        certificates = tuple(dict.fromkeys(one.certificate for one in both))
        row = msgspec.structs.replace(
            row,
            signing_keys=tuple(dict.fromkeys(keys)),
            sealing_key=self._listed_opening(),
        )
        nodes = tuple(
            msgspec.structs.replace(node, certificates=certificates)
            if {now.certificate, following.certificate} & set(node.certificates)
            else node
            for node in row.nodes
        )
        if nodes != row.nodes:  # this node shows certificates of its own
            return msgspec.structs.replace(row, nodes=nodes)
        return msgspec.structs.replace(row, certificates=certificates)

    def _since(self) -> dict[str, datetime]:
        """Read since when new ones are named; without the file they wait anew."""
        try:
            return kit.read_json(self.since.read_bytes(), dict[str, datetime])
        except (OSError, msgspec.DecodeError):
            return {}


def _names(row: Member) -> set[str]:
    """Return the fingerprints and names of keys the list names for us."""
    keys = (exchange.key_name(exchange.public_key(text)) for text in row.signing_keys)
    return {*map(federation.fingerprint, row.all_certificates), *keys}
