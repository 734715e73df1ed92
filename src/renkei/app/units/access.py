"""Access: a unit shows a token that this node, or another process of it, issued a moment ago."""

from urllib.parse import quote

from renkei import exchange, kit
from renkei.app.errors import TokenRefused
from renkei.app.site import Site, now
from renkei.app.units.oauth_plan import MODES


def access_token(authorization: str | None) -> str:
    """Return the access token of a field `Authorization`, or nothing: it has three parts."""
    kind, _, token = (authorization or "").partition(" ")
    return token if kind.lower() == "bearer" and token.count(".") == 2 else ""


def use_of(service: exchange.Service) -> str:
    """Return what the scope of a narrowed token must name to ask a service, or to be passed on."""
    return "/".join(service.render().split("/")[-2:])


def check_access(site: Site, client: exchange.Client, text: str, use: str) -> None:
    """Refuse a token of another node, unit or mode, one that is past, or that is not for this use.

    A unit taken out of the settings has no token any more, however long it would still live.
    """
    if site.tokens is None:
        raise exchange.AccessTokenWrong
    token = site.tokens.read(text, at=now())
    ours = client.organisation == site.desk.members.address(site.desk.tenant)
    unit = client.code if isinstance(client, exchange.Subsystem) else ""
    is_registered = ours and unit in site.settings.oauth.clients
    if (
        token.client != client.render()
        or not is_registered
        or site.settings.mode not in token.scope
    ):
        raise exchange.AccessTokenWrong
    uses = [word for word in token.scope if word not in MODES]
    if use and uses and use not in uses:
        raise exchange.ScopeInsufficient(wanted=quote(use[:64], safe="/"))  # it goes into a field


def challenge(error: kit.NodeError) -> exchange.Fields:
    """Return the field that says what proof is wanted, and what was wrong with it (RFC 6750, 3)."""
    match error:
        case TokenRefused(is_shown=False):
            return (("www-authenticate", 'Bearer realm="renkei"'),)
        case TokenRefused() | exchange.AccessTokenExpired() | exchange.AccessTokenWrong():
            code = "invalid_token"
        case exchange.ScopeInsufficient():
            code = "insufficient_scope"
        case _:
            return ()
    said = f'Bearer realm="renkei", error="{code}", error_description="{error.text("en")}"'
    return (("www-authenticate", said),)
