"""Anchors: other directories that our own one names, and for whom each of them may speak.

An anchor is part of our signed list. It says whose key signs the other list, where it is fetched,
and its scope: an instance, and in it certain organisations or all. What the other list says beyond
that is not looked at, and never does it speak for somebody our own list speaks for.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from renkei import audit, exchange, kit
from renkei.federation.errors import DirectoryOutside, DirectoryOverreaches, MembersMalformed
from renkei.federation.member import Member, fingerprint

MOST_ANCHORS = 64

_SOURCE = re.compile(r"https?://[\x21-\x3e\x40-\x7e]{1,1000}", re.ASCII)  # no query
_INSTANCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-]{0,31}", re.ASCII)


class Anchor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another directory: `organisations` names those it speaks for; none means all of `instance`.

    `authority` is the verifier key of whoever issues it, in the form of C2SP.
    """

    authority: str
    source: str
    instance: str
    organisations: tuple[str, ...] = ()

    @property
    def verifier(self) -> audit.Verifier:
        """Return the key its lists are believed by."""
        return audit.Verifier.parse(self.authority)

    @property
    def name(self) -> str:
        """Return what tells it from others: the id of its key, eight hexadecimal digits."""
        return self.authority.split("+")[1]

    @property
    def title(self) -> str:
        """Return what a person reads: whose instance, by whose key."""
        return f"{self.instance} ({self.name})"


def check(anchors: tuple[Anchor, ...], instance: str) -> None:
    """Refuse anchors that are malformed or of one key, and one that speaks for all of ours."""
    if len(anchors) > MOST_ANCHORS:
        raise MembersMalformed(defect=f"more than {MOST_ANCHORS} anchors")
    for anchor in anchors:
        try:
            name = anchor.verifier and anchor.name
        except kit.NodeError as error:
            raise MembersMalformed(defect=f"anchor: {error.code()}") from error
        parts = {
            "source": bool(_SOURCE.fullmatch(anchor.source)),
            "instance": bool(_INSTANCE.fullmatch(anchor.instance)),
            "organisations": len(set(anchor.organisations)) == len(anchor.organisations)
            and all(map(_is_number, anchor.organisations))
            and bool(anchor.organisations or anchor.instance != instance),
        }
        for part, is_well in parts.items():
            if not is_well:
                raise MembersMalformed(defect=f"anchor {name}: {part}")
    if len({anchor.name for anchor in anchors}) < len(anchors):
        raise MembersMalformed(defect="anchors: authority")


def _is_number(text: str) -> bool:
    try:
        kit.tenant(text)
    except kit.NodeError:
        return False
    return True


@dataclass(slots=True)
class Known:
    """What tells apart everybody who is known so far: numbers, certificates, signing keys."""

    numbers: dict[str, Member]
    fingerprints: dict[str, Member]
    keys: dict[str, Member]


def taken(
    anchor: Anchor, instance: str, members: Iterable[Member], known: Known
) -> tuple[Member, ...]:
    """Return whom a directory speaks for here: organisations in its scope that nobody else names.

    A list of another instance, and one that gives somebody else's certificate or key to an
    organisation of its scope, is refused whole.
    """
    if instance != anchor.instance:
        raise DirectoryOutside(directory=anchor.title, theirs=instance[:32], named=anchor.instance)
    found = tuple(
        member
        for member in members
        if member.kind == "organisation"
        and member.id not in known.numbers
        and (not anchor.organisations or member.id in anchor.organisations)
    )
    for member in found:
        for part, names, there in (
            ("certificate", map(fingerprint, member.all_certificates), known.fingerprints),
            ("signing key", map(_key_name, member.signing_keys), known.keys),
        ):
            _refuse_taken(anchor, member, part, names, there)
    return found


def _refuse_taken(
    anchor: Anchor, member: Member, part: str, names: Iterable[str], there: Mapping[str, Member]
) -> None:
    if any(name in there for name in names):
        raise DirectoryOverreaches(directory=anchor.title, member=member.id, part=part)


def _key_name(text: str) -> str:
    return exchange.key_name(exchange.public_key(text))
