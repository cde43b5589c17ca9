"""Names whoever did something, from the words by which histories know them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.auth.people import list_users
from app.console.context import wiring

if TYPE_CHECKING:
    from app.language import Words

USER = "user "
KEY = "key "
COMMAND_LINE = "command line"


def names_of_users() -> dict[str, str]:
    """Give the names of those who can sign in, by their ids."""
    return {one.user_id: one.name or one.email for one in list_users(wiring().engine)}


def actor_words(actor: str, names: dict[str, str], words: Words) -> str:
    """Name an actor: a person by their name, a key as such, anybody else as they were written."""
    if actor.startswith(USER):
        return names.get(actor.removeprefix(USER), words.say("Somebody who is gone"))
    if actor.startswith(KEY):
        return words.say("API key {key}", key=actor.removeprefix(KEY))
    line, _, account = actor.partition(": ")
    if line != COMMAND_LINE:
        return actor
    if not account:
        return words.say("Command line")
    return words.say("Command line, as {account}", account=account)
