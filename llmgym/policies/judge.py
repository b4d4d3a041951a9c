"""A judge: who says whether two answers agree.

Environments that need one make it from a description, ask it through :meth:`Judge.compare`, and leave retries,
limits, cache and accounting to it. A judge that cannot be reached is an
:class:`~llmgym.errors.InfrastructureError` with the boundary ``judge``: that rollout has no reward.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from weakref import WeakValueDictionary

from llmgym.errors import UsageError
from llmgym.messages import Message
from llmgym.policies.base import Policy
from llmgym.policies.judge_cache import Answer, ReplyCache, key_of
from llmgym.policies.judge_sources import ExactSource, PolicySource, ScriptedSource, Source
from llmgym.policies.limiter import Limiter
from llmgym.verifiers.fences import quotable
from llmgym.verifiers.judge import Comparison, Evaluation, JudgePrompt, first_label, verdict_text

__all__ = ["CONCURRENCY", "Judge", "JudgeReply", "JudgeUsage", "make_judge"]

CONCURRENCY = 64
"""Most questions to one judge at a time, as in the public configurations."""


@dataclass(frozen=True, slots=True)
class JudgeReply:
    """What a judge said.

    Attributes:
        items: Its output items, in Responses form.
        text: The text that holds the verdict (:func:`~llmgym.verifiers.judge.verdict_text`), or "".
        usage: Token counts, where they are given.
        model: Name of the model, where it is told.
        cached: Whether the reply was known already, or somebody else was asking for it.
    """

    items: list[dict[str, Any]]
    text: str
    usage: Mapping[str, int] = field(default_factory=dict)
    model: str | None = None
    cached: bool = False


@dataclass(slots=True)
class JudgeUsage:
    """What a judge has done so far.

    Attributes:
        questions: Questions that were put to it.
        calls: Questions that were passed on: not known from the cache.
        failures: Calls without an answer.
        prompt_tokens: Tokens of the prompts of the calls.
        completion_tokens: Tokens of the answers.
    """

    questions: int = 0
    calls: int = 0
    failures: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Judge:
    """Asks one source of judgements: at most so many questions at a time, and no question twice.

    Args:
        source: Who answers.
        concurrency: Most questions at a time, over all environments and threads that share the judge.
        cache: Where answers are kept; ``None`` asks every question anew.
        description: What :func:`make_judge` makes it from again, as in a copy of an environment in another process.

    Raises:
        UsageError: When ``concurrency`` is not positive.
    """

    def __init__(
        self,
        source: Source,
        *,
        concurrency: int = CONCURRENCY,
        cache: ReplyCache | None = None,
        description: Any = None,
    ):
        self._source, self._cache, self._description = source, cache, description
        self._concurrency = concurrency
        self._limiter = Limiter()
        self._limiter.configure(concurrency=concurrency)
        self.usage = JudgeUsage()
        """What the judge has done so far."""
        self._counting = threading.Lock()

    async def ask(
        self,
        messages: list[Message],
        *,
        params: Mapping[str, Any] | None = None,
        comparison: Comparison | None = None,
    ) -> JudgeReply:
        """Ask a question.

        Args:
            messages: The question in words, as Chat messages.
            params: Sampling parameters under their Responses names: ``temperature``, ``max_output_tokens``, ...
            comparison: The question apart from the words, for judges that are no language models.

        Returns:
            What the judge said, even if nothing.

        Raises:
            InfrastructureError: When there is no answer to be had; the boundary is ``judge``.
            UsageError: When the judge cannot answer such a question, or its script has ended.
        """
        asked = [_sendable(message) for message in messages]
        given = dict(params or {})
        self._count(questions=1)

        async def call() -> Answer:
            await self._limiter.acquire()
            answered = False
            try:
                answer = await self._source.answer(asked, given, comparison)
                answered = True
            finally:
                self._limiter.release(0, ok=answered)
                self._count(calls=1, failures=not answered)
            usage = answer["usage"]
            self._count(
                **{name: int(usage.get(name) or 0) for name in ("prompt_tokens", "completion_tokens")}
            )
            return answer

        if self._cache is None:
            answer, cached = await call(), False
        else:
            key = key_of(self._source.describe(), asked, given)
            answer, cached = await self._cache.get(key, call, lambda answer: _decides(answer, comparison))
        items = answer["items"]
        return JudgeReply(items, verdict_text(items) or "", answer["usage"], answer["model"], cached)

    async def compare(
        self,
        prompt: JudgePrompt,
        question: str,
        expected: str,
        answer: str,
        *,
        params: Mapping[str, Any] | None = None,
    ) -> Evaluation:
        """Ask whether two answers to a question agree.

        Args:
            prompt: What to ask, with which labels.
            question: The question.
            expected: The answer in the place of the right one.
            answer: The answer in the place of the candidate.
            params: Sampling parameters under their Responses names.

        Returns:
            What was asked, what the judge said, and the verdict that is to be read from it, if any.

        Raises:
            InfrastructureError: When there is no answer to be had; the boundary is ``judge``.
        """
        messages = prompt.messages(question, expected, answer)
        comparison = prompt.comparison(question, expected, answer)
        reply = await self.ask(messages, params=params, comparison=comparison)
        request = {"input": messages, **(params or {})}
        return Evaluation.of(request, reply.items, comparison, reply.usage, reply.model)

    def describe(self) -> dict[str, Any]:
        """Return what identifies the judge in a record, as JSON values. It never holds a key."""
        return self._source.describe()

    async def close(self) -> None:
        """Close the connections. A later question opens new ones."""
        await self._source.close()

    def _count(self, **amounts: int) -> None:
        with self._counting:
            for name, amount in amounts.items():
                setattr(self.usage, name, getattr(self.usage, name) + amount)

    def __repr__(self) -> str:
        return f"Judge({self.describe()!r})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Judge:
        if self._source.shared:
            return self
        source = copy.deepcopy(self._source, memo)
        forked = Judge(source, concurrency=self._concurrency, description=self._description)
        forked.usage = JudgeUsage(**asdict(self.usage))
        return forked

    def __reduce__(self) -> tuple[Any, ...]:
        if self._description is None:
            raise UsageError(
                "A judge that was made from an object cannot be sent to another process; describe it."
            )
        return make_judge, (self._description,)


_shared: WeakValueDictionary[str, Judge] = WeakValueDictionary()
_guard = threading.Lock()


def make_judge(description: Mapping[str, Any] | str | Judge | Policy | None = None, **defaults: Any) -> Judge:
    """Make a judge, or return the one that was made from the same description.

    Args:
        description: A kind (``local`` or ``exact``); a mapping with ``kind`` (``openai`` by default) and the
            arguments of that kind; a policy or a judge; or ``None`` for the judge of the settings, and where they
            name none for their policy. Arguments of ``openai`` and ``local`` are those of
            :class:`~llmgym.policies.OpenAIPolicy` and :class:`~llmgym.policies.LocalPolicy`, and

            * ``cache``: ``True`` (default) keeps answers in memory, a path keeps them in that file too, ``False``
              keeps none;
            * ``concurrency``: most questions at a time;
            * ``api_key_env``: name of the environment variable that holds the key.

            The argument of ``scripted`` is ``replies``.
        **defaults: Arguments to take where the description has none, for example ``concurrency``.

    Raises:
        UsageError: When no judge is described anywhere, or the description is wrong.

    Example:
        >>> make_judge("exact").describe()
        {'kind': 'exact'}
    """
    if isinstance(description, Judge):
        return description
    if isinstance(description, Policy):
        return Judge(PolicySource(description), cache=ReplyCache(), **defaults)
    from llmgym.policies.judge_settings import resolve

    resolved = {**defaults, **resolve(description)}
    try:
        key = key_of(resolved)
    except TypeError:
        # It holds an object, such as a provider of tokens.
        return _make(resolved, description)
    if resolved["kind"] == "scripted":
        return _make(resolved, description)
    with _guard:
        judge = _shared.get(key)
        if judge is None:
            judge = _shared[key] = _make(resolved, description)
    return judge


def _make(resolved: Mapping[str, Any], description: Any) -> Judge:
    arguments = dict(resolved)
    kind, keep = arguments.pop("kind"), arguments.pop("cache", True)
    concurrency = arguments.pop("concurrency", None)
    try:
        source = _SOURCES[kind](**arguments)
    except TypeError as error:
        if "argument" not in str(error):
            raise
        raise UsageError(f"The description of a judge of kind {kind!r} is wrong: {error}.") from error
    cache = ReplyCache(None if keep is True else keep) if source.kept and keep else None
    most = CONCURRENCY if concurrency is None else concurrency
    return Judge(source, concurrency=most, cache=cache, description=description or {"kind": kind})


def _openai(**arguments: Any) -> PolicySource:
    from llmgym.policies.openai import OpenAIPolicy

    return PolicySource(OpenAIPolicy(**arguments))


def _local(**arguments: Any) -> PolicySource:
    from llmgym.policies.local import LocalPolicy

    # A judge that says something else each time is of no use.
    return PolicySource(LocalPolicy(**{"temperature": 0.0, "seed": 0, **arguments}))


_SOURCES: Mapping[str, Any] = {
    "openai": _openai,
    "local": _local,
    "exact": ExactSource,
    "scripted": ScriptedSource,
}


def _decides(answer: Answer, comparison: Comparison | None) -> bool:
    """Tell whether an answer is worth keeping: one without a verdict may be better the next time."""
    text = verdict_text(answer["items"])
    if comparison is None or not text:
        return bool(text)
    return first_label(text, comparison.equal_label, comparison.not_equal_label) is not None


def _sendable(message: Message) -> Message:
    content = message.get("content")
    return {**message, "content": quotable(content)} if isinstance(content, str) else message
