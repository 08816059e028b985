"""The chat's page and what belongs to it: rendered once at the start, then served from memory."""

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files

from aiohttp import ETag, hdrs, web
from jinja2 import Environment, StrictUndefined

from bot.texts import FALLBACK, SUPPORTED, best_language, load_locale

FOLDER = "channels/web/static"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
ASSETS = (
    "chat.js",
    "connection.js",
    "view.js",
    "typing.js",
    "files.js",
    "offers.js",
    "chat.css",
    "widget.js",
    "icon.svg",
)
CROSS_ORIGIN = frozenset({"widget.js"})
"""What other sites' pages load."""
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; frame-ancestors {ancestors}"
)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file in memory; the tag changes with its content."""

    body: bytes
    content_type: str
    tag: str


def load_assets() -> dict[str, Asset]:
    """The page's files by name."""
    return {name: _asset(_read(name), TYPES["." + name.rsplit(".", 1)[1]]) for name in ASSETS}


def render_pages(business: str, max_upload: int) -> dict[str, Asset]:
    """The page in each language; `max_upload` is the size in bytes of the largest file that is taken."""
    # Everything of the page that varies is put in through autoescaped {{ }}.
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(
        _read("chat.html").decode()
    )
    pages = {}
    for language in SUPPORTED:
        texts = page_texts(language, business)
        html = template.render(
            language=language,
            texts=texts,
            texts_json=json.dumps(texts, ensure_ascii=False),
            max_upload=max_upload,
        )
        pages[language] = _asset(html.encode(), "text/html")
    return pages


def page_texts(language: str, business: str) -> dict[str, str]:
    """The page's sentences by key, and what stands for media; those with numbers are filled in by the page."""
    return {
        key.removeprefix("web."): text.replace("{business}", business)
        for key, text in load_locale(language).sentences.items()
        if key.startswith(("web.", "media."))
    }


def page_policy(origins: tuple[str, ...]) -> str:
    """The page's Content-Security-Policy; only these sites and our own may frame it."""
    return PAGE_POLICY.format(ancestors=" ".join(("'self'", *origins)))


def preferred_language(wished: str | None, accept_language: str | None) -> str:
    """The supported language that was wished for, else the first the browser would take."""
    ranked = []
    for n, part in enumerate((accept_language or "")[:256].split(",")):
        code, _, quality = part.partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=") or 1)
        except ValueError:
            weight = 0.0
        ranked.append((-weight, n, code.strip()))
    codes = [wished, *(code for _, _, code in sorted(ranked))]
    return next((found for code in codes if (found := best_language(code))), FALLBACK)


def respond(request: web.Request, asset: Asset, headers: dict[str, str] | None = None) -> web.Response:
    """The asset, or 304 when the browser has it."""
    tag = ETag(asset.tag)
    if request.if_none_match and any(known.value in (asset.tag, "*") for known in request.if_none_match):
        response = web.Response(status=304, headers=headers)
    else:
        response = web.Response(
            body=asset.body, content_type=asset.content_type, charset="utf-8", headers=headers
        )
        response.enable_compression()
    response.etag = tag
    response.headers[hdrs.CACHE_CONTROL] = "no-cache"  # ask each time: a new version is live at once
    return response


def _asset(body: bytes, content_type: str) -> Asset:
    return Asset(body, content_type, hashlib.sha256(body).hexdigest()[:32])


def _read(name: str) -> bytes:
    return files("bot").joinpath(f"{FOLDER}/{name}").read_bytes()
