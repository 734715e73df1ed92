"""What the drafts raise. What is refused here has changed nothing."""

from renkei.kit import Language, NodeError, say


class DraftRefused(NodeError):
    """This was not done to the draft. Open it again, and read what it says now."""

    worded: tuple[tuple[str, str], ...] = ()  # facts that are words, and where their texts are

    def text(self, language: Language = "en") -> str:
        """Say the words in the reader's language."""
        words = {name: say(f"{code}-{self.facts[name]}", language) for name, code in self.worded}
        facts = {**self.facts, **words}
        if language == "en":
            return self.template().format_map(facts)
        return say(self.code(), language, **facts)


class DraftUnknown(NodeError):
    """No draft of the provision table has the number {draft} here. Look at the list of drafts."""

    status = 404


class DraftFieldMissing(DraftRefused):
    """The draft has no {field}. Write it, and save again."""

    status = 400
    worded = (("field", "law-field"),)


class DraftFieldTooLong(DraftRefused):
    """The {field} of the draft has {found} letters; {most} is the most. Shorten it, or part it."""

    status = 400
    worded = (("field", "law-field"),)


class DraftFieldUnclean(DraftRefused):
    """The {field} of the draft holds letters that cannot be seen. Write it anew, and save again."""

    status = 400
    worded = (("field", "law-field"),)


class DraftFileWrong(DraftRefused):
    """The file was not taken. Line {line}, letter {column}: {defect}{found}. Correct it there."""

    status = 400
    worded = (("defect", "law-file"),)


class DraftOvertaken(NodeError):
    """Somebody went on with draft {draft} after you opened it: it is at step {last}, not {seen}.

    Open it again, read what changed, and do what you wanted there. Nothing was done.
    """

    status = 409


class DraftStateWrong(DraftRefused):
    """Draft {draft} is {state}, so this cannot be done: {act}. Open it again."""

    status = 409
    worded = (("state", "law-state"), ("act", "law-act"))


class DraftOtherContent(NodeError):
    """Draft {draft} now says something else than what was decided on. Open it again and read it."""

    status = 409


class DraftBaseMoved(NodeError):
    """The table is now {found}; draft {draft} was written over {base}.

    Save it over the table of today, try it, and have it reviewed again.
    """

    status = 409


class DraftDefective(NodeError):
    """Draft {draft} has {count} findings. Correct each; they stand beside its rows."""

    status = 409


class DraftWithoutEffect(NodeError):
    """Draft {draft} changes nothing that is law on any day. Add rows to it, or withdraw it."""

    status = 409


class DraftEffectEarlier(NodeError):
    """Draft {draft} is to be in force from {since}, but one of its rows has effect from {first}.

    Correct the days of the row, or the day of the draft.
    """

    status = 409


class DraftRetroactive(NodeError):
    """Draft {draft} is to be in force from {since}, before {on}. Write why it must be so.

    Else name a later day.
    """

    status = 409


class DraftActUnknown(NodeError):
    """No step of a draft is called {act}. Open the draft again and press one of its buttons."""

    status = 400


class DraftUntried(NodeError):
    """Draft {draft} was not tried on the past as it now stands. Try it first."""

    status = 409


class FourEyesMissing(DraftRefused):
    """Somebody else has to do this to draft {draft}: {act}."""

    status = 403
    worded: tuple[tuple[str, str], ...] = (("act", "law-act"),)


class DraftRoleMissing(FourEyesMissing):
    """Only somebody with the role {role} may do this to draft {draft}: {act}."""

    worded = (("act", "law-act"), ("role", "staff"))


class DraftOwn(FourEyesMissing):
    """{by} wrote on draft {draft}, so somebody else has to do this: {act}."""


class DraftReviewedBySame(FourEyesMissing):
    """{by} reviewed draft {draft}, so somebody else has to do this: {act}."""


CANNOT_BE_SAVED = (DraftFieldMissing, DraftFieldTooLong, DraftFieldUnclean, DraftOvertaken)
"""After these, whoever writes still has what they wrote before them, and can go on."""
