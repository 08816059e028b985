"""Who asks: a key in the Authorization header, or a signed-in browser's cookie."""

from datetime import datetime

from aiohttp import web

from admin_api.access import ANONYMOUS, Access, Caller, called
from admin_api.problems import ApiError
from admin_api.services import Services
from crm_store import api_keys, signed_in
from crm_store.engine import is_outage
from crm_store.sign_in import CODE_VOUCHES
from crm_store.signed_in import SignedIn
from crm_store.staff import Role

COOKIE = "frontdesk_staff"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_MAX_SECRET = 200
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="frontdesk"'}


async def identify(request: web.Request, services: Services, now: datetime) -> Caller:
    """The caller, anonymous without credentials; ApiError 401 for credentials that are not (or no longer) good."""
    header = request.headers.get("Authorization")
    if header is not None:
        return await _by_key(header, services, now)
    token = request.cookies.get(COOKIE)
    if token is not None:
        return await _by_cookie(request, token, services, now)
    return ANONYMOUS


def require(caller: Caller, needed: Access) -> None:
    """Let the caller pass, or raise ApiError: 401 who is unknown, 403 who may not."""
    if caller.may(needed):
        return
    if not caller.is_known:
        raise ApiError(401, "send a key: Authorization: Bearer KEY", headers=_CHALLENGE)
    has = " and ".join(sorted(caller.roles))
    raise ApiError(403, f"this needs the role {needed.value}; the caller's is {has}")


async def _by_key(header: str, services: Services, now: datetime) -> Caller:
    scheme, _, key = header.partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not 0 < len(key) <= _MAX_SECRET:
        raise ApiError(401, "the Authorization header must read: Bearer KEY", headers=_CHALLENGE)
    async with services.store.read() as session:
        holder = await api_keys.find_holder(session, key, now=now)
    if holder is None:
        raise ApiError(401, "this key is unknown, revoked or expired; ask for another", headers=_CHALLENGE)
    if api_keys.use_is_due(holder.key, now):
        async with services.store.write() as session:
            await api_keys.note_use(session, holder.key.id, now=now)
    roles = {Role(holder.key.role)} | ({Role(holder.agent.role)} if holder.agent else set())
    return Caller(f"key:{holder.key.id} {holder.key.name}", frozenset(roles), holder.agent, holder.key.id)


async def _by_cookie(request: web.Request, token: str, services: Services, now: datetime) -> Caller:
    found: SignedIn | None = None
    if len(token) <= _MAX_SECRET:
        async with services.store.read() as session:
            found = await signed_in.find(session, token, now=now)
    if found is None:
        return ANONYMOUS
    if request.method not in SAFE_METHODS:
        refuse_foreign_page(request)
    agent, number = found.agent, found.browser.id
    if signed_in.is_sight_due(found.browser, now):
        await _note_sight(services, number, now)
    role = frozenset({Role(agent.role)})
    by_code = found.browser.by_code and now - found.browser.created_at < CODE_VOUCHES
    return Caller(called(agent), role, agent, session_id=number, by_code=by_code)


async def _note_sight(services: Services, session_id: int, now: datetime) -> None:
    try:
        async with services.store.write() as session:
            await signed_in.note_sight(session, session_id, now=now)
    except Exception as error:
        if not is_outage(error):  # whoever only reads is served while nothing can be written
            raise


def refuse_foreign_page(request: web.Request) -> None:
    """Raise ApiError 403 for a write that another site's page made a browser send.

    Browsers say where a request comes from (Fetch Metadata, W3C) or at least whose page it is (Origin, RFC 6454);
    who says neither is not a browser of today and can use a key.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    own = f"{request.scheme}://{request.host}"
    secure_proxy = f"https://{request.host}"  # a proxy that ends TLS speaks http to us
    is_own = site == "same-origin" if site is not None else origin in (own, secure_proxy)
    if not is_own:
        raise ApiError(403, "this change came from another web site; make it on the desk itself")
