"""Which bodies are kept is the settings' word; a key for them is made and looked after by hand."""

import asyncio
import json
import os
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.app.conftest import A, Run

from renkei import exchange, federation
from renkei.app.bodies.keeping import BodyKeeping
from renkei.app.bodies.place import BodyPlace
from renkei.app.bodies.plan import BodiesEntry, BodyPlan, PolicyEntry, body_plan
from renkei.app.bodies.sealed_body import BodyOf, key_id, sealed
from renkei.app.errors import BodyNotSealed
from renkei.app.membership.keys import read_custodian_key

KEY = federation.SealingKey.generate()
AT = datetime(2026, 11, 28, 1, 2, 3, tzinfo=UTC)
SERVICE = "JP/MUN/131024/31/shelters"
CLIENT = "JP/MUN/131016/15"


def plan_of(place: Path, *policies: PolicyEntry) -> BodyPlan:
    found = body_plan(BodiesEntry(policies, KEY.listed, str(place)), Path("/"), Path("/"))
    assert found is not None
    return found


def message() -> federation.Message:
    fields = (("x-road-client", CLIENT), ("x-road-id", "m-1"), ("pf-mode", "test"))
    envelope = exchange.envelope(fields, instance="JP")
    number = "68ed711c-1f0d-4443-b2ef-5b3429636b27"
    return federation.Message(number, "POST", envelope, exchange.service_call(f"/r1/{SERVICE}"))


@pytest.mark.parametrize(
    ("services", "clients", "fits"),
    [
        ((), (), True),
        ((SERVICE,), (), True),
        (("JP/MUN/131024/31",), (), True),
        (("JP/MUN/131024/3",), (), False),
        (("JP/MUN/131024/31/shelter",), (), False),
        ((f"{SERVICE}/x",), (), False),
        ((), ("JP/MUN/131016",), True),
        ((), ("JP/MUN/131016/17",), False),
        ((SERVICE,), ("JP/MUN/131016/17",), False),
    ],
)
def test_a_policy_fits_addresses_and_their_front_between_two_slashes(
    tmp_path, services, clients, fits
):
    plan = plan_of(tmp_path, PolicyEntry("p", 1, services, clients))
    assert (plan.policy(CLIENT, SERVICE, "answer") is not None) == fits


def test_the_first_policy_that_fits_counts_and_each_kind_has_its_own(tmp_path):
    first = PolicyEntry("first", 1, (SERVICE,), kinds=("answer",))
    plan = plan_of(tmp_path, first, PolicyEntry("second", 2))
    named = [plan.policy(CLIENT, SERVICE, kind) for kind in ("answer", "question")]
    assert [one and one.name for one in named] == ["first", "second"]
    assert named[0] is not None
    assert named[0].until(date(2026, 12, 31)) == date(2027, 1, 1)


@pytest.mark.clause("RK-9.13")
def test_without_room_for_an_answer_that_must_be_kept_the_question_does_not_go():
    keeping = BodyKeeping(A, plan_of(Path("/proc"), PolicyEntry("p", 1, kinds=("answer",))))
    with pytest.raises(BodyNotSealed, match="less than 64 MiB are free"):
        asyncio.run(keeping.question(message(), exchange.Body.of(b"x"), AT))


@pytest.mark.clause("RK-9.13")
def test_an_answer_that_must_be_kept_and_cannot_be_is_let_go_with_its_file(tmp_path):
    (tmp_path / "place").touch()
    keeping = BodyKeeping(A, plan_of(tmp_path / "place", PolicyEntry("p", 1)))
    file = tempfile.TemporaryFile(dir=tmp_path)  # noqa: SIM115  # its body closes it
    body = exchange.Body(9, b"", b"", file=file)
    passed = exchange.Passed(exchange.Answer(200, ()), body)
    with pytest.raises(BodyNotSealed):
        asyncio.run(keeping.answer(message(), passed, AT))
    assert file.closed


def test_what_is_kept_leaves_the_body_where_others_read_it(tmp_path):
    keeping = BodyKeeping(A, plan_of(tmp_path, PolicyEntry("p", 1)))
    with tempfile.TemporaryFile(dir=tmp_path) as file:
        file.write(b"what was sent")
        file.seek(4)
        body = exchange.Body(13, b"", b"", file=file)
        facts = asyncio.run(keeping.question(message(), body, AT))
        assert file.read() == b" was sent"
    assert facts["question_until"] == "2026-11-29"
    assert keeping.plan is not None
    assert len(list(BodyPlace(keeping.plan.place).all())) == 1


def test_a_site_without_policies_keeps_nothing(tmp_path):
    keeping = BodyKeeping(A, plan_of(tmp_path))
    assert asyncio.run(keeping.question(message(), exchange.Body.of(b"x"), AT)) == {}


def test_a_custodians_key_is_made_once_for_its_owner_alone(run: Run, tmp_path):
    file = tmp_path / "away" / "custodian.pem"
    made = run("keys", "custodian", file, "--json")
    said = json.loads(made.out)
    key = read_custodian_key(file)
    assert (said["seal_to"], said["key"]) == (key.listed, key_id(key.public))
    assert file.stat().st_mode & 0o777 == 0o600
    again = run("keys", "custodian", file)
    assert (again.code, again.err.startswith("file-exists")) == (1, True)
    assert read_custodian_key(file).public == key.public


def test_keys_that_still_open_something_are_shown_with_their_last_day(run: Run, founded):
    file = founded.settings
    text = f'[bodies]\nseal_to = "{KEY.listed}"\n[[bodies.keep]]\nname = "p"\ndays = 1\n'
    before = file.read_text(encoding="utf-8")
    file.write_text(before + text, encoding="utf-8")
    try:
        place = BodyPlace(file.parent / "state" / "bodies")
        other = federation.SealingKey.generate()
        for key, day in ((KEY, 1), (other, 2), (KEY, 3)):
            of = BodyOf(A, "r", "question")
            place.put(sealed([b"x"], of, key.public), date(2030, 1, day), key_id(key.public))
        shown = json.loads(run("bodies", "show", "-s", file, "--json").out)
        assert shown[key_id(KEY.public)[:16]] | {"bytes": 0} == {
            "bodies": 2,
            "bytes": 0,
            "until": "2030-01-03",
        }
        assert shown[key_id(other.public)[:16]]["until"] == "2030-01-02"
    finally:
        file.write_text(before, encoding="utf-8")


@pytest.mark.clause("RK-9.15")
@pytest.mark.parametrize("missing", ["--by", "--purpose", "--order"])
def test_sealed_bodies_leave_only_with_a_word_on_it(run: Run, tmp_path, missing):
    words = {"--by": "staff-7", "--purpose": "audit", "--order": "no. 12"} | {missing: ""}
    said = [part for pair in words.items() for part in pair]
    found = run("evidence", "r", "--bodies", *said, "-s", tmp_path / "none.toml")
    assert (found.code, found.err.startswith("release-incomplete")) == (1, True)
    assert missing in found.err


def test_what_is_no_evidence_is_not_opened(run: Run, tmp_path):
    (tmp_path / "e.zip").write_bytes(os.urandom(100))
    run("keys", "custodian", tmp_path / "k.pem")
    words = ("--key", tmp_path / "k.pem", "--authority", "x+00000000+AA==", "--out", tmp_path)
    found = run("bodies", "open", tmp_path / "e.zip", *words)
    assert (found.code, found.err.startswith("evidence-broken")) == (1, True)
