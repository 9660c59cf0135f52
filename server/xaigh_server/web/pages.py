"""Documentation pages by path, as plain ASGI applications.

The reference is Swagger UI. Its files come from the package flask-swagger-ui, which follows each
release of Swagger UI; Flask itself is never imported.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from httprule import StaticPage
from xaigh_server.web.error_page import Reason, error_page
from xaigh_server.web.openapi_document import read_openapi

_OWN = Path(__file__).parent / "static"
_SWAGGER_UI = "flask_swagger_ui"

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "connect-src 'self'",
        "script-src 'self'",
        # Swagger UI has images in data: URLs and styles in attributes.
        "img-src 'self' data:",
        "style-src 'self' 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = (("content-security-policy", _POLICY), ("referrer-policy", "no-referrer"))
_HTML = "text/html; charset=utf-8"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": _HTML,
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
}
_FROM_SWAGGER_UI = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
_FROM_HERE = ("docs.css", "reference.css", "reference.js")


class LazyPage:
    """Page that is read and compressed on its first request, to keep the start short."""

    def __init__(self, make: Callable[[], StaticPage]) -> None:
        self.make = make
        self._page: StaticPage | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self._page is None:
            self._page = await asyncio.to_thread(self.make)
        await self._page(scope, receive, send)


def doc_pages(reasons: Mapping[str, Reason]) -> dict[str, LazyPage]:
    """Returns all pages by path, to be mounted beside the API."""
    pages = {
        "/openapi.json": LazyPage(_document),
        "/docs": _file(_OWN / "reference.html"),
        "/docs/errors": LazyPage(lambda: StaticPage(error_page(reasons), _HTML, headers=_HEADERS)),
    }
    for name in _FROM_HERE:
        pages[f"/docs/{name}"] = _file(_OWN / name)
    vendor = _vendor_folder()
    for name in _FROM_SWAGGER_UI:
        pages[f"/docs/{name}"] = _file(vendor / name)
    return pages


def _document() -> StaticPage:
    # The document is public, so tools on any origin may read it.
    headers = (("access-control-allow-origin", "*"),)
    return StaticPage(read_openapi(), "application/json", headers=headers)


def _file(path: Path) -> LazyPage:
    def make() -> StaticPage:
        return StaticPage(path.read_bytes(), _TYPES[path.suffix], headers=_HEADERS)

    return LazyPage(make)


def _vendor_folder() -> Path:
    """Returns the folder with the files of Swagger UI. RuntimeError: it isn't installed."""
    spec = find_spec(_SWAGGER_UI)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package flask-swagger-ui is missing: install xaigh[server]")
    return Path(spec.submodule_search_locations[0]) / "dist"
