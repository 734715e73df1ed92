"""What this room raises."""

from renkei.kit import Language, NodeError, say
from renkei.standard.findings import Finding


class CatalogueFaulty(NodeError):
    """The catalogue has {count} findings and was not used.

    Correct each and check again: {list}
    """

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        """Keep the findings in the order of their places."""
        self.findings = tuple(sorted(findings, key=lambda finding: finding.place))
        super().__init__(count=len(findings), list=self._list("en"))

    def text(self, language: Language = "en") -> str:
        """Return the count and every finding, each in the reader's language."""
        self.facts["list"] = self._list(language)
        return super().text(language)

    def _list(self, language: Language) -> str:
        return " / ".join(finding.text(language) for finding in self.findings)


class CompiledDamaged(NodeError):
    """The compiled catalogue cannot be read: {reason}. Compile it again from its folder."""


class DefinitionUnknown(NodeError):
    """The standard defines no {kind} named {name}. Check the name against the catalogue."""

    status = 404

    def text(self, language: Language = "en") -> str:
        """Name the kind of definition in the reader's language."""
        facts = {**self.facts, "kind": say(f"definition-{self.facts['kind']}", language)}
        if language == "en":
            return self.template().format_map(facts)
        return say(self.code(), language, **facts)


class ServiceNotInRelease(NodeError):
    """The release {release} of the standard has no service {service} that is asked this way.

    Write the question in a release that has it, with the header PF-Release; nothing was asked.
    """

    status = 400


class ItemNotInRelease(NodeError):
    """In the release {release} of the standard the service {service} does not carry {item}.

    Leave the item out of `items`, or ask who speaks a release that has it; nothing was asked.
    """

    status = 400


class ReleaseDamaged(NodeError):
    """The release file cannot be read: {reason}. Get it again from whoever issued it."""


class ReleaseUnsigned(NodeError):
    """No trusted key signed the release {edition} (signed by: {keys}).

    Check the keys you trust, or get the release from its issuer; it was not used.
    """


class NoticeMalformed(NodeError):
    """The notice is not as its interface has it: {defect}. Check it against its schema."""

    status = 400
