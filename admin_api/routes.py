"""Every address of the staff's side, on one page: who may call it, and what it does."""

from admin_api.access import Access
from admin_api.contract import Audience, Route
from admin_api.handlers import audit, keys, me, staff, system

PUBLIC, READ, WORK, LEAD, ADMIN = Access.PUBLIC, Access.READ, Access.WORK, Access.LEAD, Access.ADMIN
BROWSERS = Audience.BROWSERS
V1 = "/api/v1"

SYSTEM = (
    Route("GET", "/healthz", system.health, PUBLIC, "Does the process answer"),
    Route("GET", "/readyz", system.readiness, PUBLIC, "Does everything serve"),
    Route("GET", "/metrics", system.metrics, PUBLIC, "Figures for Prometheus", 200, BROWSERS),
    Route("GET", f"{V1}/openapi.json", system.openapi, PUBLIC, "This document", 200, BROWSERS),
    Route("GET", f"{V1}/docs", system.documentation, PUBLIC, "The documentation page", 200, BROWSERS),
)

STAFF = (
    Route("GET", f"{V1}/me", me.read, READ, "Who am I"),
    Route("PATCH", f"{V1}/me", me.change, WORK, "Set my presence and languages"),
    Route("POST", f"{V1}/me/telegram-code", me.issue_code, WORK, "A code to link my Telegram account", 201),
    Route("PUT", f"{V1}/me/password", me.set_password, READ, "Set my password"),
    Route("POST", f"{V1}/session", me.start_session, PUBLIC, "Sign a browser in", 201),
    Route("DELETE", f"{V1}/session", me.end_session, READ, "Sign this browser out", 204),
    Route("GET", f"{V1}/staff", staff.listing, WORK, "List staff"),
    Route("POST", f"{V1}/staff", staff.create, ADMIN, "Add a member of staff", 201),
    Route("GET", f"{V1}/staff/{{id}}", staff.read, WORK, "Read a member of staff"),
    Route("PATCH", f"{V1}/staff/{{id}}", staff.change, ADMIN, "Change role, skills, access"),
    Route("DELETE", f"{V1}/staff/{{id}}", staff.disable, ADMIN, "Disable a member of staff"),
    Route("POST", f"{V1}/staff/{{id}}/codes", staff.issue_code, ADMIN, "A one-time code for somebody", 201),
    Route("DELETE", f"{V1}/staff/{{id}}/telegram", staff.unlink_telegram, ADMIN, "End a Telegram link"),
    Route("GET", f"{V1}/keys", keys.listing, ADMIN, "List keys"),
    Route("POST", f"{V1}/keys", keys.create, ADMIN, "Make a key, shown once", 201),
    Route("DELETE", f"{V1}/keys/{{id}}", keys.revoke, ADMIN, "Revoke a key"),
    Route("GET", f"{V1}/audit", audit.listing, LEAD, "Who changed what"),
)

ROUTES: tuple[Route, ...] = (*SYSTEM, *STAFF)
