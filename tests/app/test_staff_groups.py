"""Of which groups somebody is, whoever vouches for them: nobody elsewhere gives all of ours."""

from renkei.app.processes.case_desk import doer_of
from renkei.app.sign_in.issuer import guest
from renkei.app.sign_in.plan import IssuerEntry
from renkei.app.sign_in.staff import StaffRole, Vouched
from renkei.app.sign_in.web_issuer import WebIssuer

Roles = dict[str, tuple[StaffRole, ...]]
VOUCHED = Vouched("house", "5001", "県庁　見本", ("福祉課", "*", "staff"))


def test_groups_at_a_provider_of_the_settings_are_groups_here_but_for_all_of_them():
    roles: Roles = {"staff": ("officer",)}
    entry = IssuerEntry(address="https://x", client="c", ja="x", en="x", secret="s", roles=roles)
    found = WebIssuer("house", entry, None, {}).staff(VOUCHED)
    assert found is not None
    assert found.groups == {"福祉課", "staff"}
    assert doer_of(found).actor == "staff:house/5001"


def test_staff_of_another_organisation_are_of_no_group_here():
    found = guest(VOUCHED, {"*": ("officer",)})
    assert found is not None
    assert found.groups == frozenset()
