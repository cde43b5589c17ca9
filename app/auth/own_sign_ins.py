"""Shows people where they are signed in, and signs them out there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.store.audit import Change, SubjectKind, note_change
from experiments.store.engine import reading, writing
from experiments.store.users import SignIn, end_sign_ins, read_sign_ins

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from app.auth.people import Person

__all__ = ["SignIn", "end_others", "sign_ins_of"]


def sign_ins_of(engine: Engine, person: Person, now: datetime) -> tuple[SignIn, ...]:
    """Give the browsers in which somebody is signed in, the one used last first."""
    with reading(engine) as connection:
        found = read_sign_ins(connection, person.user.user_id)
    return tuple(one for one in found if one.expires_at > now)


def end_others(engine: Engine, person: Person, now: datetime) -> int:
    """Sign somebody out in every browser but the one that asks; give how many there were."""
    with writing(engine) as connection:
        ended = end_sign_ins(connection, person.user.user_id, but=person.token_hash)
        if ended:
            change = Change("end_sign_ins", SubjectKind.USER, person.user.user_id, None,
                            {"sign_ins": ended})  # fmt: skip
            note_change(connection, change, now, f"user {person.user.user_id}")
    return ended
