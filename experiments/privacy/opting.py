"""Lets a member opt out of personalised offers, and in again, at any time.

Consent stands with the member, so it is in force wherever members are known within a quarter of a
second (`experiments.watch`). Before assignment it keeps the member out of every draw; afterwards
the member is served the default offer and still counts as assigned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.errors import InvalidValues
from experiments.member import Member, id_problem
from experiments.store.access_log import Access, AccessAction, log_access
from experiments.store.engine import reading, writing
from experiments.store.erasures import digest_of, held_back, make_digest_key
from experiments.store.members import find_member, merge_members
from experiments.store.opt_outs import OptOut, note_consents, read_opt_outs

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from experiments.lifecycle import Act


@dataclass(frozen=True, slots=True)
class Consent:
    """What stands for a member.

    Attributes:
        changed: Whether this request changed it; a repeat changes nothing.
    """

    member_id: str
    opted_out: bool
    changed: bool


def opt_out(engine: Engine, member_id: str, act: Act) -> Consent:
    """Serve a member the default offer from now on; a member whom nobody sent yet is kept.

    Raises:
        InvalidValues: The id cannot be one.
    """
    return _set(engine, member_id, act, opted_out=True)


def opt_in(engine: Engine, member_id: str, act: Act) -> Consent:
    """Let a member take part again; an assignment from before stands.

    Raises:
        InvalidValues: The id cannot be one.
    """
    return _set(engine, member_id, act, opted_out=False)


def history(engine: Engine, member_id: str) -> tuple[OptOut, ...]:
    """Give the changes of a member's consent, the oldest first."""
    with reading(engine) as connection:
        return read_opt_outs(connection, member_id)


def _set(engine: Engine, member_id: str, act: Act, *, opted_out: bool) -> Consent:
    fault = id_problem("member_id", member_id)
    if fault is not None:
        raise InvalidValues([fault])
    with writing(engine) as connection:
        if held_back(connection, [member_id], act.now):
            # nothing is kept of who was erased, and no offer is personalised for them anyway
            return Consent(member_id, opted_out=True, changed=False)
        standing = find_member(connection, member_id) or Member(member_id)
        if standing.personalisation_consent is not opted_out:
            return Consent(member_id, opted_out, changed=False)
        # attributes are merged with none: another writer's are not lost
        wanted = Member(member_id, personalisation_consent=not opted_out)
        note_consents(connection, [wanted], act.now, act.actor)
        merge_members(connection, [wanted], act.now, with_consent=True)
        key = make_digest_key(connection, act.now)
        action = AccessAction.OPT_OUT if opted_out else AccessAction.OPT_IN
        log_access(connection, Access(act.now, act.actor, action, digest_of(key, member_id)))
    return Consent(member_id, opted_out, changed=True)
