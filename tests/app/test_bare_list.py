"""A citizen verifies the list a portal gave, without its zip, by keys got from somewhere else."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.app.parties import KEY, OTHER_KEY, Parties, codes, exchanged
from tests.audit.years import Years, label, moment
from tests.federation.desks import H1, A, B, L, log_signer
from typer.testing import CliRunner

from renkei import audit, kit
from renkei.app.cli import app
from renkei.app.proofs import offline_verifier
from renkei.app.proofs.offline_verifier import LARGEST_ARCHIVE, Report, Unreadable

LOG = str(log_signer(A).verifier)
OTHER_LOG = str(log_signer(B).verifier)
WITNESS = audit.Cosigner("w.example", audit.Algorithm.ED25519, bytes(32))

EVE, MIDNIGHT = moment("2026-12-31 23:59"), moment("2027-01-01 00:00")
MINUTE = "2026-12-31T14:59:00.000Z"  # the eve, as an epoch says it
OLD, NEW = label(EVE), label(MIDNIGHT)


@pytest.fixture(scope="module")
def parties(tmp_path_factory, database) -> Parties:
    return exchanged(tmp_path_factory.mktemp("bare"), database)


@pytest.fixture(scope="module")
def years(parties: Parties) -> Years:
    """Give a log that is mapped, and in which a person has two entries of 2026."""
    return begun(parties, A)


def begun(parties: Parties, tenant: kit.Tenant) -> Years:
    years = Years(parties.database, tenant, log_signer(tenant))
    years.deed("one", EVE)
    years.deed("two", EVE)
    years.turn(EVE)
    return years


def turn(years: Years) -> Years:
    """Enter something in the new year, which then has a tree, and no epoch yet."""
    years.deed("three", MIDNIGHT)
    with years.database.transaction(years.tenant) as conn:
        audit.sequence(conn, years.tenant, years.signer, at=MIDNIGHT)
    return years


@pytest.fixture(scope="module")
def listed(years: Years) -> bytes:
    return years.bundle(OLD)


@pytest.fixture(scope="module")
def turned(years: Years, listed: bytes) -> Years:
    """Give the same log in the first minute of 2027."""
    assert listed
    return turn(years)


def judged(data: bytes, *, keys: Iterable[str] = (LOG,), **known: Any) -> Report:
    return offline_verifier.verify([("list.json", data)], keys=list(keys), **known)


def refused(data: bytes, **known: Any) -> str:
    with pytest.raises(Unreadable) as caught:
        judged(data, **known)
    assert caught.value.said.text("ja") != caught.value.said.text("en")
    return caught.value.said.code


def lying(data: bytes, change: Callable[[Any], object]) -> bytes:
    wire = json.loads(data)
    change(wire)
    return kit.canonical(wire)


# By whose key -----------------------------------------------------------------------------------


@pytest.mark.clause("RK-51.1")
def test_a_list_alone_is_proven_complete_by_the_key_of_its_log(listed):
    report = judged(listed)
    assert (report.broken, report.verdict) == ([], "proven")
    assert codes(report.proven) == {"checkpoint", "epoch", "list-complete"}
    assert report.listed == [(log_signer(A).name, MINUTE, 2, 0)]


@pytest.mark.clause("RK-51.1")
def test_by_the_members_list_and_its_authority_the_house_is_named(parties, listed):
    report = judged(
        listed, keys=[], authorities=[KEY], lists=[("members.json", parties.desks.text)]
    )
    assert (report.broken, report.verdict) == ([], "proven")
    (said,) = (one.text("en") for one in report.proven if one.code == "list-complete")
    assert f"({A})" in said


@pytest.mark.clause("RK-51.1")
def test_a_policy_that_names_the_log_brings_its_key(listed):
    policy = f"log {LOG}\nquorum none\n".encode()
    report = judged(listed, keys=[], policy=policy)
    assert (report.broken, report.verdict) == ([], "proven")
    assert "witnessed" not in codes(report.proven)
    other = f"log {OTHER_LOG}\nquorum none\n".encode()
    assert codes(judged(listed, keys=[], policy=other).broken) == {"owner-unknown"}
    with_key = audit.Policy.of(
        log_signer(A).verifier, [audit.PolicyWitness(WITNESS.key.name, WITNESS.key)]
    )
    assert codes(judged(listed, policy=with_key.render().encode()).broken) == {"unwitnessed"}


@pytest.mark.clause("RK-51.1")
def test_renkei_verify_takes_the_key_from_a_members_list_or_a_policy_too(parties, listed, tmp_path):
    file, members, policy = (tmp_path / name for name in ("list.json", "members.json", "policy"))
    file.write_bytes(listed)
    members.write_bytes(parties.desks.text)
    policy.write_text(f"log {LOG}\nquorum none\n")

    def said(*words: object) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["verify", str(file), *map(str, words)])
        code = done.exception.code() if isinstance(done.exception, kit.NodeError) else ""
        return done.exit_code, code

    for words in (("--key", LOG), ("--members", members, "--authority", KEY), ("--policy", policy)):
        assert said(*words) == (0, ""), words
    assert said("--members", members, "--authority", OTHER_KEY) == (1, "members-unsigned")
    assert said("--members", members) == (1, "trusted-key-missing")
    assert said() == (1, "trusted-key-missing")
    assert said("--key", OTHER_LOG) == (1, "key-unknown")


@pytest.mark.clause("RK-51.1")
def test_without_a_key_nothing_is_called_proven_and_the_key_to_compare_is_said(listed):
    report = judged(listed, keys=[])
    assert (report.broken, report.verdict) == ([], "reserved")
    (said,) = (one for one in report.unproven if one.code == "key-not-given")
    assert LOG in said.text("ja")


@pytest.mark.clause("RK-51.1")
def test_the_key_of_another_log_is_not_believed(parties, listed):
    assert codes(judged(listed, keys=[OTHER_LOG]).broken) == {"owner-unknown"}
    forged = str(audit.Signer.from_seed(log_signer(A).name, bytes(32)).verifier)
    assert codes(judged(listed, keys=[forged]).broken) == {"owner-unknown"}
    as_if = lying(listed, lambda w: w.update(vkey=forged))
    assert codes(judged(as_if, keys=[forged]).broken) == {"checkpoint-forged"}
    zipped = parties.pack(A)
    one = offline_verifier.verify([("a.zip", zipped)], keys=[OTHER_LOG])
    assert codes(one.broken) == {"owner-unknown"}
    assert offline_verifier.verify([("a.zip", zipped)], keys=[LOG]).broken == []


@pytest.mark.clause("RK-51.1")
def test_a_members_list_is_believed_of_its_authority_alone(parties, listed):
    named = [("members.json", parties.desks.text)]
    assert refused(listed, lists=named) == "authority-wanted"
    report = judged(listed, authorities=[OTHER_KEY], lists=named)
    assert codes(report.broken) == {"members-forged"}
    assert refused(listed, authorities=["x"], lists=named) == "key-malformed"
    assert refused(listed, keys=["x"]) == "log-key-malformed"
    broken = [("members.json", parties.desks.text[:-9])]
    assert refused(listed, authorities=[KEY], lists=broken) == "part-malformed"


def test_the_entries_of_one_request_are_verified_alone_too(parties, years):
    data = years.bundle(request=parties.request)
    named = [("members.json", parties.desks.text)]
    report = judged(data, keys=[], authorities=[KEY], lists=named)
    assert (report.broken, report.verdict) == ([], "proven")
    assert {"question-signed", "receipt"} <= codes(report.proven)
    by_key = judged(data)  # whose signatures the messages bear, a log's key does not tell
    assert (by_key.broken, by_key.verdict) == ([], "reserved")


# What is damaged --------------------------------------------------------------------------------


@pytest.mark.clause("RK-51.1")
def test_a_file_that_was_saved_anew_is_said_to_be_that(listed):
    wire = json.loads(listed)
    again = [listed + b"\n", b"\xef\xbb\xbf" + listed, json.dumps(wire, indent=1).encode()]
    assert {refused(data) for data in again} == {"not-as-given"}


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"{",
        b'{"format":"renkei-bundle/v9","vkey":"a"}',
        b'{"format":["renkei-bundle/v1"],"vkey":"a"}',
        b'{"format":"renkei-bundle/v2","vkey":7}',
        b'{"format":"c2sp.org/tlog-proof@v1","index":1}',
        b'{"a":' * 50_000,
        b'{"a":1,"a":2}',
        b"example.com/log/testdata\n2\nT1X2GdkhUjV3iyufF9b0kVsWFxIU0VI4EpNml2Teci4=\n",
    ],
)
def test_a_foreign_file_is_refused(data):
    assert refused(data) == "not-a-bundle"


def test_a_members_list_given_as_the_list_is_refused(parties):
    assert refused(parties.desks.text) == "not-a-bundle"


def test_an_oversized_file_is_refused_unread(listed, tmp_path):
    assert refused(b"{" + bytes(32 << 20)) == "file-too-large"
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate(LARGEST_ARCHIVE + 1)
    assert offline_verifier.main([str(tmp_path / "huge.json"), "--key", LOG]) == 2


PLACES, OTHERS = st.integers(0, 2**30), st.integers(1, 255)


def regions(data: bytes) -> dict[str, tuple[int, int]]:
    """Return where each member of the file begins and ends, its name included."""
    wire, found = json.loads(data), {}
    for name, value in wire.items():
        text = kit.canonical({name: value})[1:-1]
        at = data.index(text)
        found[name] = (at, at + len(text))
    return found


def is_noticed(data: bytes) -> bool:
    try:
        return judged(data).verdict == "broken"
    except Unreadable as error:
        return bool(error.said.text("ja") and error.said.text("en"))


@settings(max_examples=150)
@given(st.data(), PLACES, OTHERS)
def test_no_byte_in_any_region_of_a_list_can_be_changed_unnoticed(listed, drawn, place, other):
    start, end = regions(listed)[drawn.draw(st.sampled_from(sorted(regions(listed))))]
    text = bytearray(listed)
    text[start + place % (end - start)] ^= other
    assert is_noticed(bytes(text))


@settings(max_examples=100)
@given(st.data(), PLACES, OTHERS)
def test_no_byte_in_any_region_of_a_list_over_two_years_can_be_changed_unnoticed(
    turned, drawn, place, other
):
    data = turned.bundle(OLD, NEW)
    start, end = regions(data)[drawn.draw(st.sampled_from(sorted(regions(data))))]
    text = bytearray(data)
    text[start + place % (end - start)] ^= other
    assert is_noticed(bytes(text))


@settings(max_examples=60)
@given(PLACES)
def test_a_list_cut_short_anywhere_is_refused(listed, place):
    assert is_noticed(listed[: place % len(listed)])


def test_the_first_broken_link_is_said_with_its_place(listed):
    report = judged(lying(listed, lambda w: w["entries"].pop(0)))
    assert report.broken[0].text("en").endswith("does not continue its chain.")
    assert "記録" in report.broken[0].text("ja")


HARM: list[Callable[[Any], object]] = [
    lambda w: w["chains"][0]["map"].update(head=None, stranger={"head": "A" * 43, "path": "?"}),
    lambda w: w["chains"][0]["map"]["head"].update(last=-1),
    lambda w: w["chains"].append(w["chains"][0]),
    lambda w: w["chains"].append(7),
    lambda w: w["chains"][0].update(count=-1),
    lambda w: w["map"]["epoch"].update(input_size="2"),
    lambda w: w["map"].update(consistency=[1]),
    lambda w: w["map"].update(more=1),
    lambda w: w["entries"][0].update(proof=["A"]),
    lambda w: w.update(vkey="a+b+c"),
]


@pytest.mark.parametrize("change", HARM)
def test_a_list_made_to_harm_is_refused(listed, change):
    assert refused(lying(listed, change)) == "part-malformed"
    assert refused(lying(listed, change), keys=[]) == "part-malformed"


# The turn of the year ---------------------------------------------------------------------------


@pytest.mark.clause("RK-51.2", "RK-51.3")
def test_in_the_first_minute_of_a_year_a_list_is_complete_as_of_the_last_epoch(turned):
    report = judged(turned.bundle(OLD, NEW))
    assert (report.broken, report.verdict) == ([], "proven")
    assert report.listed == [(turned.signer.name, MINUTE, 2, 1)]
    (said,) = (one.text("en") for one in report.unproven if one.code == "list-unmapped")
    assert f"{turned.signer.name}/2027 has no epoch yet" in said
    assert "but its 1 is" in said


@pytest.mark.clause("RK-51.2", "RK-51.3")
def test_who_has_no_entry_in_the_new_year_yet_has_a_complete_list_too(turned):
    report = judged(turned.bundle(OLD))
    assert (report.broken, report.verdict) == ([], "proven")
    assert report.listed == [(turned.signer.name, MINUTE, 2, 0)]
    nobody = judged(turned.bundle(label(EVE, 9), label(MIDNIGHT, 9)))
    assert nobody.listed == [(turned.signer.name, MINUTE, 0, 0)]


@pytest.mark.clause("RK-51.3")
def test_what_was_mapped_after_the_new_year_began_says_no_more_than_its_beginning(parties):
    """An epoch of the old year, later than the first entry of the new one, which has none."""
    late, years = moment("2027-01-01 00:05"), turn(begun(parties, L))
    years.deed("late", EVE)
    with years.database.transaction(L) as conn:
        audit.sequence(conn, L, years.signer, at=late)
        audit.make_epoch(conn, L, years.signer, at=late)
    (found,) = judged(years.bundle(OLD, NEW), keys=[str(years.signer.verifier)]).listed
    assert found[1:] == ("2026-12-31T15:00:00.000Z", 3, 1)  # midnight in Japan


@pytest.mark.clause("RK-51.2")
def test_what_is_left_out_or_made_of_the_year_without_an_epoch_is_named(turned):
    data = turned.bundle(OLD, NEW)
    lies: dict[str, tuple[Callable[[Any], Any], str]] = {
        "an entry left out": (lambda p: p["entries"].pop(), "chain-short"),
        "an entry altered": (
            lambda p: p["entries"][0]["leaf"]["core"].update(unit="99"),
            "entry-altered",
        ),
        "the words": (lambda p: p["statement"].update(en="All."), "statement-differs"),
    }
    for change, named in lies.values():
        wire = json.loads(data)
        change(wire["shards"][1]["part"])
        report = judged(kit.canonical(wire))
        assert named in codes(report.broken)
    stripped = lying(data, lambda w: w["shards"][0]["part"].pop("map"))
    assert refused(stripped) == "part-malformed"


@pytest.mark.clause("RK-51.2", "RK-51.3")
def test_before_the_first_epoch_of_all_nothing_is_called_complete(parties):
    """The log of another house, whose map was not made yet."""
    years = Years(parties.database, B, log_signer(B))
    years.deed("first", EVE)
    with years.database.transaction(B) as conn:
        audit.sequence(conn, B, years.signer, at=EVE)
    for data, count in ((years.bundle(OLD), 1), (years.bundle(NEW), 0)):
        report = judged(data, keys=[OTHER_LOG])
        assert (report.broken, report.verdict) == ([], "reserved")
        assert "nothing-complete" in codes(report.unproven)
        assert report.listed == [(years.signer.name, "", 0, count)]


@pytest.mark.clause("RK-51.2")
def test_a_year_that_is_closed_is_shown_with_its_last_map_or_is_named(parties):
    """Whoever strips the map off a closed year could hide entries of it: both programs see that."""
    years = turn(begun(parties, H1))
    key, late = years.signer.verifier, moment("2027-02-01 09:00")
    years.turn(late)
    data = years.bundle(OLD, NEW)
    report = judged(data, keys=[str(key)])
    assert (report.broken, report.verdict) == ([], "proven")
    assert audit.verify_bundle(data, [key]).whole
    wire = json.loads(data)
    plain = unmapped(wire["shards"][0]["part"])
    wire["shards"][0]["part"] = plain
    said = offline_verifier.TEXTS["statement-closed"]
    first = {at: f"{plain['statement'][at]} {said[n]}" for n, at in enumerate(("ja", "en"))}
    rest = wire["shards"][1]["part"]["statement"]
    wire["statement"] = {at: f"{first[at]}\n{rest[at]}" for at in ("ja", "en")}
    lie = kit.canonical(wire)
    assert codes(judged(lie, keys=[str(key)]).broken) == {"year-broken"}
    verdict = audit.verify_bundle(lie, [key])
    assert verdict.broken is not None
    assert verdict.broken.defect is audit.Defect.SHARD


def unmapped(part: Any) -> Any:
    """Return the part of a year as if it had no map, with what it then says of itself."""
    size = int(part["checkpoint"].split("\n")[1])
    facts = {"origin": part["vkey"].partition("+")[0], "size": size, "chains": 1}
    count = len(part["entries"])
    chains = [
        {"count": one["count"], "label": one["label"]} for one in part["chains"] if one["count"]
    ]
    languages: tuple[kit.Language, ...] = ("ja", "en")
    said = {at: kit.say("audit-bundle-v1-chains", at, count=count, **facts) for at in languages}
    plain = {name: value for name, value in part.items() if name != "map"}
    return plain | {"chains": chains, "format": "renkei-bundle/v1", "statement": said}


def test_the_statements_without_a_map_are_those_of_the_program():
    facts = {"origin": "o", "size": 9, "count": 2, "chains": 1}
    languages: tuple[kit.Language, ...] = ("ja", "en")
    for code in ("chains", "none"):
        texts = offline_verifier.TEXTS[f"statement-plain-{code}"]
        for text, language in zip(texts, languages, strict=True):
            assert text.format(**facts) == kit.say(f"audit-bundle-v1-{code}", language, **facts)


# What is printed --------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path, capfdbinary):
    """Run the command line on a file, and return its status and what it wrote."""

    def run(data: bytes, *words: str) -> tuple[int, str]:
        (tmp_path / "list.json").write_bytes(data)
        status = offline_verifier.main([str(tmp_path / "list.json"), "--lang", "ja", *words])
        return status, capfdbinary.readouterr().out.decode()

    return run


@pytest.mark.clause("RK-51.3")
def test_the_answer_is_one_sentence_in_both_languages(run, listed):
    status, said = run(listed, "--key", LOG)
    origin = log_signer(A).name
    assert status == 0
    assert f"{origin}: 2026-12-31 23:59:00 (日本時間)現在、記録は2件で、これですべてです。" in said
    assert f"{origin}: complete as of 2026-12-31 23:59:00 (Japan time): 2 entries." in said
    status, said = run(listed)
    assert status == 3
    assert "(only once what is marked ◆ is verified)" in said


@pytest.mark.clause("RK-51.3")
def test_a_broken_list_is_said_to_be_in_both_languages_and_never_complete(run, listed):
    status, said = run(lying(listed, lambda w: w["entries"].pop(0)), "--key", LOG)
    assert status == 1
    assert "最初に切れている箇所: list.json: 記録" in said
    assert "The first broken link: list.json: the entry" in said
    assert "complete as of" not in said
    assert run(listed[:-5], "--key", LOG)[0] == 2


def test_for_a_program_the_answer_is_json(run, listed, turned):
    status, said = run(listed, "--key", LOG, "--json")
    told = json.loads(said)
    origin = log_signer(A).name
    wanted = {"log": origin, "complete_as_of": MINUTE, "entries": 2, "newer": 0}
    assert (status, told["lists"]) == (0, [wanted])
    broken = json.loads(run(listed, "--key", OTHER_LOG, "--json")[1])
    assert ("lists" in broken, broken["verdict"]) == (False, "broken")


def test_members_list_and_authority_are_words_of_the_command_line(run, parties, listed, tmp_path):
    (tmp_path / "members.json").write_bytes(parties.desks.text)
    words = ("--members", str(tmp_path / "members.json"), "--authority", KEY)
    assert run(listed, *words)[0] == 0
    assert run(listed, *words[:2])[0] == 2
    assert run(listed, "--members", str(tmp_path / "none.json"), *words[2:])[0] == 2
