"""Tells every request how people see Tierlift, where a proxy stands in front of it.

Tierlift speaks plain HTTP; a proxy ends TLS. Links, redirects and cookies follow what people see:
`public_url` where that is set, else what the proxies say in their headers, as many as are trusted.
A host is never taken from `X-Forwarded-Host`: proxies that do not set it hand on what a client
wrote there. Strict-Transport-Security is the proxy's to send, who knows the whole host.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from app.settings import Settings


class Outside:
    """Puts the address that people use into what the application is told of a request."""

    def __init__(self, application: WSGIApplication, public_url: str) -> None:
        """Stand in front of `application`, which people open at `public_url`."""
        self._application = application
        self._parts = urlsplit(public_url)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request as if it had come to the public address."""
        environ["wsgi.url_scheme"] = self._parts.scheme
        environ["HTTP_HOST"] = self._parts.netloc
        return self._application(environ, start_response)


def seen_from_outside(application: WSGIApplication, settings: Settings) -> WSGIApplication:
    """Give `application` as proxies and public address have it; itself where neither is set."""
    if settings.public_url:
        application = Outside(application, settings.public_url)
    count = settings.trusted_proxies
    if count:
        application = ProxyFix(application, x_for=count, x_proto=count, x_host=0)
    return application


def sender_of(address: str | None, settings: Settings) -> str | None:
    """Give what tells one sender of requests from another, or None where nothing does.

    Args:
        address: Where the connection came from, after what trusted proxies say.
        settings: How this process runs.

    Returns:
        The address; of IPv6 the network, of which one household has a whole one. None where it is
        the address of a proxy that is not trusted, which all people share: this machine's own, or
        any where people use HTTPS, which somebody else must end.
    """
    try:
        known = ip_address(address or "")
    except ValueError:
        return None
    if not settings.trusted_proxies and (
        known.is_loopback or settings.public_url.startswith("https:")
    ):
        return None
    return str(known) if known.version == 4 else known.exploded[:19]  # noqa: PLR2004  # versions of IP
