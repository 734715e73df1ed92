"""Subscriptions: which unit is told of the changes of which interface's items, and how far it is.

A subscription is a consumer of the feed with a purpose. Whether it may be served is the law's to
say, on the day of each delivery; whoever serves it asks. What it was not told, because the person
is under a protection measure (支援措置), is kept by key, so that it can be told later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from renkei.kit import Connection, Tenant, queries
from renkei.store.consumers import begin, end
from renkei.store.errors import SubscriptionExists, SubscriptionUnknown
from renkei.store.feed import Position

sql = queries("renkei.store")


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a unit wants to be told of: items of an interface, for one of its procedures.

    `with_protected` says that the unit keeps the restrictions of protected persons itself, so that
    it may be told of them as well. `refused` is the law's reason, if it refused on the day
    `refused_on`.
    """

    unit: str
    interface: str
    procedure: str
    items: tuple[str, ...]
    with_protected: bool = False
    refused_on: date | None = None
    refused: str | None = None

    @property
    def name(self) -> str:
        """Return its name, which is that of its consumer.

        >>> Subscription("15", "01/person_search", "JT0", ("name",)).name
        '15:01/person_search'
        """
        return subscription_name(self.unit, self.interface)


@dataclass(frozen=True, slots=True)
class Withheld:
    """A record a subscription was not told of, since its person was withheld."""

    person: str
    key: tuple[str, ...]


def subscription_name(unit: str, interface: str) -> str:
    """Return the name of a unit's subscription of an interface: it has one at most."""
    return f"{unit}:{interface}"


def subscribe(
    conn: Connection,
    tenant: Tenant,
    subscription: Subscription,
    *,
    entity: str,
    since: Position,
    at: datetime,
) -> None:
    """Keep a subscription that the law permits; it is told what came after a position."""
    name = subscription.name
    if not begin(conn, tenant, name, since, at=at, entities=[entity]):
        raise SubscriptionExists(name=name)
    conn.execute(
        sql.subscribe,
        {
            "tenant": tenant,
            "name": name,
            "unit": subscription.unit,
            "interface": subscription.interface,
            "procedure": subscription.procedure,
            "items": list(subscription.items),
            "with_protected": subscription.with_protected,
            "at": at,
        },
    )


def unsubscribe(conn: Connection, tenant: Tenant, name: str) -> None:
    """Forget a subscription and how far it was."""
    if not conn.execute(sql.unsubscribe, {"tenant": tenant, "name": name}).rowcount:
        raise SubscriptionUnknown(name=name)
    end(conn, tenant, name)


def all_subscriptions(conn: Connection, tenant: Tenant) -> list[Subscription]:
    """Return all subscriptions of a town, by name."""
    return [
        Subscription(unit, interface, procedure, tuple(items), protected, on, reason)
        for unit, interface, procedure, items, protected, on, reason in conn.execute(
            sql.subscriptions, {"tenant": tenant}
        )
    ]


def keep_refusal(
    conn: Connection, tenant: Tenant, name: str, *, on: date | None, reason: str | None
) -> None:
    """Keep why a subscription is not served and since which day, or that it is served again."""
    conn.execute(sql.set_refused, {"tenant": tenant, "name": name, "on": on, "reason": reason})


def withhold(conn: Connection, tenant: Tenant, name: str, records: Iterable[Withheld]) -> None:
    """Keep which records a subscription was not told of."""
    with conn.cursor() as cursor:
        cursor.executemany(sql.withhold, _facts(tenant, name, records))


def withheld(conn: Connection, tenant: Tenant, name: str) -> list[Withheld]:
    """Return which records a subscription was not told of, by person."""
    asked = {"tenant": tenant, "name": name}
    return [Withheld(person, tuple(key)) for person, key in conn.execute(sql.withheld, asked)]


def release_withheld(
    conn: Connection, tenant: Tenant, name: str, records: Iterable[Withheld]
) -> None:
    """Forget that a subscription was not told of these records: it is told now."""
    with conn.cursor() as cursor:
        cursor.executemany(sql.release_withheld, _facts(tenant, name, records))


def _facts(tenant: Tenant, name: str, records: Iterable[Withheld]) -> list[dict[str, object]]:
    return [
        {"tenant": tenant, "name": name, "person": one.person, "key": list(one.key)}
        for one in records
    ]
