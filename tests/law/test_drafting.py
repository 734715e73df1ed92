"""What becomes law is written by one, reviewed by another, approved by a third, and still that."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import psycopg
import pytest
from tests.standard.folder import PROVISIONS, write

from renkei import kit, law
from renkei.law import drafting
from renkei.law.drafting import Content, Examined
from renkei.standard import compile_catalogue, read_compiled

A = kit.tenant("131016")
AT = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)
LINE = PROVISIONS.splitlines()[1].replace("2012-04-01\t", "2012-04-01\t2027-03-31", 1)
DRAFTER, SECOND = ("101", "law-drafter"), ("102", "law-drafter")
REVIEWER, APPROVER = ("201", "law-reviewer"), ("301", "law-approver")
ROLES = ("law-drafter", "law-reviewer", "law-approver")


@dataclass
class Room:
    """A draft over a small table, and the steps as somebody at a page would take them."""

    conn: kit.Connection
    folder: Path
    base: law.ProvisionTable
    number: int = 0
    overlays: tuple[Path, ...] = ()
    content: Content = field(init=False)

    def __post_init__(self) -> None:
        self.content = Content(
            scope="standard",
            title="終期を定める",
            reason="合成データの改正",
            since=date(2027, 4, 1),
            retroactive="",
            base=self.base.version,
            rows=LINE,
        )

    @property
    def draft(self) -> drafting.Draft:
        return drafting.draft_of(self.conn, A, self.number)

    def hand(self, who: tuple[str, ...], seen: int | None = None) -> drafting.Hand:
        official = law.Official(who[0], frozenset(who[1:]), frozenset({law.EVERY}))
        last = self.draft.last if seen is None and self.number else seen or 0
        return drafting.Hand(official, AT, last)

    def examined(self) -> Examined:
        return drafting.examine(self.draft.content, self.base, self.folder, self.overlays)

    def save(self, who=DRAFTER, seen=None, **changes) -> None:
        self.content = msgspec.structs.replace(self.content, **changes)
        self.number = drafting.save(
            self.conn, A, self.number or None, self.content, result="", hand=self.hand(who, seen)
        )

    def submit(self, who=DRAFTER) -> None:
        found = self.examined()
        drafting.keep_trial(self.conn, A, self.number, found, "{}", hand=self.hand(who))
        drafting.submit(self.conn, A, self.number, found, hand=self.hand(who), on=TODAY)

    def review(self, who=REVIEWER, **given) -> None:
        self._decide(drafting.review, who, given)

    def approve(self, who=APPROVER, **given) -> None:
        self._decide(drafting.approve, who, given)

    def _decide(self, verb, who, given) -> None:
        said = {"digest": self.draft.digest, "remarks": "", "on": TODAY} | given
        seen, found = said.pop("seen", None), said.pop("examined", None) or self.examined()
        verb(self.conn, A, self.number, found, hand=self.hand(who, seen), **said)

    def until(self, state: str) -> "Room":
        """Go as far as a state by the hands it takes."""
        self.save()
        for name, step in (
            ("drafted", None),
            ("submitted", self.submit),
            ("reviewed", self.review),
            ("approved", self.approve),
        ):
            if step:
                step()
            if name == state:
                return self
        raise AssertionError(state)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = write(tmp_path_factory.mktemp("small"))
    return folder, law.table_of(read_compiled(compile_catalogue(folder)))


@pytest.fixture
def room(conn, small) -> Room:
    return Room(conn, *small)


def test_a_draft_goes_by_three_pairs_of_hands_and_keeps_every_step(room):
    room.until("approved")
    steps = [(step.act, step.by) for step in room.draft.steps]
    assert [act for act, _ in steps] == ["save", "try", "submit", "review", "approve"]
    assert {by for _, by in steps} == {"101", "201", "301"}
    found = room.examined()
    assert drafting.enact(room.conn, A, 1, digest=found.digest, result=found.result, by="r", at=AT)
    assert room.draft.state == "enacted"


@pytest.mark.parametrize("who", ["101", " 101", "１０１", "prefecture/101"])
def test_whoever_wrote_a_draft_reviews_it_in_no_role_and_under_no_issuer(room, who):
    room.until("submitted")
    with pytest.raises(drafting.DraftOwn):
        room.review((who, *ROLES))
    with pytest.raises(drafting.DraftOwn):
        drafting.send_back(room.conn, A, 1, remarks="no", hand=room.hand((who, *ROLES)))


@pytest.mark.parametrize("who", ["101", "102", "Pref/102", "201", "house/201"])
def test_whoever_wrote_or_reviewed_a_draft_does_not_approve_it(room, who):
    room.save(SECOND)
    room.until("reviewed")
    with pytest.raises((drafting.DraftOwn, drafting.DraftReviewedBySame)):
        room.approve((who, *ROLES))
    room.approve()


@pytest.mark.parametrize(
    ("state", "step", "role"),
    [("submitted", "review", "law-approver"), ("reviewed", "approve", "law-reviewer")],
)
def test_a_step_is_taken_in_its_own_role_alone(room, state, step, role):
    room.until(state)
    with pytest.raises(drafting.DraftRoleMissing):
        getattr(room, step)(("999", role, "law-drafter", "approver", "oversight"))


@pytest.mark.parametrize("state", ["submitted", "reviewed", "approved"])
def test_any_edit_after_the_submission_voids_what_was_decided(room, state):
    room.until(state)
    before = room.draft.digest
    room.save(reason="別の理由")
    assert room.draft.state == "drafted"
    with pytest.raises(drafting.DraftStateWrong):
        room.approve(digest=before)
    with pytest.raises(drafting.DraftStateWrong):
        drafting.check_approved(room.draft, digest=before, result=room.examined().result)


def test_an_edit_that_is_taken_back_has_to_be_reviewed_again(room):
    room.until("reviewed")
    room.save(title="別の件名")
    room.save(title="終期を定める")
    room.submit()
    with pytest.raises(drafting.DraftStateWrong):
        room.approve()


def test_an_approval_form_sent_twice_or_too_late_is_no_approval(room):
    room.until("reviewed")
    seen = room.draft.last
    room.approve(seen=seen)
    with pytest.raises(drafting.DraftOvertaken):
        room.approve(("302", "law-approver"), seen=seen)


@pytest.mark.parametrize("step", ["review", "approve"])
def test_a_decision_names_the_content_that_was_read(room, step):
    room.until({"review": "submitted", "approve": "reviewed"}[step])
    with pytest.raises(drafting.DraftOtherContent):
        getattr(room, step)(digest="0" * 64)
    with pytest.raises(drafting.DraftOtherContent):
        getattr(room, step)(examined=replace(room.examined(), digest="0" * 64))


def test_a_draft_over_a_table_that_moved_is_written_and_reviewed_again(room):
    room.until("reviewed")
    moved = replace(room.examined(), base="f" * 64)
    with pytest.raises(drafting.DraftBaseMoved):
        room.approve(examined=moved)
    room.save(base="f" * 64)
    assert room.draft.state == "drafted"


def test_what_would_come_of_it_is_what_was_reviewed(room):
    room.until("reviewed")
    with pytest.raises(drafting.DraftOtherContent):
        room.approve(examined=replace(room.examined(), result="f" * 64))


def test_two_who_edit_at_once_do_not_overwrite_each_other(room):
    room.save()
    room.save(SECOND, seen=1, title="先に保存")
    with pytest.raises(drafting.DraftOvertaken):
        room.save(seen=1, title="後から保存")
    assert room.draft.content.title == "先に保存"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"rows": LINE.replace("01-1-004", "01-1-994")}, drafting.DraftDefective),
        ({"rows": PROVISIONS.splitlines()[1]}, drafting.DraftWithoutEffect),
        ({"reason": " "}, drafting.DraftFieldMissing),
        ({"since": date(2027, 4, 2)}, drafting.DraftEffectEarlier),
        ({"since": date(2026, 11, 23)}, drafting.DraftRetroactive),
    ],
)
def test_what_is_not_in_order_is_not_submitted(room, changes, error):
    room.save(**changes)
    found = room.examined()
    if error is not drafting.DraftDefective:
        drafting.keep_trial(room.conn, A, 1, found, "{}", hand=room.hand(DRAFTER))
    with pytest.raises(error):
        drafting.submit(room.conn, A, 1, found, hand=room.hand(DRAFTER), on=TODAY)


def test_retroactive_law_says_why_and_is_submitted(room):
    room.save(since=date(2026, 4, 1), retroactive="条例の附則による")
    room.submit()
    assert room.draft.state == "submitted"


def test_what_came_to_lie_in_the_past_before_the_approval_says_why(room):
    room.until("reviewed")
    with pytest.raises(drafting.DraftRetroactive):
        room.approve(on=date(2027, 4, 2))


def test_what_was_not_tried_as_it_stands_is_not_submitted(room):
    room.save()
    drafting.keep_trial(room.conn, A, 1, room.examined(), "{}", hand=room.hand(DRAFTER))
    room.save(title="試算の後の件名")
    with pytest.raises(drafting.DraftUntried):
        drafting.submit(room.conn, A, 1, room.examined(), hand=room.hand(DRAFTER), on=TODAY)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"title": " "}, drafting.DraftFieldMissing),
        ({"title": "あ" * 121}, drafting.DraftFieldTooLong),
        ({"rows": "x" * 30_001}, drafting.DraftFieldTooLong),
        ({"reason": "右から\u202e左"}, drafting.DraftFieldUnclean),
        ({"title": "空\0"}, drafting.DraftFieldUnclean),
        ({"rows": "half \ud800"}, drafting.DraftFieldUnclean),
    ],
)
def test_what_cannot_be_kept_is_told_by_its_field(room, changes, error):
    with pytest.raises(error) as raised:
        room.save(**changes)
    assert "law-field" not in raised.value.text("ja")
    assert raised.value.facts["field"] in changes


def test_a_rejected_or_withdrawn_draft_goes_no_further(room):
    room.until("reviewed")
    with pytest.raises(drafting.DraftFieldMissing):
        drafting.reject(room.conn, A, 1, remarks=" ", hand=room.hand(APPROVER))
    drafting.reject(room.conn, A, 1, remarks="根拠がない", hand=room.hand(APPROVER))
    for step in (room.save, room.submit, room.review, room.approve):
        with pytest.raises(drafting.DraftStateWrong):
            step()


def test_a_returned_draft_is_edited_before_it_is_submitted_again(room):
    room.until("submitted")
    drafting.send_back(room.conn, A, 1, remarks="期間を確かめること", hand=room.hand(REVIEWER))
    with pytest.raises(drafting.DraftStateWrong):
        room.submit()
    room.save(reason="期間を確かめた")
    room.submit()


def test_an_enactment_is_noted_once_and_only_of_what_was_approved(room):
    room.until("approved")
    found = room.examined()
    with pytest.raises(drafting.DraftOtherContent):
        drafting.enact(room.conn, A, 1, digest="0" * 64, result=found.result, by="r", at=AT)
    told = {"digest": found.digest, "result": found.result, "by": "r", "at": AT}
    assert [drafting.enact(room.conn, A, 1, **told) for _ in "12"] == [True, False]
    with pytest.raises(drafting.DraftStateWrong):
        room.save()


@pytest.mark.parametrize(
    ("act", "by"), [("review", "101"), ("approve", "x/101"), ("approve", "201"), ("review", "301")]
)
def test_a_history_of_fewer_than_three_persons_is_no_approval(room, act, by):
    draft, result = room.until("approved").draft, room.examined().result
    drafting.check_approved(draft, digest=draft.digest, result=result)
    steps = [replace(one, by=by) if one.act == act else one for one in draft.steps]
    with pytest.raises(drafting.FourEyesMissing):
        drafting.check_approved(replace(draft, steps=steps), digest=draft.digest, result=result)


FORGED = """
    INSERT INTO law_draft_step (tenant, draft, step, act, by_whom, person, at, saved, digest, base,
                                result, authors, review, reviewer)
    SELECT tenant, draft, 99, %s, person, person, at, saved, digest, base, result, %s, %s, %s
      FROM law_draft_step WHERE act = 'review'"""


@pytest.mark.parametrize(
    "forged",
    [
        ("review", ["201"], None, None),
        ("approve", ["101"], 4, "201"),
        ("approve", ["101"], None, None),
        ("approve", ["101"], 4, "999"),
        ("review", [], None, None),
    ],
)
def test_the_table_itself_refuses_one_person_in_two_places(room, forged):
    room.until("reviewed")
    with pytest.raises(psycopg.errors.IntegrityError):
        room.conn.execute(FORGED.encode(), forged)


@pytest.mark.parametrize(
    "deed", ["UPDATE law_draft_step SET act = act", "DELETE FROM law_draft_step"]
)
def test_a_step_is_neither_altered_nor_deleted(room, deed):
    room.save()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        room.conn.execute(deed.encode())


def test_another_town_sees_no_draft_of_ours(room, database):
    room.save()
    with database.transaction(kit.tenant("131024")) as conn:
        assert drafting.drafts(conn, kit.tenant("131024")) == []
    with pytest.raises(drafting.DraftUnknown):
        drafting.draft_of(room.conn, A, 2)
    assert [one.number for one in drafting.drafts(room.conn, A)] == [1]
