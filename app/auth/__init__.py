"""Decides who may do what: API keys with scopes and rates, and whose pages a browser shows.

`keys` makes and revokes API keys, `key_ring` admits a request by its key, `rate_limit` says whether
the key may make one more. A browser key stands in a page that everybody can read, so it opens only
the member whom `member_token` finds named in a token that the business signed. `override` signs and
reads the tokens by which a tester sees a variant.
"""

from __future__ import annotations

from app.auth.key_ring import AdmittedKey, KeyRing
from app.auth.keys import (
    BROWSER_SCOPES,
    KeyKind,
    NewKey,
    Scope,
    create_key,
    hash_of,
    list_keys,
    revoke_key,
)
from app.auth.member_token import MEMBER_TOKEN_HEADER, MemberTokens, check_member
from app.auth.rate_limit import Allowance, RateLimiter

__all__ = [
    "BROWSER_SCOPES",
    "MEMBER_TOKEN_HEADER",
    "AdmittedKey",
    "Allowance",
    "KeyKind",
    "KeyRing",
    "MemberTokens",
    "NewKey",
    "RateLimiter",
    "Scope",
    "check_member",
    "create_key",
    "hash_of",
    "list_keys",
    "revoke_key",
]
