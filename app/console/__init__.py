"""The console: pages for people, put together here.

A page is a file with a `blueprint`; it is served below ``/console`` once it stands in `PAGES`. Its
views are opened by `access.open_to` to a permission or to everybody, call one use case, and give
one frozen dataclass to `rendering.show`. Faults are raised, and `faults` shows them as pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, redirect, url_for
from flask_wtf import CSRFProtect

from app.auth.identity_provider import IdentityProvider
from app.auth.wrong_passwords import WrongPasswords
from app.console import (
    access,
    account,
    archive,
    assets,
    audiences,
    audit,
    calculator,
    faults,
    first_steps,
    home,
    live,
    members,
    memo,
    metrics,
    missing,
    offers,
    preview,
    programme,
    provider,
    quarantine,
    rendering,
    sharing,
    signin,
    users,
)
from app.console.campaigns import (
    again,
    approval,
    changing,
    deciding,
    history,
    launching,
    listing,
    moves,
    rewording,
    setup,
    ticking,
)
from app.console.context import EXTENSION, Console
from app.console.help import blueprint as help_blueprint
from app.console.new import filling, starting
from app.console.reports import data as report_data
from app.console.reports import routes as reports
from app.console.results import routes as results
from app.console.session import SignedSessions
from app.console.settings import blueprint as settings_blueprint
from app.settings import provider_of

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Response

    from app.wiring import Wiring

PREFIX: Final = "/console"

PAGES: Final[tuple[Blueprint, ...]] = (
    signin.blueprint,
    provider.blueprint,
    account.blueprint,
    home.blueprint,
    first_steps.blueprint,
    listing.blueprint,
    moves.blueprint,
    deciding.blueprint,
    changing.blueprint,
    rewording.blueprint,
    again.blueprint,
    history.blueprint,
    setup.blueprint,
    live.blueprint,
    results.blueprint,
    reports.blueprint,
    report_data.blueprint,
    memo.blueprint,
    sharing.blueprint,
    starting.blueprint,
    filling.blueprint,
    approval.blueprint,
    launching.blueprint,
    ticking.blueprint,
    calculator.blueprint,
    preview.blueprint,
    members.blueprint,
    programme.blueprint,
    metrics.blueprint,
    archive.blueprint,
    offers.blueprint,
    audiences.blueprint,
    quarantine.blueprint,
    help_blueprint,
    settings_blueprint,
    users.blueprint,
    audit.blueprint,
    assets.blueprint,
    missing.blueprint,
)
"""Every page; the last one answers the addresses that no other has."""


def open_console(app: Flask, wiring: Wiring) -> None:
    """Serve the console beside whatever `app` serves."""
    app.config.update(
        SESSION_COOKIE_NAME="tierlift",
        SESSION_COOKIE_PATH=PREFIX,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_CHECK_DEFAULT=False,  # the API has keys, which no browser adds by itself
        WTF_CSRF_SSL_STRICT=False,  # a proxy that leaves out the referrer, as we ask it to
        WTF_CSRF_TIME_LIMIT=None,  # as long as the sign-in: what was typed meanwhile is not lost
    )
    app.session_interface = SignedSessions(wiring.engine, wiring.clock)
    set_up = provider_of(wiring.settings)
    provider = None if set_up is None else IdentityProvider(set_up)
    app.extensions[EXTENSION] = Console(wiring, CSRFProtect(app), provider, WrongPasswords())
    rendering.register(app)
    console = Blueprint("console", __name__, url_prefix=PREFIX)
    for page in PAGES:
        console.register_blueprint(page)
    console.before_request(access.let_in)
    faults.register(console)
    for blueprint in (console, *PAGES):
        # what the API's document asks of every blueprint: these are pages, not addresses of the API
        blueprint.enable_openapi = False  # type: ignore[attr-defined]  # only APIFlask's have it
    sharing.public_blueprint.enable_openapi = False  # type: ignore[attr-defined]  # likewise
    app.register_blueprint(sharing.public_blueprint)
    app.register_blueprint(console)
    app.add_url_rule("/", "start", _start)


def _start() -> Response:
    """Lead a person who opens the bare address to the console."""
    return redirect(url_for("console.home.home"))
