"""The WSGI application in front of Flask: matches, admits, answers, logs."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING, Final

from structlog.contextvars import bind_contextvars

from app.auth import Scope
from app.errors import INTERNAL, explain
from app.front import consent, events, faults, grants, ofrep, progress
from app.front.exchange import Call
from app.front.offers import PREFIX, SUFFIX, read_offer
from app.front.offers import RULE as OFFER_RULE
from app.front.tracing import TRACE_HEADER, trace_id_of
from app.settings import LogLevel
from experiments.errors import InvalidValues, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from app.front.access_log import AccessLog
    from app.front.admission import Admission
    from app.front.desk import Desk
    from app.front.exchange import Reply
    from app.front.origins import Origins
    from app.monitoring import Monitor

_STATUS: Final = {one.value: f"{one.value} {one.phrase}" for one in HTTPStatus}
_UNCHANGING: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)
_SERVER_FAULT: Final = 500
_LOGGED: Final = frozenset({LogLevel.DEBUG, LogLevel.INFO})
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that the front answers.

    Attributes:
        rule: The address as logs and metrics name it, without anybody's id.
        scope: What a key needs.
        answer: Gives the answer, or raises a fault.
        refuse: Gives the answer to a fault; None for a problem.
    """

    rule: str
    scope: Scope
    answer: Callable[[Desk, Call], Reply]
    refuse: Callable[[Call, Exception], Reply] | None = None


OFFER: Final = Endpoint(OFFER_RULE, Scope.OFFERS_READ, read_offer)
PROGRESS: Final = Endpoint(progress.RULE, Scope.OFFERS_READ, progress.read_progress)
FLAG: Final = Endpoint(ofrep.SINGLE_RULE, Scope.OFFERS_READ, ofrep.evaluate, ofrep.refused)
FLAGS: Final = Endpoint(ofrep.BULK, Scope.OFFERS_READ, ofrep.evaluate_all, ofrep.refused)
EXPOSURES: Final = Endpoint(events.EXPOSURES, Scope.EVENTS_WRITE, events.report_exposures)
CONVERSIONS: Final = Endpoint(events.CONVERSIONS, Scope.EVENTS_WRITE, events.report_conversions)
OPT_OUT: Final = Endpoint(
    consent.RULES[consent.OPT_OUT], Scope.CONSENT_WRITE, consent.change_consent
)
OPT_IN: Final = Endpoint(consent.RULES[consent.OPT_IN], Scope.CONSENT_WRITE, consent.change_consent)
WHY: Final = Endpoint(consent.RULES[consent.WHY], Scope.OFFERS_READ, consent.explain_offer)
GRANTS: Final = Endpoint(grants.GRANTS, Scope.GRANTS_WRITE, grants.order_grants)

_REPORTED: Final = {
    events.EXPOSURES: EXPOSURES,
    events.CONVERSIONS: CONVERSIONS,
    grants.GRANTS: GRANTS,
}


_OF_MEMBERS: Final = {
    "GET": (
        (SUFFIX, OFFER),
        (progress.SUFFIX, PROGRESS),
        (consent.WHY, WHY),
    ),
    "POST": (
        (consent.OPT_OUT, OPT_OUT),
        (consent.OPT_IN, OPT_IN),
    ),
}
"""How addresses of one member end, the most frequent first."""

_LENGTH: Final = len(PREFIX)


def endpoint_of(method: str, path: str) -> Endpoint | None:
    """Give the endpoint that answers an address; None for what is Flask's."""
    if method == "POST":
        if path == ofrep.BULK:
            return FLAGS
        if path.startswith(ofrep.SINGLE):
            return FLAG
        if (reported := _REPORTED.get(path)) is not None:
            return reported
    if path.startswith(PREFIX):
        for ending, endpoint in _OF_MEMBERS.get(method, ()):
            if path.endswith(ending) and len(path) > _LENGTH + len(ending):
                return endpoint
    return None


class Front:
    """Answers what frontends call often; everything else goes to the application inside."""

    def __init__(
        self, inner: WSGIApplication, desk: Desk, origins: Origins, log: AccessLog
    ) -> None:
        """Stand before `inner`, and answer from `desk`."""
        self._inner = inner
        self._desk = desk
        self._origins = origins
        self._log = log
        self._answered = desk.monitor.tally.answered
        self._is_logged = desk.wiring.settings.log_level in _LOGGED
        self._limit = desk.wiring.settings.max_body_bytes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        method, raw_path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        endpoint = endpoint_of(method, raw_path)
        if endpoint is not None:
            return self._answer(environ, start_response, endpoint)
        if method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ:
            wanted = environ["HTTP_ACCESS_CONTROL_REQUEST_METHOD"]
            if (asked := endpoint_of(wanted, raw_path)) is not None:
                self._answered(asked.rule, method, 204, 0.0)
                headers = self._origins.preflight_headers(environ.get("HTTP_ORIGIN", ""))
                start_response(_STATUS[204], [*_UNCHANGING, *headers])
                return ()
        try:
            return self._inner(environ, start_response)
        finally:
            if method not in _READING:
                # a campaign or a member may have changed: what this process does must show at once
                self._desk.serving.watch.expire()

    @property
    def admission(self) -> Admission:
        """Who may ask, and how often; the same for Flask's addresses."""
        return self._desk.admission

    @property
    def monitor(self) -> Monitor:
        """What this application has counted; the same for Flask's addresses."""
        return self._desk.monitor

    def reply(self, call: Call, endpoint: Endpoint) -> Reply:
        """Give the answer of an endpoint, whatever happens."""
        try:
            if "\0" in call.path or call.has_nul_query():
                raise _nul(call.path)  # noqa: TRY301  # answered like every other fault
            call.told = self._desk.admission.admit(call, endpoint.scope)
            return endpoint.answer(self._desk, call)
        except Exception as error:  # noqa: BLE001  # the caller gets an answer, the log the fault
            return self._refused(call, endpoint, error)

    def call_of(self, environ: WSGIEnvironment, trace_id: str) -> Call:
        """Give a request as endpoints read it."""
        path = environ.get("PATH_INFO", "")
        if not path.isascii():
            path = path.encode("latin-1", "replace").decode("utf-8", "replace")
        now = self._desk.wiring.clock()
        return Call(environ, path=path, trace_id=trace_id, now=now, limit=self._limit)

    def _answer(
        self, environ: WSGIEnvironment, start_response: StartResponse, endpoint: Endpoint
    ) -> Iterable[bytes]:
        began = perf_counter()
        trace_id = trace_id_of(environ.get("HTTP_TRACEPARENT"), environ.get("HTTP_X_REQUEST_ID"))
        bind_contextvars(trace_id=trace_id)  # whatever is logged meanwhile, carries it
        call = self.call_of(environ, trace_id)
        reply = self.reply(call, endpoint)
        seconds = perf_counter() - began
        self._answered(endpoint.rule, call.method, reply.status, seconds)
        if self._is_logged:
            self._log.add(
                trace_id=trace_id,
                method=call.method,
                route=endpoint.rule,
                status=reply.status,
                seconds=seconds,
                key_id=call.key.key_id if call.key is not None else None,
            )
        sent = [*_UNCHANGING, (TRACE_HEADER, trace_id), *call.told, *reply.headers]
        if not any(name == "Cache-Control" for name, _ in reply.headers):
            sent.append(("Cache-Control", "no-store"))
        if reply.body:
            sent.append(("Content-Type", reply.media_type))
            sent.append(("Content-Length", str(len(reply.body))))
        if origin := environ.get("HTTP_ORIGIN"):
            sent += self._origins.answer_headers(origin)
        start_response(_STATUS[reply.status], sent)
        return (reply.body,)

    def _refused(self, call: Call, endpoint: Endpoint, error: Exception) -> Reply:
        reply = (
            endpoint.refuse(call, error)
            if endpoint.refuse is not None
            else faults.problem(error, path=call.path, trace_id=call.trace_id)
        )
        if reply.status >= _SERVER_FAULT:
            log = self._desk.wiring.log
            answer = explain(error).answer
            if answer is INTERNAL:
                log.error("request_failed", exc_info=error)
            else:
                log.error("store_failed", problem=answer.name, reason=str(error).split("\n", 1)[0])
        return reply


def _nul(path: str) -> InvalidValues:
    return InvalidValues([Problem("(address)", path, "holds a NUL character", "Remove it.")])
