"""Gives the secrets that this installation signs with: made when first asked for, one a purpose."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from experiments.store.engine import reading, writing
from experiments.store.signing_secrets import add_signing_secret, find_signing_secret

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

_SECRET_BYTES: Final = 32


def secret_for(engine: Engine, purpose: str, now: datetime) -> str:
    """Give the secret of a purpose; whoever asks first makes it, for every process."""
    with reading(engine) as connection:
        found = find_signing_secret(connection, purpose)
    if found is not None:
        return found
    with writing(engine) as connection:
        made = secrets.token_urlsafe(_SECRET_BYTES)
        add_signing_secret(connection, purpose, made, now)
        return find_signing_secret(connection, purpose) or made
