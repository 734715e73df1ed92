"""A settings file is parsed whole, or refused with its name and its defect."""

from hashlib import sha256

import pytest
from tests.app.conftest import AUTHORITY

from renkei import backup, federation, kit, law
from renkei.app.errors import SettingsDefective, SettingsMissing
from renkei.app.settings import Address, read_settings
from renkei.app.sign_in.staff import password_hash

GOOD = f"""\
tenant = "131016"
role = "node"
mode = "test"
authority = "{AUTHORITY.verifier}"
oversight = "{"0" * 64}"

[doors]
peers = "127.0.0.1:8443"
staff = "[::1]:8080"

[units]
"15" = "{"a" * 64}"
"""
SEAL_TO = federation.SealingKey.generate().listed
SHARED = "what a unit and its node share, long enough"
GOOD_CLIENT = f'alg = "HS256"\nsecrets = ["{SHARED}"]'
OFFICES = 'offices = ["32"]\n[units]'
PASSWORD = password_hash("the operator's", salt=bytes(16))


def staff(roles: str = '"operator"', **secret: str) -> str:
    lines = [f'{name} = "{text}"' for name, text in secret.items()]
    return "\n".join(['[staff."1001"]', 'name = "x"', f"roles = [{roles}]", *lines, "[units]"])


def service(*lines: str) -> str:
    return "\n".join(['[services."31/x"]', *lines, "[units]"])


def bodies(*lines: str, seal_to: str = SEAL_TO) -> str:
    keep = "\n".join(["[[bodies.keep]]", 'name = "p"', "days = 1", *lines])
    return "\n".join(["[bodies]", f'seal_to = "{seal_to}"', keep, "[units]"])


def oauth(*lines: str) -> str:
    return "\n".join(["[oauth]", *lines, "[units]"])


def client(*lines: str) -> str:
    return "\n".join(['[oauth.clients."15"]', *lines, "[units]"])


def nats(servers: str, *lines: str) -> str:
    return "\n".join(["[nats]", f"servers = {servers}", *lines, "[units]"])


@pytest.fixture
def file(tmp_path):
    return tmp_path / "renkei.toml"


def test_a_good_file_is_read_and_relative_paths_start_at_its_folder(file):
    file.write_text(GOOD)
    found = read_settings(file)
    assert found.peers_door == Address("127.0.0.1", 8443)
    assert found.staff_door == Address("[::1]", 8080)
    assert (found.database, found.binaries) == ("embedded", None)
    assert found.state == file.parent / "state"
    assert found.keys == file.parent / "keys"
    assert found.members == file.parent / "members.json"


@pytest.mark.clause("RK-16.11")
@pytest.mark.parametrize(
    ("every", "folder", "bucket"),
    [("", 10, 60), ('every = "1s"', 1, 1), ('every = "10m"', 600, 600)],
)
def test_a_place_of_files_is_looked_at_every_ten_minutes_at_least(file, every, folder, bucket):
    """Whoever puts a file down does not wait longer."""
    places = [f'[[files]]\nplace = "{place}"\n{every}' for place in ("drop", "s3://b/x")]
    file.write_text(GOOD + "\n" + "\n".join(places))
    first, second = read_settings(file).files
    assert (first.place, first.seconds, first.days) == (file.parent / "drop", folder, 7)
    assert (second.name, second.seconds) == ("s3://b/x", bucket)
    assert isinstance(second.place, backup.Target)


def test_to_try_a_password_takes_as_much_as_it_is_meant_to():
    """What is kept says so: 2^15 of scrypt, 32 MiB."""
    assert PASSWORD.startswith("scrypt$32768$")


def in_groups(names: str) -> str:
    return staff(token="a" * 64).replace("[units]", f"groups = [{names}]\n[units]")


def test_a_member_of_staff_does_the_tasks_of_their_groups(file):
    file.write_text(GOOD.replace("[units]", staff(token="a" * 64)))
    assert read_settings(file).staff["1001"].groups == frozenset()
    file.write_text(GOOD.replace("[units]", in_groups('"福祉課", "窓口"')))
    assert read_settings(file).staff["1001"].groups == {"福祉課", "窓口"}


def test_a_member_of_staff_is_known_by_a_password_or_a_token(file):
    for secret in ({"password": PASSWORD}, {"token": sha256(b"the operator's").hexdigest()}):
        file.write_text(GOOD.replace("[units]", staff('"operator", "officer"', **secret)))
        found = read_settings(file).staff["1001"]
        assert found.roles == {"operator", "officer"}
        assert found.knows("the operator's")
        assert not found.knows("the officer's")
        assert not found.knows(found.secret)


def test_bodies_are_kept_below_the_state_unless_a_place_is_named(file):
    file.write_text(GOOD.replace("[units]", bodies()))
    found = read_settings(file).bodies
    assert found is not None
    assert found.place == file.parent / "state" / "bodies"
    (policy,) = found.policies
    assert (policy.days, policy.is_must, sorted(policy.kinds)) == (1, True, ["answer", "question"])
    file.write_text(GOOD.replace("[units]", bodies().replace("[bodies]", '[bodies]\nplace = "b"')))
    moved = read_settings(file).bodies
    assert moved is not None
    assert moved.place == file.parent / "b"


def test_a_unit_fetches_tokens_under_the_name_of_its_node(file):
    file.write_text(GOOD.replace("[units]", client(GOOD_CLIENT, 'scope = ["06/income"]')))
    found = read_settings(file).oauth
    assert found.token_endpoint == "http://[::1]:8080/token"
    assert found.clients["15"].scope == ("06/income",)
    file.write_text(GOOD.replace("[units]", oauth('issuer = "https://gateway.example/renkei"')))
    assert read_settings(file).oauth.issuer == "https://gateway.example/renkei"


@pytest.mark.clause("RK-12.8")
def test_the_stream_of_letters_has_the_name_of_town_and_mode(file):
    proof = 'user = "node"', 'password = "keys/nats"', 'ca = "ca.pem"'
    file.write_text(GOOD.replace("[units]", nats('["tls://broker.example:4222"]', *proof)))
    found = read_settings(file).nats
    assert found is not None
    assert (found.stream, found.subjects) == ("renkei-test-131016", "renkei.test.131016.>")
    assert found.password == file.parent / "keys/nats"
    assert found.is_encrypted


@pytest.mark.clause("RK-12.11")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_letters_go_in_clear_to_this_machine_only(file, host):
    file.write_text(GOOD.replace("[units]", nats(f'["nats://{host}:4222"]')))
    assert read_settings(file).nats is not None
    file.write_text(GOOD.replace("[units]", nats(f'["nats://{host}.example:4222"]')))
    with pytest.raises(SettingsDefective, match=r"nats\.servers"):
        read_settings(file)


def test_the_log_has_no_door_unless_one_is_named(file):
    file.write_text(GOOD)
    assert read_settings(file).log_door is None
    file.write_text(GOOD.replace("[units]", '[log_door]\nat = "127.0.0.1:8090"\n[units]'))
    assert read_settings(file).log_door == Address("127.0.0.1", 8090)
    for wrong in ('at = "8090"', 'at = "127.0.0.1:0"', "rate = 0", 'entries = "all"'):
        file.write_text(GOOD.replace("[units]", f"[log_door]\n{wrong}\n[units]"))
        with pytest.raises(SettingsDefective, match=r"log_door|entries"):
            read_settings(file)


def test_a_secret_that_does_not_serve_is_not_repeated(file):
    file.write_text(GOOD.replace("[units]", client('alg = "HS256"', 'secrets = ["hidden"]')))
    with pytest.raises(SettingsDefective) as caught:
        read_settings(file)
    assert "hidden" not in caught.value.text()


def test_a_path_that_says_where_it_is_stays_there(file, tmp_path):
    text = f'members = "../list.json"\nkeys = "{tmp_path}/k"\nbinaries = "pg/bin"\n'
    file.write_text(text + GOOD)
    found = read_settings(file)
    assert found.members == file.parent / "../list.json"
    assert found.keys == tmp_path / "k"
    assert found.binaries == file.parent / "pg/bin"


@pytest.mark.parametrize(
    ("old", "new", "defect"),
    [
        ("mode =", 'colour = "blue"\nmode =', "colour"),
        ("authority =", "autority =", "autority"),
        ("[units]", "[unit]", "unit"),
        ("[units]", '[passwords]\n"15" = "short"\n[units]', "passwords.15"),
        ("[units]", '[callbacks]\n"15" = "ftp://x"\n[units]', "callbacks.15"),
        ("[units]", '[callbacks]\n"15" = "https://me:secret@x"\n[units]', "callbacks.15"),
        ("[units]", service('url = "ftp://x"'), "url"),
        ("[units]", service('url = "http://x"', 'openapi = "a"', 'wsdl = "b"'), "wsdl"),
        ("[units]", nats("[]"), "nats.servers"),
        ("[units]", nats('["nats://10.0.0.1:4222"]'), "nats.servers"),
        ("[units]", nats('["tls://me:secret@broker:4222"]'), "nats.servers"),
        ("[units]", nats('["tls://a", "nats://127.0.0.1"]'), "nats.servers"),
        ("[units]", nats('["tls://a"]', 'prefix = "a.b"'), "nats.prefix"),
        ("[units]", nats('["tls://a"]', 'user = "node"'), "nats.user"),
        ("[units]", nats('["tls://a"]', 'key = "k.pem"'), "nats.certificate"),
        ("[units]", nats('["nats://127.0.0.1"]', 'ca = "k.pem"'), "nats.servers"),
        ("[units]", nats('["tls://a"]', "days = 0"), "nats"),
        ("[units]", oauth('issuer = "node.example"'), "oauth.issuer"),
        ("[units]", oauth('issuer = "https://node.example/"'), "oauth.issuer"),
        ("[units]", oauth('issuer = "https://node.example?x"'), "oauth.issuer"),
        ("[units]", oauth("issuer = 'https://node\"example'"), "oauth.issuer"),
        ("[units]", oauth("token_seconds = 29"), "oauth.token_seconds"),
        ("[units]", oauth("token_seconds = 3601"), "oauth.token_seconds"),
        ("[units]", client('alg = "none"'), "oauth.clients"),
        ("[units]", client('alg = "HS512"'), "oauth.clients"),
        ("[units]", client('alg = "HS256"'), "oauth.clients.15"),
        ("[units]", client('alg = "HS256"', 'secrets = ["short"]'), "oauth.clients.15.secrets"),
        ("[units]", client('alg = "HS256"', f'keys = ["{SHARED}"]'), "oauth.clients.15"),
        ("[units]", client('alg = "ES256"', f'secrets = ["{SHARED}"]'), "oauth.clients.15"),
        ("[units]", client('alg = "ES256"', f'keys = ["{SHARED}"]'), "oauth.clients.15.keys"),
        ("[units]", client(GOOD_CLIENT, 'scope = ["test"]'), "oauth.clients.15.scope: test"),
        ("[units]", bodies(seal_to="A" * 43), "bodies.keep p: seal_to"),  # of so small an order
        ("[units]", bodies(seal_to=""), "bodies.keep p: seal_to"),
        ("[units]", bodies("kinds = []"), "bodies.keep p: kinds"),
        ("[units]", bodies('kinds = ["other"]'), "bodies.keep"),
        ("[units]", bodies('services = ["JP/MUN/*"]'), "bodies.keep p: an address"),
        ("[units]", bodies('clients = ["/JP"]'), "bodies.keep p: an address"),
        ("[units]", bodies('[[bodies.keep]]\nname = "p"\ndays = 2'), "each name once"),
        ("[units]", bodies().replace("days = 1", "days = -1"), "days"),
        ("[units]", bodies().replace('"p"', '"P "'), "a name is"),
        ("staff =", "staf =", "staf"),
        ('tenant = "131016"', "tenant = 131016", "tenant"),
        ('tenant = "131016"', 'tenant = "131017"', "131017"),
        ('tenant = "131016"\n', "", "tenant"),
        ('role = "node"', 'role = "nodes"', "role"),
        ('mode = "test"', 'mode = "trial"', "mode"),
        ("127.0.0.1:8443", "127.0.0.1", "doors.peers"),
        ("127.0.0.1:8443", ":8443", "doors.peers"),
        ("[::1]:8080", "localhost:0", "doors.staff"),
        ("[::1]:8080", "localhost:65536", "doors.staff"),
        ("[::1]:8080", "localhost:８０", "doors.staff"),
        (f"{AUTHORITY.verifier}", "somebody", "authority"),
        ("a" * 64, "my secret token", "units.15"),
        ("0" * 64, "0" * 63, "oversight"),
        ("[units]", staff(password="secret"), "staff.1001: password"),
        ("[units]", staff(), "staff.1001"),
        ("[units]", staff(token="a" * 63), "staff.1001.token"),
        ("[units]", staff(token="a" * 64, password=PASSWORD), "staff.1001"),
        ("[units]", staff("", token="a" * 64), "staff.1001: roles"),
        ("[units]", staff('"boss"', token="a" * 64), "boss"),
        ("[units]", staff('"oversight", "officer"', token="a" * 64), "staff.1001: roles"),
        ("[units]", staff(token="a" * 64).replace("1001", "1 1"), "staff.1 1"),
        ("[units]", in_groups('""'), "staff.1001: groups"),
        ("[units]", in_groups('" 福祉課"'), "staff.1001: groups"),
        ("[units]", in_groups(r'"福祉課\u202e"'), "staff.1001: groups"),
        ("mode =", 'staff_units = ["16"]\nmode =', "staff_units: neither"),
        ("mode =", 'staff_units = ["15"]\nmode =', "staff_units: there is no member of staff"),
        ("mode =", 'directory = "ftp://x/members.json"\nmode =', "directory"),
        ("mode =", 'directory = "https://me:secret@x"\nmode =', "directory"),
        ("mode =", "directory_seconds = 301\nmode =", "directory_seconds"),
        ("mode =", 'database = "embeded"\nmode =', "database"),
        ("mode =", "mode", "line 3"),
        ("[doors]", '[[files]]\nplace = ""\n[doors]', "files"),
        ("[doors]", '[[files]]\nevery = "10s"\n[doors]', "place"),
        ("[doors]", '[[files]]\nplace = "f"\nevery = "11m"\n[doors]', "files: a place"),
        ("[doors]", '[[files]]\nplace = "f"\nevery = "601s"\n[doors]', "files: a place"),
        ("[doors]", '[[files]]\nplace = "f"\nevery = "often"\n[doors]', "files: a place"),
        ("[doors]", '[[files]]\nplace = "f"\ndays = 0\n[doors]', "days"),
    ],
)
def test_a_defect_is_named_with_the_file(file, old, new, defect):
    assert old in GOOD
    file.write_text(GOOD.replace(old, new))
    with pytest.raises(SettingsDefective) as caught:
        read_settings(file)
    for language in ("en", "ja"):
        text = caught.value.text(language)
        assert str(file) in text
        assert defect in text


def test_a_defective_connection_string_is_not_repeated(file):
    said = "postgresql://someone:secret@[bad"
    file.write_text(GOOD.replace("mode =", f'database = "{said}"\nmode ='))
    with pytest.raises(SettingsDefective) as caught:
        read_settings(file)
    assert "secret" not in caught.value.text()


def test_the_list_comes_from_the_directory_else_from_the_file(file):
    file.write_text(GOOD)
    assert read_settings(file).list_source == file.parent / "members.json"
    for said, wanted in (
        ("https://directory.example/list", "https://directory.example/list"),
        ("shared/list.json", file.parent / "shared" / "list.json"),
    ):
        file.write_text(GOOD.replace("mode =", f'directory = "{said}"\nmode ='))
        assert read_settings(file).list_source == wanted


def test_a_connection_string_is_a_database(file):
    file.write_text(GOOD.replace("mode =", 'database = "host=/tmp dbname=renkei"\nmode ='))
    assert read_settings(file).database == "host=/tmp dbname=renkei"


@pytest.mark.parametrize("data", [b"\xff\xfe", b"\0", b"{}", b"[doors"])
def test_what_is_no_toml_is_refused(file, data):
    file.write_bytes(data)
    with pytest.raises(SettingsDefective, match=r"renkei\.toml"):
        read_settings(file)


def test_a_missing_file_is_named(file):
    with pytest.raises(SettingsMissing) as caught:
        read_settings(file)
    assert str(file) in caught.value.text("ja")
    assert isinstance(caught.value, kit.NodeError)


def test_a_unit_that_names_its_staff_is_decided_by_their_roles_offices_and_hours(file):
    above = 'office_hours = "1-5 08:00-20:00"\nstaff_units = ["15"]\nmode ='
    text = GOOD.replace("mode =", above).replace("[units]", staff(token="a" * 64))
    file.write_text(text.replace('"operator"', '"officer"').replace("[units]", OFFICES))
    register = read_settings(file).staff_register
    official = law.Official("1001", frozenset({"officer"}), frozenset({"32"}))
    hours = law.OfficeHours.of("1-5 08:00-20:00")
    assert register == law.StaffRegister({"1001": official}, hours, frozenset({"15"}))


def test_without_a_word_no_unit_names_its_staff(file):
    file.write_text(GOOD)
    assert read_settings(file).staff_register.units == frozenset()


@pytest.mark.clause("RK-49.4")
@pytest.mark.parametrize("role", ["auditor", "operator", "law-approver"])
def test_at_the_log_operator_nobody_has_an_account_but_the_oversight_body(file, role):
    of_log = GOOD.replace('role = "node"', 'role = "log"')
    file.write_text(of_log.replace("[units]", staff('"oversight"', token="a" * 64)))
    assert set(read_settings(file).staff["1001"].roles) == {"oversight"}
    file.write_text(of_log.replace("[units]", staff(f'"{role}"', token="a" * 64)))
    with pytest.raises(SettingsDefective, match=r"staff\.1001: roles: at the log operator"):
        read_settings(file)
