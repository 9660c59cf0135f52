"""Handler of redirects that follows none: whoever asked gets the redirect itself."""

from __future__ import annotations

import urllib.request


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Makes a redirect an HTTPError, as every other refusal is."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None
