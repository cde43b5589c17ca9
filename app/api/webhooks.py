"""Sets where the business is told of what, and shows what became of each message."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from app.api.answers import json_answer
from app.api.context import actor, wiring
from app.api.operation import operation
from app.api.requests import body_as, query_as
from app.auth import Scope
from app.errors import UnknownMessage, UnknownWebhook
from app.webhooks import endpoints
from app.webhooks.cursors import cursor_of, place_of
from experiments.errors import InvalidValues
from experiments.webhooks import DeliveryState, EventKind

if TYPE_CHECKING:
    from flask import Response

    from app.webhooks.endpoints import KeptEndpoint
    from experiments.webhooks import Endpoint

blueprint = APIBlueprint("webhooks", __name__, tag="Webhooks")

_KEY = {"key": "Your name for the webhook."}
_MESSAGE = {**_KEY, "message_id": "Id of the message."}
_MAX_SECRET = 128


class WebhookOrder(BaseModel):
    """Where to tell what."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(description="Where messages are posted, with https://.")]
    kinds: Annotated[
        list[EventKind], Field(description="What is told; an empty list for everything.")
    ] = []
    enabled: Annotated[bool, Field(strict=True, description="Whether anything is told.")] = True
    secret: Annotated[
        str | None,
        Field(
            max_length=_MAX_SECRET,
            description="Your own, `whsec_` and base64; by default one is drawn, once.",
        ),
    ] = None


class SecretOrder(BaseModel):
    """Which secret signs from now on."""

    model_config = ConfigDict(extra="forbid")

    secret: Annotated[
        str | None, Field(max_length=_MAX_SECRET, description="Your own; drawn by default.")
    ] = None


class Webhook(BaseModel):
    """Where what is told."""

    key: str
    url: str
    kinds: Annotated[list[EventKind], Field(description="What is told; empty for everything.")]
    enabled: bool
    disabled_at: datetime | None
    disabled_because: str | None
    old_secret_until: Annotated[
        datetime | None, Field(description="Until when the secret before signs, too.")
    ]
    created_at: datetime
    updated_at: datetime


class WebhookKept(Webhook):
    """The same, with a secret that was drawn just now."""

    secret: Annotated[
        str | None,
        Field(description="Keep it: it is not shown again. Null where none was drawn."),
    ]


class WebhooksShown(BaseModel):
    """All webhooks, by key."""

    webhooks: list[Webhook]


class DeliveriesQuery(BaseModel):
    """Which deliveries."""

    model_config = ConfigDict(extra="forbid")

    state: Annotated[DeliveryState | None, Field(description="Only these; all by default.")] = None
    cursor: Annotated[
        str | None, Field(max_length=200, description="`next_cursor` of the page before.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=1_000, description="Deliveries in a page.")] = 100


class DeadLettersQuery(BaseModel):
    """Which dead letters."""

    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[
        str | None, Field(max_length=200, description="`next_cursor` of the page before.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=1_000, description="Dead letters in a page.")] = 100


class DeliveryShown(BaseModel):
    """How a message to a webhook stands."""

    message_id: Annotated[str, Field(description="The header `webhook-id`, in every attempt.")]
    webhook: str
    kind: EventKind
    state: Annotated[
        DeliveryState, Field(description="`dead`: given up, and sent again when asked for.")
    ]
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    settled_at: Annotated[datetime | None, Field(description="When it was taken, or given up.")]
    last_status: Annotated[int | None, Field(description="HTTP status of the last answer.")]
    last_fault: Annotated[str | None, Field(description="What went wrong last.")]


class DeliveriesPage(BaseModel):
    """Deliveries, the newest first."""

    deliveries: list[DeliveryShown]
    next_cursor: Annotated[str | None, Field(description="Null on the last page.")]


class MessageSent(BaseModel):
    """A message that will be sent."""

    message_id: str


class Redelivered(BaseModel):
    """How much is sent again."""

    messages: Annotated[int, Field(description="Up to 1,000 at once; ask again until it is 0.")]


@blueprint.get("/v1/webhooks")
@operation(scope=Scope.WEBHOOKS_WRITE, answer=WebhooksShown)
def list_webhooks() -> Response:
    """List where the business is told what."""
    found = endpoints.list_webhooks(wiring().engine)
    return json_answer({"webhooks": [_values(one) for one in found]})


@blueprint.get("/v1/webhooks/<key>")
@operation(scope=Scope.WEBHOOKS_WRITE, path=_KEY, answer=Webhook, problems=(UnknownWebhook,))
def read_webhook(key: str) -> Response:
    """Give one webhook, without its secret."""
    return json_answer(_values(endpoints.find_webhook(wiring().engine, key)))


@blueprint.put("/v1/webhooks/<key>")
@operation(
    scope=Scope.WEBHOOKS_WRITE,
    path=_KEY,
    body=WebhookOrder,
    answer=WebhookKept,
    also=(201,),
    problems=(InvalidValues,),
    example={"url": "https://shop.example/webhooks", "kinds": ["grant.redeemed"]},
)
def put_webhook(key: str) -> Response:
    """Set a webhook, in place of what was set under its key.

    A secret is drawn where there was none, and shown this once. Another `secret` signs from now on,
    and the one before for another day. One that is disabled is told nothing of what happens
    meanwhile; what waited before is sent once it is enabled.
    """
    order, parts = body_as(WebhookOrder), wiring()
    kept = endpoints.put_webhook(
        parts.engine,
        key,
        order.url,
        order.kinds,
        parts.clock(),
        enabled=order.enabled,
        secret=order.secret,
        any_address=parts.settings.webhook_any_address,
        actor=actor(),
    )
    return json_answer(_kept(kept), 201 if kept.is_new else 200)


@blueprint.delete("/v1/webhooks/<key>")
@operation(scope=Scope.WEBHOOKS_WRITE, path=_KEY, answer=Webhook, problems=(UnknownWebhook,))
def delete_webhook(key: str) -> Response:
    """Forget a webhook and what was to be told it; gives it as it was."""
    parts = wiring()
    found = endpoints.find_webhook(parts.engine, key)
    endpoints.remove_webhook(parts.engine, key, parts.clock(), actor())
    return json_answer(_values(found))


@blueprint.post("/v1/webhooks/<key>/secret")
@operation(
    scope=Scope.WEBHOOKS_WRITE,
    path=_KEY,
    body=SecretOrder,
    answer=WebhookKept,
    problems=(UnknownWebhook, InvalidValues),
    example={},
)
def change_secret(key: str) -> Response:
    """Sign by another secret, and for a day by the one before, too."""
    order, parts = body_as(SecretOrder), wiring()
    kept = endpoints.change_secret(parts.engine, key, parts.clock(), order.secret, actor())
    return json_answer(_kept(kept))


@blueprint.post("/v1/webhooks/<key>/test")
@operation(
    scope=Scope.WEBHOOKS_WRITE,
    path=_KEY,
    answer=MessageSent,
    status=202,
    problems=(UnknownWebhook,),
)
def send_test(key: str) -> Response:
    """Have a message `webhook.test` sent."""
    parts = wiring()
    return json_answer({"message_id": endpoints.send_test(parts.engine, key, parts.clock())}, 202)


@blueprint.get("/v1/webhooks/<key>/deliveries")
@operation(
    scope=Scope.WEBHOOKS_WRITE,
    path=_KEY,
    query=DeliveriesQuery,
    answer=DeliveriesPage,
    problems=(UnknownWebhook, InvalidValues),
)
def list_deliveries(key: str) -> Response:
    """List what was sent to a webhook or is to be, the newest first."""
    query = query_as(DeliveriesQuery)
    return _page(key, query.state, query.cursor, query.limit)


@blueprint.get("/v1/dead-letters")
@operation(
    scope=Scope.WEBHOOKS_WRITE,
    query=DeadLettersQuery,
    answer=DeliveriesPage,
    problems=(InvalidValues,),
)
def list_dead_letters() -> Response:
    """List what no webhook took within three days, the newest first."""
    query = query_as(DeadLettersQuery)
    return _page(None, DeliveryState.DEAD, query.cursor, query.limit)


@blueprint.post("/v1/webhooks/<key>/deliveries/<message_id>/redeliver")
@operation(
    scope=Scope.WEBHOOKS_WRITE,
    path=_MESSAGE,
    answer=MessageSent,
    status=202,
    problems=(UnknownWebhook, UnknownMessage),
)
def redeliver(key: str, message_id: str) -> Response:
    """Send a message again, under its id, as if for the first time."""
    parts = wiring()
    endpoints.send_again(parts.engine, key, message_id, parts.clock())
    return json_answer({"message_id": message_id}, 202)


@blueprint.post("/v1/webhooks/<key>/redeliver")
@operation(
    scope=Scope.WEBHOOKS_WRITE,
    path=_KEY,
    answer=Redelivered,
    status=202,
    problems=(UnknownWebhook,),
)
def redeliver_dead(key: str) -> Response:
    """Send the dead letters of a webhook again, up to 1,000 at once."""
    parts = wiring()
    return json_answer(
        {"messages": endpoints.send_dead_again(parts.engine, key, parts.clock())}, 202
    )


def _page(key: str | None, state: DeliveryState | None, cursor: str | None, limit: int) -> Response:
    found = endpoints.list_deliveries(
        wiring().engine, key, state=state, before=place_of(cursor), limit=limit
    )
    following = cursor_of(found[-1]) if len(found) == limit else None
    return json_answer({"deliveries": [one.values() for one in found], "next_cursor": following})


def _values(one: Endpoint) -> dict[str, object]:
    return {
        "key": one.key,
        "url": one.url,
        "kinds": sorted(one.kinds),
        "enabled": one.is_enabled,
        "disabled_at": one.disabled_at,
        "disabled_because": one.disabled_because,
        "old_secret_until": one.old_secret_until,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }


def _kept(kept: KeptEndpoint) -> dict[str, object]:
    return {**_values(kept.endpoint), "secret": kept.secret}
