"""Keeps what a browser brings back: a cookie that this installation signed, for the console only.

The key is made at the first request and kept in the database, so that every process knows it and
no setting can be forgotten. The cookie holds the token of a sign-in and that of forms, which mean
nothing elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask.sessions import NullSession, SecureCookieSessionInterface

from app.auth.signing import secret_for

if TYPE_CHECKING:
    from flask import Flask, Request
    from flask.sessions import SecureCookieSession
    from sqlalchemy import Engine

    from app.wiring import Clock

PURPOSE: Final = "console"


class SignedSessions(SecureCookieSessionInterface):
    """Gives the console's requests a session, and all others none."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        """Keep the key in the database of `engine`."""
        self._engine, self._clock = engine, clock

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Give the session of a request of the console."""
        if not request.path.startswith(app.config["SESSION_COOKIE_PATH"]):
            return NullSession()
        if app.secret_key is None:
            app.secret_key = secret_for(self._engine, PURPOSE, self._clock())
        return super().open_session(app, request)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Say whether the cookie may only travel encrypted: wherever the pages do."""
        from flask import request  # noqa: PLC0415  # asked within a request only

        return bool(super().get_cookie_secure(app) or request.is_secure)
