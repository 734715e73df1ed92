"""Systems behind the nodes of a sandbox, for messages that are passed on.

docs/protocol/messages.md says how. They stand in a block of their own at the end of a site's
settings, written anew at each start.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from renkei.app.demo.ecosystem import MODE, A, B, Ecosystem, Part, reopened
from renkei.app.errors import ProviderMalformed
from renkei.app.settings import parse_settings
from renkei.federation import Members

BLOCK = "\n# --- sandbox: systems of this start / この起動の提供システム ---\n"
CALLER = "15"
"""The unit of the partner that calls the vendor's system."""


@dataclass(frozen=True, slots=True)
class Systems:
    """Which services answer behind the partner and behind the vendor's node, and where."""

    partner: Mapping[str, str]
    own: Mapping[str, str]

    def register(self, eco: Ecosystem, members: Members, units: Sequence[str]) -> Ecosystem:
        """Write them into the settings of both nodes, each with rights for the other side."""
        ours, theirs = (members.address(part.tenant).render() for part in (A, B))
        _write(eco, B, self.partner, [f"{ours}/{unit}" for unit in units])
        _write(eco, A, self.own, [f"{theirs}/{CALLER}"])
        return reopened(eco.folder, eco.tokens)

    def curls(self, eco: Ecosystem, members: Members, units: Sequence[str]) -> dict[str, str]:
        """Return a line for curl for each: the vendor calls the partner's, the partner his."""
        calls = {name: _curl(eco, members, A, units[0], B, name) for name in self.partner}
        return calls | {name: _curl(eco, members, B, CALLER, A, name) for name in self.own}


def parse_provider(text: str) -> tuple[str, str]:
    """Read `31/shelters=http://127.0.0.1:9000`.

    >>> parse_provider("31/shelters=http://127.0.0.1:9000/x")
    ('31/shelters', 'http://127.0.0.1:9000/x')
    """
    service, _, url = text.partition("=")
    if "/" not in service or not url:
        raise ProviderMalformed(given=text[:120])
    return service, url


def _write(eco: Ecosystem, part: Part, systems: Mapping[str, str], clients: Sequence[str]) -> None:
    file = eco.file(part)
    text = file.read_text(encoding="utf-8").partition(BLOCK)[0]
    if systems:
        text += BLOCK
    for service, url in systems.items():
        text += f"[services.{json.dumps(service)}]\nurl = {json.dumps(url)}\n"
        text += "".join(f'rights.{json.dumps(client)} = ["* /**"]\n' for client in clients)
    parse_settings(text.encode(), file)  # what could not be read later is not written now
    file.write_text(text, encoding="utf-8")


def _curl(
    eco: Ecosystem, members: Members, asker: Part, unit: str, holder: Part, service: str
) -> str:
    file = shlex.quote(str((eco.folder / "tokens" / asker.name / unit).resolve()))
    target = f"/r1/{members.address(holder.tenant).render()}/{service}"
    return " \\\n  ".join(
        (
            f'curl -sS -u "{unit}:$(cat {file})"',
            f"-H 'X-Road-Client: {members.address(asker.tenant).render()}/{unit}'",
            f"-H 'PF-Mode: {MODE}'",
            shlex.quote(eco.staff(asker) + target),
        )
    )
