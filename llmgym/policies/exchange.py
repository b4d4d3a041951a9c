"""One request from beginning to end: attempts, pauses, the deadline."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from llmgym.errors import InfrastructureError, SettingsError, UsageError
from llmgym.messages import Response
from llmgym.policies.answers import read_answer, truncated
from llmgym.policies.base import Request
from llmgym.policies.connection import Connection
from llmgym.policies.endpoints import Endpoint
from llmgym.policies.faults import Fault, fault_of_reply, parse
from llmgym.policies.http import TransportFault
from llmgym.policies.payload import Payload

__all__ = ["Exchange", "Patience"]

logger = logging.getLogger("llmgym.policies")

_PATHS = {"chat": "chat/completions", "responses": "responses"}
_HINTS = {
    401: " Check the API key (OPENAI_API_KEY or api_key).",
    403: " Check what the API key may do.",
    404: " Check the model's name and the base URL, which for most servers ends in /v1.",
}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often to try. Times are in seconds.

    Attributes:
        timeout: Deadline of a request: waiting, attempts and pauses together.
        attempt_timeout: Deadline of one attempt; ``None`` leaves all the time there is.
        max_retries: Further attempts after a failure other than a 429.
        base_delay: First delay between attempts.
        max_delay: Longest delay.
        revive_after: How long an unreachable endpoint counts as down.
    """

    timeout: float = 600.0
    attempt_timeout: float | None = None
    max_retries: int = 8
    base_delay: float = 0.5
    max_delay: float = 30.0
    revive_after: float = 10.0

    def __post_init__(self) -> None:
        for name, value in (("timeout", self.timeout), ("attempt_timeout", self.attempt_timeout)):
            if value is not None and not value > 0:
                raise SettingsError(f"Expected {name} to be a positive number of seconds, found {value!r}.")
        if self.max_retries < 0:
            raise SettingsError(f"Expected max_retries to be 0 or more, found {self.max_retries!r}.")


@dataclass(slots=True)
class _Course:
    """What has come of one request so far."""

    request: Request
    payload: dict[str, Any] = field(default_factory=dict)
    limit: int = 0
    encrypted: bool = False
    attempts: int = 0
    failures: int = 0
    where: str = ""
    problem: str = ""

    def summary(self) -> str:
        if self.attempts == 0:
            return ": the request was still waiting for its turn under the endpoint's limits"
        last = f": the last problem was: {self.problem}" if self.problem else ""
        return (f" in {self.attempts} attempts" if self.attempts > 1 else "") + last


class Exchange:
    """Carries requests to endpoints until there is an answer or no hope.

    Args:
        connection: Where requests go.
        payload: Makes their bodies.
        patience: How long and how often to try.
        encrypted_reasoning: Whether to ask for encrypted reasoning at first.
        jitter_seed: Seed for the jitter of delays; ``None`` draws one from the system.
    """

    def __init__(
        self,
        connection: Connection,
        payload: Payload,
        patience: Patience,
        *,
        encrypted_reasoning: bool = True,
        jitter_seed: int | None = None,
    ):
        self._connection, self._payload, self._patience = connection, payload, patience
        self._path = _PATHS[connection.api]
        self._encrypted_reasoning = encrypted_reasoning
        self._jitter = np.random.default_rng(np.random.SeedSequence(jitter_seed))

    async def run(self, request: Request) -> Response:
        """Return the answer to a request.

        Raises:
            InfrastructureError: When there is none.
            UsageError: When the conversation cannot be written as a request.
        """
        course = _Course(request)
        try:
            async with asyncio.timeout(self._patience.timeout) as deadline:
                return await self._attempts(course, deadline.when() or 0.0)
        except TimeoutError:
            raise InfrastructureError(
                f"The policy endpoint {course.where} gave no answer within {self._patience.timeout:g} s"
                f"{course.summary()}.",
                boundary="policy",
            ) from None

    async def _attempts(self, course: _Course, deadline: float) -> Response:
        pick, session = self._connection.router.pick, course.request.session
        body = self._write(course)
        while True:
            endpoint = pick(session, course.failures)
            course.where = endpoint.shown
            outcome = await self._attempt(endpoint, course, body, deadline)
            if isinstance(outcome, Response):
                return outcome
            course.problem = self._connection.redact(outcome.problem)
            if outcome.overflow:
                logger.info("%s: the conversation outgrew the context: %s", course.where, course.problem)
                return truncated(self._connection.model)
            if self._dislikes_include(outcome, course):
                body = self._write(course)
                continue
            if not outcome.retry:
                hint = _HINTS.get(outcome.status or 0, "")
                raise InfrastructureError(
                    f"The policy endpoint {course.where} refused the request: {course.problem}.{hint}",
                    boundary="policy",
                    retryable=False,
                )
            course.failures += outcome.status != 429
            if course.failures > self._patience.max_retries:
                raise InfrastructureError(
                    f"The policy endpoint {course.where} failed {course.attempts} times; "
                    f"the last problem was: {course.problem}.",
                    boundary="policy",
                )
            logger.debug("%s: attempt %d failed: %s", course.where, course.attempts, course.problem)
            if outcome.unreachable:
                endpoint.limiter.mark_down(self._patience.revive_after)
                if not pick(session).limiter.down:
                    continue
            if not outcome.busy:
                await asyncio.sleep(self._delay(course.attempts))

    async def _attempt(
        self, endpoint: Endpoint, course: _Course, body: bytes, deadline: float
    ) -> Response | Fault:
        # Four bytes a token is near the truth for English text in JSON, and is corrected by the server's count.
        estimate = len(body) // 4 + course.limit
        limiter = endpoint.limiter
        await limiter.acquire(estimate)
        course.attempts += 1
        used: int | None = None
        outcome: Response | Fault | None = None
        try:
            outcome = await self._send(endpoint, course, body)
            if isinstance(outcome, Response):
                limiter.mark_down(0)
                used = (outcome.usage or {}).get("total_tokens")
            else:
                used = 0
                if outcome.busy:
                    delay, left = outcome.retry_after, deadline - asyncio.get_running_loop().time()
                    # A wait beyond the deadline is taken for a mistake, or there would be no second attempt.
                    if delay is None or delay >= left:
                        delay = self._delay(course.attempts)
                    limiter.throttle(delay)
                    logger.info("%s: paused for %.1f s: HTTP %s", endpoint.shown, delay, outcome.status)
            return outcome
        finally:
            limiter.release(estimate, used=used, ok=isinstance(outcome, Response))

    async def _send(self, endpoint: Endpoint, course: _Course, body: bytes) -> Response | Fault:
        post, most = self._connection.transport.post, self._patience.attempt_timeout
        try:
            if most is None:
                reply = await post(endpoint, self._path, course.payload, body)
            else:
                async with asyncio.timeout(most):
                    reply = await post(endpoint, self._path, course.payload, body)
        except TransportFault as fault:
            return Fault(str(fault), retry=not fault.fatal, unreachable=fault.unreachable)
        except TimeoutError:
            return Fault(f"no answer within {most} s", retry=True)
        refused = fault_of_reply(reply, course.limit)
        if refused is not None:
            return refused
        parsed = parse(reply)
        if isinstance(parsed, Fault):
            return parsed
        return read_answer(parsed, self._connection.api, course.request.turn, course.limit)

    def _write(self, course: _Course) -> bytes:
        course.encrypted = self._encrypted_reasoning
        course.payload = self._payload.build(course.request, encrypted_reasoning=course.encrypted)
        course.limit = self._payload.token_limit(course.payload)
        try:
            return orjson.dumps(course.payload, option=orjson.OPT_SERIALIZE_NUMPY)
        except TypeError as error:
            raise UsageError(f"The request to the model cannot be written as JSON: {error}.") from None

    def _dislikes_include(self, fault: Fault, course: _Course) -> bool:
        """Tell whether to go on without asking for encrypted reasoning, which only some models have."""
        asked = course.encrypted and "include" in course.payload
        if not asked or fault.status not in (400, 422):
            return False
        if "ncrypted" not in fault.problem and "include" not in fault.problem:
            return False
        self._encrypted_reasoning = False
        return True

    def _delay(self, attempt: int) -> float:
        """Seconds before the next attempt: doubling, with jitter over the upper half."""
        longest = min(self._patience.max_delay, self._patience.base_delay * 2.0 ** min(attempt - 1, 30))
        return longest * float(self._jitter.uniform(0.5, 1.0))
