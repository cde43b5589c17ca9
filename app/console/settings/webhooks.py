"""Pages about webhooks: where the business is told what, and what became of each message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from flask import flash, redirect, request, url_for

from app.auth.keys import Scope
from app.console.access import open_to
from app.console.context import formats, wiring, words
from app.console.refusals import in_words
from app.console.rendering import show
from app.console.settings.place import actor, blueprint, refusals
from app.errors import UnknownWebhook
from app.language import marked
from app.webhooks import endpoints
from experiments.errors import InvalidValues
from experiments.webhooks import DeliveryState, EventKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from werkzeug.wrappers import Response

    from experiments.webhooks import Delivery, Endpoint

SHOWN: Final = 50
STATES: Final = {
    DeliveryState.PENDING: (marked("On its way"), "busy"),
    DeliveryState.DELIVERED: (marked("Delivered"), "good"),
    DeliveryState.DEAD: (marked("Given up"), "bad"),
}
KINDS: Final = {
    EventKind.GRANT_RESERVED: marked("A grant is reserved"),
    EventKind.GRANT_REDEEMED: marked("A grant is redeemed"),
    EventKind.GRANT_REVERSED: marked("A grant is taken back"),
    EventKind.GRANT_EXPIRED: marked("A grant has expired"),
    EventKind.ENROLMENT_CLOSED: marked("A budget is used up, and a campaign enrols nobody more"),
    EventKind.CAMPAIGN_CREATED: marked("A campaign is created"),
    EventKind.CAMPAIGN_UPDATED: marked("A campaign is changed"),
    EventKind.CAMPAIGN_PHASE_STARTED: marked("A campaign begins a new phase"),
    EventKind.CAMPAIGN_LAUNCHED: marked("A campaign is launched"),
    EventKind.CAMPAIGN_UNSCHEDULED: marked("A campaign is taken off the schedule"),
    EventKind.CAMPAIGN_PAUSED: marked("A campaign is paused"),
    EventKind.CAMPAIGN_RESUMED: marked("A campaign goes on"),
    EventKind.CAMPAIGN_STOPPED: marked("A campaign is stopped"),
    EventKind.CAMPAIGN_DECIDED: marked("A campaign is decided on"),
    EventKind.CAMPAIGN_ARCHIVED: marked("A campaign is archived"),
    EventKind.TEST: marked("A test message"),
}
FAULTS: Final = {
    "Connection refused": marked("Nothing takes connections at this address and port."),
    "Connection reset by peer": marked("The other side broke the connection off."),
    "No route to host": marked("There is no way to this host."),
    "Network is unreachable": marked("There is no way to this network."),
}
"""What an operating system says of a connection that failed, in words."""


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """One webhook."""

    key: str
    address: str
    url: str
    kinds: tuple[str, ...]
    enabled: bool


@dataclass(frozen=True, slots=True)
class WebhooksPage:
    """All webhooks, and the form for another, with what was typed.

    Attributes:
        kinds: Each kind of message: its name to programs, in words, and whether it is chosen.
        dead: How many messages were given up, of the latest; empty for none.
    """

    template: ClassVar[str] = "console/settings/webhooks.html"
    title: str
    rows: tuple[WebhookRow, ...]
    dead: str
    key: str
    url: str
    kinds: tuple[tuple[str, str, bool], ...]
    errors: dict[str, str]


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One message on its way."""

    message_id: str
    kind: str
    told: str
    state: str
    tone: str
    attempts: str
    created: str
    fault: str
    is_dead: bool


@dataclass(frozen=True, slots=True)
class WebhookPage:
    """One webhook.

    Attributes:
        secret: Drawn just now: the only moment at which it is shown.
        disabled: Since when; empty while it is enabled.
        confirm: What has to be confirmed before: ``secret``, ``disable``, ``remove``, or nothing.
    """

    template: ClassVar[str] = "console/settings/webhook.html"
    title: str
    key: str
    url: str
    kinds: tuple[tuple[str, str, bool], ...]
    enabled: bool
    disabled: str
    secret: str
    confirm: str
    deliveries: tuple[DeliveryRow, ...]
    has_dead: bool
    errors: dict[str, str]


@blueprint.get("/webhooks")
@open_to(Scope.WEBHOOKS_WRITE)
def webhooks() -> tuple[str, int]:
    """Show all webhooks, and the form."""
    return show(_list())


@blueprint.post("/webhooks")
@open_to(Scope.WEBHOOKS_WRITE)
def add_webhook() -> tuple[str, int]:
    """Add a webhook, and show its secret this once."""
    key = request.form.get("key", "").strip()
    taken = any(one.key == key for one in endpoints.list_webhooks(wiring().engine))
    if taken:
        error = words().say("There is a webhook of this name. Choose another.")
        return show(_list(errors={"key": error}), 422)
    try:
        kept = _put(key, enabled=True)
    except InvalidValues as refused:
        return show(_list(errors=refusals(refused)), 422)
    return show(_one(kept.endpoint, secret=kept.secret or ""))


@blueprint.get("/webhooks/<key>")
@open_to(Scope.WEBHOOKS_WRITE)
def webhook(key: str) -> tuple[str, int]:
    """Show one webhook; with ``confirm``, what an act would do."""
    found = endpoints.find_webhook(wiring().engine, key)
    return show(_one(found, confirm=request.args.get("confirm", "")))


@blueprint.post("/webhooks/<key>")
@open_to(Scope.WEBHOOKS_WRITE)
def change_webhook(key: str) -> tuple[str, int] | Response:
    """Change where a webhook leads, and what it is told."""
    found = endpoints.find_webhook(wiring().engine, key)
    try:
        _put(key, enabled=found.is_enabled)
    except InvalidValues as refused:
        return show(_one(found, errors=refusals(refused)), 422)
    return _done(key, words().say("The webhook is changed."))


@blueprint.post("/webhooks/<key>/<act>")
@open_to(Scope.WEBHOOKS_WRITE)
def act_on_webhook(key: str, act: str) -> tuple[str, int] | Response:
    """Do to a webhook what a button says.

    Raises:
        UnknownWebhook: There is none, or no such act.
    """
    parts, say = wiring(), words().say
    engine, now = parts.engine, parts.clock()
    found = endpoints.find_webhook(engine, key)
    match act:
        case "test":
            endpoints.send_test(engine, key, now)
            return _done(key, say("A test message is on its way. Its state stands below."))
        case "secret":
            kept = endpoints.change_secret(engine, key, now, actor=actor())
            return show(_one(kept.endpoint, secret=kept.secret or ""))
        case "disable" | "enable":
            endpoints.put_webhook(
                engine, key, found.url, found.kinds, now, enabled=act == "enable",
                any_address=parts.settings.webhook_any_address, actor=actor(),
            )  # fmt: skip
            is_on = act == "enable"
            return _done(
                key, say("The webhook is enabled.") if is_on else say("The webhook is disabled.")
            )
        case "replay":
            number = endpoints.send_dead_again(engine, key, now)
            return _done(
                key,
                words().say_many(
                    "{count} message is sent again.", "{count} messages are sent again.", number,
                    count=formats().count(number).text,
                ),
            )  # fmt: skip
        case "remove":
            endpoints.remove_webhook(engine, key, now, actor())
            flash(say("The webhook is removed."), "success")
            return redirect(url_for("console.settings.webhooks"))
        case _:
            raise UnknownWebhook(key)


def _put(key: str, *, enabled: bool) -> endpoints.KeptEndpoint:
    parts = wiring()
    kinds = [kind for kind in EventKind if kind in request.form.getlist("kinds")]
    return endpoints.put_webhook(
        parts.engine, key, request.form.get("url", "").strip(), kinds, parts.clock(),
        enabled=enabled, any_address=parts.settings.webhook_any_address, actor=actor(),
    )  # fmt: skip


def _done(key: str, sentence: str) -> Response:
    flash(sentence, "success")
    return redirect(url_for("console.settings.webhook", key=key))


def _list(*, errors: dict[str, str] | None = None) -> WebhooksPage:
    engine, form = wiring().engine, request.form
    dead = endpoints.list_deliveries(engine, None, state=DeliveryState.DEAD, limit=1_000)
    chosen = form.getlist("kinds")
    return WebhooksPage(
        title=words().say("Webhooks"),
        rows=tuple(
            WebhookRow(
                one.key,
                url_for("console.settings.webhook", key=one.key),
                one.url,
                _told(one.kinds),
                one.is_enabled,
            )
            for one in endpoints.list_webhooks(engine)
        ),
        dead=formats().count(len(dead)).text if dead else "",
        key=form.get("key", ""),
        url=form.get("url", ""),
        kinds=_kinds(frozenset(chosen)),
        errors=errors or {},
    )


def _one(
    found: Endpoint, *, secret: str = "", confirm: str = "", errors: dict[str, str] | None = None
) -> WebhookPage:
    deliveries = endpoints.list_deliveries(wiring().engine, found.key, limit=SHOWN)
    typed = request.form if errors else {}
    chosen = frozenset(request.form.getlist("kinds") if errors else map(str, found.kinds))
    return WebhookPage(
        title=words().say("Webhook {key}", key=found.key),
        key=found.key,
        url=typed.get("url", found.url),
        kinds=_kinds(chosen),
        enabled=found.is_enabled,
        disabled=formats().moment(found.disabled_at).local if found.disabled_at else "",
        secret=secret,
        confirm=confirm,
        deliveries=tuple(map(_delivery, deliveries)),
        has_dead=any(one.state is DeliveryState.DEAD for one in deliveries),
        errors=errors or {},
    )


def _told(kinds: Iterable[EventKind]) -> tuple[str, ...]:
    """Give what is told in words, and nothing where that is everything."""
    chosen = frozenset(kinds)
    all_kinds = _kinds(chosen)
    told = tuple(text for _, text, is_chosen in all_kinds if is_chosen)
    return () if len(told) == len(all_kinds) else told


def _kinds(chosen: frozenset[str]) -> tuple[tuple[str, str, bool], ...]:
    say = words().say
    return tuple(
        (one.value, say(KINDS[one]), one in chosen)
        for one in EventKind
        if one is not EventKind.TEST
    )


def _delivery(one: Delivery) -> DeliveryRow:
    state, tone = STATES[one.state]
    say, fault = words().say, one.last_fault or ""
    told = say(FAULTS[fault]) if fault in FAULTS else in_words(fault, words())
    return DeliveryRow(
        one.message_id,
        one.kind,
        say(KINDS[EventKind(one.kind)]) if one.kind in set(EventKind) else one.kind,
        say(state),
        tone,
        formats().count(one.attempts).text,
        formats().moment(one.created_at).local,
        told or ("" if one.last_status is None else f"HTTP {one.last_status}"),
        one.state is DeliveryState.DEAD,
    )
