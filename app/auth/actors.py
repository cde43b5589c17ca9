"""Names whoever did something: users and keys, by the ids that histories keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.store.api_keys import read_api_keys
from experiments.store.engine import reading
from experiments.store.users import read_users

if TYPE_CHECKING:
    from sqlalchemy import Engine


def actor_names(engine: Engine) -> dict[str, str]:
    """Give what people call each user and each key, by its id."""
    with reading(engine) as connection:
        users, keys = read_users(connection), read_api_keys(connection)
    named = {one.key_id: f"{one.name} ({one.key_id})" for one in keys}
    return named | {one.user_id: f"{one.name} ({one.email})" for one in users}


def actors_called(engine: Engine, words: str) -> tuple[str, ...]:
    """Give the ids of those whose name, address or id has these words in it, in any letters."""
    wanted = words.casefold()
    found = [
        one for one, name in actor_names(engine).items()
        if wanted in name.casefold() or wanted in one.casefold()
    ]  # fmt: skip
    return (*found, words)
