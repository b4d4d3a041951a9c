"""A small language model behind an OpenAI-compatible address of this machine.

``python -m llmgym.policies.local_server`` serves until it is interrupted and prints its address.
:class:`~llmgym.policies.local.LocalPolicy` runs the same program as a child process: llama.cpp holds Python's global
lock while it loads and while it shuts down, and its threads do not survive a fork, so it gets a process of its own.

Nothing of llmgym is imported to serve a file: a child starts in the time that the model takes.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import signal
import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

DEFAULT_CONTEXT = 6144
"""Tokens of a conversation, prompt and response together. SmolLM2 takes up to 8192."""

DEFAULT_SLOTS = 4
"""Conversations at a time."""

_CACHE_MIB = 256
_END = {signal.SIGINT, signal.SIGTERM}
_LOG_ERRORS = 1
_PARENT_CHECK = 2.0


def default_threads() -> int:
    """Return how many threads compute: half of the cores, at most four.

    The threads wait for each other after every layer. Where one has to share its core, all are slow: on two busy
    cores, two threads take several times as long as one.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(4, cores // 2))


def serve(
    model: str, *, port: int, host: str, slots: int, context: int, threads: int
) -> tuple[Any, dict[str, Any]]:
    """Start a server in this process.

    Args:
        model: Path of a GGUF file.
        port: Port; 0 takes a free one.
        host: Address to listen at.
        slots: Conversations at a time.
        context: Tokens of a conversation.
        threads: Threads of the computation.

    Returns:
        The server, which ends when it is forgotten, and what a client needs to know: ``url``, ``native_tools``
        (whether the model's template knows tools) and ``context`` (which may be less than asked for).
    """
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {Path(model).stem}
    params.hostnames = [host]
    params.port = port
    params.n_parallel = slots
    params.n_ctx = context * slots
    params.cpuparams.n_threads = threads
    params.use_jinja = True
    params.verbosity = _LOG_ERRORS
    params.cache_ram_mib = _CACHE_MIB
    # A page in a browser may reach a local port; it is not to read from this one.
    params.cors_origins = "http://127.0.0.1"
    params.ui = False
    # With these, what is computed for a token depends as little as can be on the other conversations in the batch and
    # on what is left in the cache, so that a seeded run can be repeated on the same machine.
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.no_extra_bufts = True
    params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    server = xllamacpp.Server(params)
    address = server.listening_address
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
        f"{address}/props", timeout=60
    ) as reply:
        props = json.loads(reply.read())
    about = {
        "url": f"{address}/v1",
        "native_tools": bool(props.get("chat_template_caps", {}).get("supports_tools")),
        "context": int(props["default_generation_settings"]["n_ctx"]),
    }
    return server, about


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve a model until interrupted. See ``--help``."""
    parser = argparse.ArgumentParser(
        prog="python -m llmgym.policies.local_server",
        description="Serve a small model to OpenAI-compatible clients.",
    )
    parser.add_argument(
        "--model", help="a .gguf file or a hub id owner/repo[:file.gguf]; default SmolLM2-135M-Instruct"
    )
    parser.add_argument(
        "--download", action="store_true", help="fetch the default model if it is not here yet"
    )
    parser.add_argument("--port", type=int, default=0, help="port (a free one)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (%(default)s)")
    parser.add_argument(
        "--slots", type=int, default=DEFAULT_SLOTS, help="conversations at a time (%(default)s)"
    )
    parser.add_argument(
        "--context", type=int, default=DEFAULT_CONTEXT, help="tokens of a conversation (%(default)s)"
    )
    parser.add_argument("--threads", type=int, default=default_threads(), help="threads (%(default)s)")
    parser.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    path = options.model
    if options.parent is None:
        # Threads inherit this, so that the signals wait for us below.
        signal.pthread_sigmask(signal.SIG_BLOCK, _END)
        path = _find(parser, options.model, options.download)
    server, about = serve(
        path,
        port=options.port,
        host=options.host,
        slots=options.slots,
        context=options.context,
        threads=options.threads,
    )
    sys.stdout.write(f"{about['url'] if options.parent is None else json.dumps(about)}\n")
    sys.stdout.flush()
    if options.parent is None:
        signal.sigwait(_END)
    else:
        _wait_for_parent(options.parent)
    # Ending the server in an orderly way can hang while it generates; there is nothing to save.
    os._exit(0)


def _find(parser: argparse.ArgumentParser, model: str | None, download: bool) -> str:
    from llmgym.errors import UsageError
    from llmgym.policies.local_model import find_model, require_xllamacpp

    try:
        require_xllamacpp()
        return str(find_model(model, download=download))
    except UsageError as error:
        parser.error(str(error))


def _wait_for_parent(parent: int) -> None:
    """Return when the parent closes our standard input, or is gone.

    A fork of the parent may hold the other end of the pipe open, hence the look at the process id.
    """
    while os.getppid() == parent:
        ready, _, _ = select.select([sys.stdin], [], [], _PARENT_CHECK)
        if ready and not os.read(sys.stdin.fileno(), 4096):
            return


if __name__ == "__main__":
    main()
