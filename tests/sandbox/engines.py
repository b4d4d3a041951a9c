"""The engines that the tests of containers run against: the double, and Docker and Podman where they work."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from llmgym.testing.engine_containers import can_run_containers
from llmgym.testing.engine_double import engine_process

IMAGE = "localhost/llmgym/test:latest"
_COMMANDS = (
    "sh bash git echo cat ls sleep mkdir id env ln mkfifo dd chmod chown head yes true false stat rm seq wc tr grep sort setsid touch"
).split()


@dataclass(frozen=True)
class EngineUnderTest:
    kind: str
    socket: str
    image: str
    real: bool
    limits: bool
    """Whether it can limit memory and the number of processes of a container."""

    @property
    def setting(self) -> dict[str, Any]:
        return {"kind": self.kind, "socket": self.socket, "image": self.image, "pull": "never"}


@contextlib.contextmanager
def running(name: str, content: Path | None = None, image: str = IMAGE) -> Iterator[EngineUnderTest]:
    """Give an engine, or skip the test with the reason why there is none.

    Args:
        name: ``double``, ``docker`` or ``podman``.
        content: A folder with what the image holds beside some programs.
        image: Name of the image.

    The variable ``LLMGYM_TEST_ENGINES`` names the engines to use, with commas between; without it the double alone, so
    that a run neither needs nor changes what is installed.
    """
    wanted = os.environ.get("LLMGYM_TEST_ENGINES", "double")
    if name not in wanted.split(","):
        pytest.skip(f"LLMGYM_TEST_ENGINES does not name {name}")
    if name == "double":
        if missing := can_run_containers():
            pytest.skip(f"the engine double cannot run here: {missing}")
        with tempfile.TemporaryDirectory() as folder, engine_process(f"{folder}/s", [image], content=content):
            yield EngineUnderTest("docker", f"{folder}/s", image, False, False)
    elif name == "docker":
        socket = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")
        if shutil.which("docker") is None or _call("docker", "version") is not None:
            pytest.skip("no Docker engine answers (DOCKER_HOST or /var/run/docker.sock)")
        if problem := _call("docker", "import", "-", image, data=_image(content)):
            pytest.skip(f"Docker cannot import an image: {problem}")
        yield EngineUnderTest("docker", socket, image, True, True)
    else:
        if shutil.which("podman") is None:
            pytest.skip("Podman is not installed")
        with tempfile.TemporaryDirectory() as folder, _podman(folder, content, image) as socket:
            limits = os.geteuid() == 0 or Path("/sys/fs/cgroup/cgroup.controllers").exists()
            yield EngineUnderTest("podman", socket, image, True, limits)


@contextlib.contextmanager
def _podman(folder: str, content: Path | None, image: str) -> Iterator[str]:
    """Run Podman's service with the first runtime that can start a container here."""
    if problem := _call("podman", "import", "-", image, data=_image(content)):
        pytest.skip(f"Podman cannot import an image: {problem}")
    limits = ["--ulimit", "nofile=256:256", "--ulimit", "nproc=4096:4096"]
    for runtime in ([], ["--runtime", "runc"]):
        if not _call(
            "podman",
            *runtime,
            "run",
            "--rm",
            "--network=none",
            "--user=65534",
            *limits,
            image,
            "/bin/sh",
            "-c",
            ":",
        ):
            break
    else:
        pytest.skip("Podman is installed and cannot run a container here")
    socket = f"{folder}/podman.sock"
    command = ["podman", *runtime, "system", "service", "--time", "0", f"unix://{socket}"]
    service = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        deadline = time.monotonic() + 30
        while not Path(socket).is_socket():
            assert service.poll() is None and time.monotonic() < deadline, "Podman's service did not start"
            time.sleep(0.02)
        yield socket
    finally:
        service.terminate()
        service.wait(20)


def _call(*command: str, data: bytes | None = None) -> str | None:
    """Run a command; return what it complains about when it fails."""
    done = subprocess.run(command, input=data, capture_output=True, timeout=120)
    return (done.stderr.decode("utf-8", "replace").strip()[-300:] or "failed") if done.returncode else None


def _image(content: Path | None) -> bytes:
    """Return a root file system in an archive: this machine's shell, a few tools, Python and their libraries."""
    files: dict[str, Path] = {}
    for name in _COMMANDS:
        if found := shutil.which(name):
            files[f"bin/{name}"] = Path(found)
    base = Path(sys.base_prefix)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    python = Path(os.path.realpath(base / "bin" / version))
    files[f"py/bin/{version}"] = python
    extensions = []
    library = base / "lib" / version
    skipped = {
        "test",
        "tests",
        "site-packages",
        "dist-packages",
        "__pycache__",
        "idlelib",
        "tkinter",
        "ensurepip",
    }
    for folder, folders, names in os.walk(library):
        folders[:] = [name for name in folders if name not in skipped and not name.startswith("config-")]
        for name in names:
            path = Path(folder, name)
            files[f"py/lib/{version}/{path.relative_to(library)}"] = path
            if name.endswith(".so"):
                extensions.append(path)
    for path in [*list(files.values())[: len(_COMMANDS)], python, *extensions]:
        listed = subprocess.run(["ldd", str(path)], capture_output=True, text=True).stdout
        for word in listed.split():
            if word.startswith("/"):
                files[word.lstrip("/")] = Path(word)
    if content is not None:
        files.update({str(path.relative_to(content)): path for path in content.rglob("*") if path.is_file()})
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for folder in ("tmp", "work", "etc", "proc", "dev", "sys", "testbed"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        passwd = b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"
        entry = tarfile.TarInfo("etc/passwd")
        entry.size = len(passwd)
        tar.addfile(entry, io.BytesIO(passwd))
        link = tarfile.TarInfo("bin/python3")
        link.type, link.linkname = tarfile.SYMTYPE, f"/py/bin/{version}"
        tar.addfile(link)
        for name, path in files.items():
            entry = tar.gettarinfo(os.path.realpath(path), name)
            if entry.isreg():
                entry.uid = entry.gid = 0
                with open(path, "rb") as file:
                    tar.addfile(entry, file)
    return archive.getvalue()
