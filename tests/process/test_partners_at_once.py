"""A letter that comes twice at the same moment is taken once."""

from threading import Thread

from tests.federation.desks import A, B, fill, make_desks
from tests.process.towns import OLD, Towns

from renkei.process import cases, partners


def test_the_same_letter_at_several_doors_at_once_is_taken_once(database, tmp_path):
    keys = make_desks(tmp_path)
    with database.transaction(A) as conn:
        fill(conn, keys)
        towns = Towns(conn, keys)
        towns.deploy(B, OLD)
        case = towns.moved()
        towns.asked(case)
        towns.do(A, case, "examine")
        [ready] = towns.written(A)
    receipts = []

    def receive(nonce):
        with database.transaction(B) as conn:
            door = Towns(conn, keys, nonces=nonce)
            receipts.append(door.receive(B, A, ready.body))

    threads = [Thread(target=receive, args=(100 * n,)) for n in range(1, 5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(receipts) == 4
    assert len({partners.render(one) for one in receipts}) == 1
    with database.transaction(B) as conn:
        assert len(cases.find(conn, B)) == 1
