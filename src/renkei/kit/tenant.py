"""The tenant key: whose rows these are. It leads every primary key and stands in every WHERE."""

from typing import NewType

from renkei.kit.errors import TenantMalformed
from renkei.kit.numbers import corporate_number_ok, organisation_code_ok

Tenant = NewType("Tenant", str)


def tenant(number: str) -> Tenant:
    """Parse a 6-digit 団体コード or a 13-digit 法人番号.

    >>> tenant("131016")
    '131016'
    """
    if organisation_code_ok(number) or corporate_number_ok(number):
        return Tenant(number)
    raise TenantMalformed(number=number[:20])
