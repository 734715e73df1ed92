"""The key by which definitions of the tests of processes are signed, and the library of it."""

from renkei import audit
from renkei.kit import tenant
from renkei.process import cases

A = tenant("131016")
SIGNER = audit.Signer.from_seed("test.example/131016", bytes(32))


def library() -> cases.Library:
    return cases.Library([SIGNER.verifier])


def deployed(conn, definition, *, since, at) -> cases.Deployed:
    return cases.deploy(conn, A, definition, valid_from=since, by="tanto", signer=SIGNER, at=at)
