"""The web-search environment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from llmgym.conversion import items_from_message, tools_to_responses
from llmgym.core import Env, Episode
from llmgym.envs.arguments import one_of
from llmgym.envs.google_search.encyclopedia import LEAST_ARTICLES, MOST_ARTICLES, encyclopedia
from llmgym.envs.google_search.search import Engine, SearchFailed, engine_of, identity_of, settings_of
from llmgym.envs.google_search.search.embedded import embedded_engine
from llmgym.envs.google_search.search.pages import page_content, require_trafilatura, shorten
from llmgym.envs.google_search.search.tape import Tape
from llmgym.envs.google_search.tasks import LEVELS, make_search_question
from llmgym.envs.google_search.transport import SearchToolbox
from llmgym.errors import InfrastructureError, InvalidTask, UsageError
from llmgym.messages import Action, assistant, tool_call
from llmgym.tasks import Task, TaskSet
from llmgym.threads import in_thread
from llmgym.tools import tool
from llmgym.verdict import Verdict
from llmgym.verifiers.boxed_letter import final_content, grade_boxed_letter

__all__ = ["GoogleSearchEnv"]


class GoogleSearchEnv(Env):
    r"""Answer a multiple-choice question with the help of a search engine.

    ## Description
    The model searches, reads pages, and ends with the letter of an option in a box. By default it searches a
    generated encyclopedia: nothing in it is true, so nothing of it can be known or guessed; every wrong option is
    what another article says.

    ## Action Space
    A response: a string, an assistant message or an `llmgym.Response`. It may call the tools

    | tool | arguments | returns |
    |---|---|---|
    | `search` | `query`: text | `{"search_results": "..."}`, the results as JSON text; or `Error: Unexpected error - ...` in its place |
    | `browse` | `url`: text | `{"page_content": "..."}`, the text of the page; or `No text found`, `No HTML found`, `Error: Unexpected error = ...` |

    Of a page with more than 10,000 words the first and last 5,000 characters are shown.

    ## Observation Space
    The conversation so far: `Messages`, a list of Chat messages.

    ## Starting State
    A system message with the form of the answer, and a user message with the question and its options. Procedural
    tasks:

    | difficulty | articles to read, one leading to the next | options |
    |---|---|---|
    | `easy` | 1 | 4 |
    | `medium` | 2 | 4 |
    | `hard` | 3-4 | 6 |

    ## Rewards
    1.0 when the content of the *first* `\boxed{...}` of the last message, up to the first closing brace, equals
    `expected_answer` as it is, else 0.0. A box anywhere in the parts of the message counts, also in a refusal or in
    the title of a citation; a newline within the box is read as `\n`. The rollout must end in a message: after a
    tool call that was not followed by one the reward is 0.0.

    ## Episode End
    * Termination: a response without a tool call (`answered`).
    * Truncation: `max_turns` responses (100 by default), a response that was cut off (`length`), or `deadline`.

    ## Information
    At reset `tools`, `task_id`, `task_index` and `new_messages`; at each step `turn` and `new_messages`; at the end
    also `stop_reason`, `components`, `vacuous`, `reason` (`no_message`, `no_box` or `wrong_option` for 0.0) and
    `metrics` with `parsed_option` (str, left out without a box), `searches` and `pages` (int).

    ## Arguments
    ```python
    gym.make("llmgym/GoogleSearch-v0", difficulty="hard")
    gym.make("llmgym/GoogleSearch-v0", dataset="rows.jsonl", google_api_key="$GOOGLE_API_KEY", google_cx="$GOOGLE_CX")
    gym.make("llmgym/GoogleSearch-v0", engine={"kind": "searxng", "url": "http://localhost:8888/search?q={query}&format=json"})
    ```

    | argument | default | meaning |
    |---|---|---|
    | `difficulty` | `"medium"` | `easy`, `medium` or `hard`; of procedural tasks only |
    | `engine` | `None` | `embedded`, `google`, `searxng`, `brave`, `tavily`, `http`, or an object with `kind` and settings; `None` for `google` when its key is given, else `embedded` |
    | `google_api_key`, `google_cx` | `None` | settings `key` and `cx` of the engine `google`, which by itself takes `$GOOGLE_API_KEY` and `$GOOGLE_CX` |
    | `on_failure` | `"tell"` | what to do when the engine fails: `tell` the model, as the public server does, or `fail` the rollout |
    | `allow_private` | `False` | whether `browse` may visit loopback, private and other addresses that are not public |
    | `recording` | `None` | folder that keeps every answer of the engine and every page, for runs to come |
    | `replay` | `False` | answer from the recording alone |
    | `articles`, `encyclopedia_seed` | `600`, `0` | which encyclopedia to generate; rows that name one bring their own |
    | `dataset` | `None` | a file, hub id or rows of the public schema; `None` for procedural tasks |
    | `split`, `num_tasks`, `max_turns`, `deadline`, `tool_timeout`, `on_bad_row`, `render_mode` | | as in `llmgym.Env` |

    In every text of the engine's settings `$NAME` stands for an environment variable, so that records hold no keys.
    An engine takes `concurrency` (8), `retries` (2), `timeout` (10 seconds for a query) and `pause` (0.5 seconds
    before the first repetition) as well. An engine of kind `http` takes `url` with `{query}` in it, `method`,
    `headers`, `body`, and the paths `results`, `title`, `link` and `snippet` of its answer.

    With the embedded engine `browse` shows the articles of the encyclopedia and nothing else, and no network is
    used. Pages of the web are read with trafilatura (extra `search`). Only `http` and `https` are visited; each
    address is checked when its name has been looked up, and again at every redirection.

    A row has `expected_answer` (a letter), and if it likes `encyclopedia` (`articles`, `seed`) and `evidence`
    (addresses).

    ## References
    NeMo Gym, resource server `google_search`; data set `nvidia/Nemotron-RL-knowledge-web_search-mcqa` (2907 rows,
    Apache 2.0).

    ## Version History
    * v0: the public rule; an answer without a box, which crashes the public verifier, is a reward of 0.0 here.
    """

    default_max_turns = 100

    def __init__(
        self,
        *,
        difficulty: str = "medium",
        engine: str | Mapping[str, Any] | None = None,
        google_api_key: str | None = None,
        google_cx: str | None = None,
        on_failure: str = "tell",
        allow_private: bool = False,
        recording: str | None = None,
        replay: bool = False,
        articles: int = 600,
        encyclopedia_seed: int = 0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        one_of("difficulty", difficulty, LEVELS)
        if on_failure not in ("tell", "fail"):
            raise UsageError(f"Expected on_failure to be 'tell' or 'fail', found {on_failure!r}.")
        if replay and recording is None:
            raise UsageError("Expected a recording to replay, found none. Give its folder as recording.")
        if not _is_book(articles, encyclopedia_seed):
            raise UsageError(
                f"Expected articles to be an integer from {LEAST_ARTICLES} to {MOST_ARTICLES} and encyclopedia_seed one "
                f"of at least 0, found {articles!r} and {encyclopedia_seed!r}."
            )
        self.difficulty, self.on_failure, self.allow_private = difficulty, on_failure, allow_private
        self.articles, self.encyclopedia_seed = articles, encyclopedia_seed
        self._settings = settings_of(_chosen(engine, google_api_key, google_cx))
        self._embedded = self._settings["kind"] == "embedded"
        if not self._embedded and not replay:
            require_trafilatura()
            # A variable that is not set is told at once.
            engine_of(self._settings)
        self._tape = None if recording is None else Tape(recording, replay)
        self._book = articles, encyclopedia_seed
        self.toolbox = SearchToolbox.of(self, self.toolbox.timeout)

    async def task_set(self, dataset: Any, split: str) -> TaskSet:
        """Return procedural tasks, or those of a data set."""
        if dataset is not None:
            return TaskSet.load(dataset, split, on_error=self.on_bad_row)
        # Made here, in a thread, so that the first task does not wait for it.
        await in_thread(encyclopedia, self.articles, self.encyclopedia_seed)
        return TaskSet.procedural(
            make_search_question,
            split=split,
            difficulty=self.difficulty,
            articles=self.articles,
            seed=self.encyclopedia_seed,
            tools=[{**each, "strict": True} for each in tools_to_responses(self.toolbox.schemas)],
        )

    def begin(self, task: Task) -> None:
        """Check that the task can be graded, and choose the encyclopedia that it is about.

        Raises:
            InvalidTask: When ``expected_answer`` is not text, or ``encyclopedia`` names none.
        """
        if not isinstance(task.data.get("expected_answer"), str):
            raise InvalidTask(
                f"Task {task.id!r}: expected 'expected_answer' to be a letter, found {task.data.get('expected_answer')!r}."
            )
        book = task.data.get("encyclopedia")
        if book is None:
            self._book = self.articles, self.encyclopedia_seed
        elif isinstance(book, Mapping) and _is_book(book.get("articles"), book.get("seed")):
            self._book = book["articles"], book["seed"]
        else:
            raise InvalidTask(
                f"Task {task.id!r}: expected 'encyclopedia' to be an object of 'articles' ({LEAST_ARTICLES} to "
                f"{MOST_ARTICLES}) and 'seed', found {book!r}."
            )

    @tool(extra="ignore")
    async def search(self, query: str) -> dict[str, str]:
        """Search for pages and return up to 10 results, each with its address and an excerpt.

        Args:
            query: What to search for.
        """
        query = _sendable(query)

        async def ask() -> str:
            try:
                return await (await self._engine()).search(query)
            except SearchFailed as failure:
                if self.on_failure == "fail":
                    raise InfrastructureError(f"A search failed: {failure}.", boundary="tool") from failure
                return f"Error: Unexpected error - {failure}"

        return {"search_results": await self._answer("search", self._source(), query, ask)}

    @tool(extra="ignore")
    async def browse(self, url: str) -> dict[str, str]:
        """Return the text of the page at an address. A very long page is cut in the middle.

        Args:
            url: The address of the page.
        """
        url = _sendable(url)

        async def ask() -> str:
            engine = await self._engine()
            try:
                page = await engine.page(url)
                if page is not None:
                    return shorten(page)
                return (
                    "No HTML found"
                    if engine.offline
                    else await page_content(url, allow_private=self.allow_private)
                )
            except SearchFailed as failure:
                return f"Error: Unexpected error = {failure}"

        source = self._source() if self._embedded else "web"
        return {"page_content": await self._answer("browse", source, url, ask)}

    async def _engine(self) -> Engine:
        return await in_thread(embedded_engine, *self._book) if self._embedded else engine_of(self._settings)

    def _source(self) -> str:
        return "encyclopedia {} {}".format(*self._book) if self._embedded else identity_of(self._settings)

    async def _answer(self, tool: str, source: str, argument: str, ask: Callable[[], Awaitable[str]]) -> str:
        return await ask() if self._tape is None else await self._tape.get(tool, source, argument, ask)

    def verify(self, episode: Episode) -> Verdict:
        """Read the first box of the last message, by the public rule."""
        content = None
        if episode.turns and not episode.turns[-1].results:
            response = episode.turns[-1].response
            content = final_content(response.items or items_from_message(response.message))
        verdict = grade_boxed_letter(content, episode.task.data["expected_answer"])
        called = [result.name for result in episode.tool_results if result.outcome == "ok"]
        used = {"searches": called.count("search"), "pages": called.count("browse")}
        return replace(verdict, metrics={**verdict.metrics, **used})

    def oracle(self, task: Task) -> Sequence[Action] | None:
        """Return a search and a visit for each page of the evidence, and the answer; for public rows the answer alone.

        ``None`` when no box can hold the expected answer.
        """
        answer = f"\\boxed{{{task.data['expected_answer']}}}"
        message = assistant(answer)
        if not grade_boxed_letter(
            final_content(items_from_message(message)), task.data["expected_answer"]
        ).reward:
            return None
        responses: list[Action] = []
        evidence = task.data.get("evidence") if self._embedded else None
        for number, url in enumerate(evidence or ()):
            title = unquote(url.rpartition("/")[2]).replace("_", " ")
            responses.append(assistant(None, tool_call("search", {"query": title}, f"search_{number}")))
            responses.append(assistant(None, tool_call("browse", {"url": url}, f"browse_{number}")))
        return [*responses, message]


def _chosen(engine: Any, key: str | None, cx: str | None) -> Any:
    if key is None and cx is None:
        return "embedded" if engine is None else engine
    if engine not in (None, "google"):
        raise UsageError(
            f"google_api_key and google_cx are for the engine 'google', not {engine!r}; leave them out."
        )
    given = {"key": key, "cx": cx}
    return {"kind": "google", **{name: value for name, value in given.items() if value is not None}}


def _sendable(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON can name and no request can hold."""
    return text.encode("utf-8", "replace").decode()


def _is_book(articles: Any, seed: Any) -> bool:
    integers = all(isinstance(value, int) and not isinstance(value, bool) for value in (articles, seed))
    return integers and LEAST_ARTICLES <= articles <= MOST_ARTICLES and 0 <= seed < 2**63
