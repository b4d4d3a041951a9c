from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.history import Commit, fast_import, head
from llmgym.envs.mini_swe.mutations import KINDS, mutations
from llmgym.envs.mini_swe.patches import apply_patch
from llmgym.envs.mini_swe.repositories import FAMILIES, SHARED, Suite, shared_module
from llmgym.envs.mini_swe.tasks import LEVELS, make_repair_task
from llmgym.envs.mini_swe.trial import Trial, compiled
from llmgym.envs.mini_swe.unittests import detach, id_of_test, write_tests
from llmgym.envs.mini_swe.values import OTHER, decode, encode
from llmgym.tasks import TaskSet


def task(seed: int, difficulty: str = "medium") -> dict:
    return make_repair_task(np.random.default_rng(seed), 0, difficulty)


@pytest.fixture(scope="module")
def rows() -> list[dict]:
    return [task(seed, level) for seed in range(40) for level in LEVELS]


def outcomes(files: dict[str, str], row: dict) -> dict[str, bool]:
    """Run the tests of a row on some files, in this process."""
    package = row["repo"].partition("/")[2]
    codes = {
        path.partition("/")[2][:-3]: compiled(text, path)
        for path, text in files.items()
        if path.startswith(f"{package}/") and not path.endswith("__init__.py")
    }
    full = apply_patch(files, row["test_patch"])
    passed = {}
    for path, text in full.items():
        if path.startswith("tests/test_"):
            for test in detach(path, text):
                trial = Trial(package, codes)
                trial._left = 20_000
                seen: list = []
                scope = {
                    "__builtins__": trial._builtins,
                    "__seen__": seen,
                    "__value__": lambda value: ("value", decode(encode(value))),
                    "__raised__": lambda error: (
                        "raised",
                        [kind.__name__ for kind in type(error).__mro__] if error else [],
                    ),
                    "__error__": None,
                }
                try:
                    exec(test.program, scope)
                    passed[test.id] = test.passes(seen)
                except Exception:
                    passed[test.id] = False
    return passed


class TestRows:
    def test_have_the_fields_of_swe_bench(self, rows):
        for row in rows:
            for name in (
                "instance_id",
                "repo",
                "base_commit",
                "problem_statement",
                "patch",
                "test_patch",
                "version",
            ):
                assert isinstance(row[name], str) and row[name]
            assert len(row["FAIL_TO_PASS"]) >= 2 and len(row["PASS_TO_PASS"]) >= 4
            assert not {*row["FAIL_TO_PASS"]} & {*row["PASS_TO_PASS"]}

    def test_have_four_to_eight_modules_tests_and_a_readme(self, rows):
        for row in rows:
            package = row["repo"].partition("/")[2]
            modules = [
                p for p in row["files"] if p.startswith(f"{package}/") and not p.endswith("__init__.py")
            ]
            assert 4 <= len(modules) <= 8
            assert {"README.md", "CHANGELOG.md", "tests/__init__.py"} <= row["files"].keys()
            assert any(path.startswith("tests/test_") for path in row["files"])

    def test_name_the_tests_that_change(self, rows):
        for row in rows[:45]:
            before, after = (
                outcomes(row["files"], row),
                outcomes(apply_patch(row["files"], row["patch"]), row),
            )
            assert all(after.values())
            assert sorted(name for name in before if not before[name]) == sorted(row["FAIL_TO_PASS"])
            assert sorted(name for name in before if before[name]) == sorted(row["PASS_TO_PASS"])

    def test_change_one_module_by_the_patch_and_tests_alone_by_the_other(self, rows):
        for row in rows:
            mended = apply_patch(row["files"], row["patch"])
            assert sum(mended[path] != row["files"].get(path) for path in mended) == 1
            tested = apply_patch(row["files"], row["test_patch"])
            assert all(
                path.startswith("tests/test_") for path in tested if tested[path] != row["files"].get(path)
            )

    def test_are_python(self, rows):
        for row in rows:
            for path, text in row["files"].items():
                if path.endswith(".py"):
                    ast.parse(text)

    def test_are_the_same_for_the_same_seed_and_differ_for_others(self, rows):
        assert task(3, "hard") == task(3, "hard")
        for level in LEVELS:
            assert len({row["split_identity"] for row in rows if row["difficulty"] == level}) == 40

    def test_cover_the_families_and_many_kinds(self):
        families, kinds = Counter(), Counter()
        for seed in range(150):
            row = task(seed, "easy")
            families[row["family"]] += 1
            kinds[row["bug_kind"]] += 1
        assert families.keys() == FAMILIES.keys() and len(FAMILIES) >= 12
        assert len(kinds) >= 15 and max(kinds.values()) < 40

    def test_of_two_splits_share_nothing(self):
        train = TaskSet.procedural(make_repair_task, split="train", difficulty="easy")
        test = TaskSet.procedural(make_repair_task, split="test", difficulty="easy")
        ids = [{tasks[index].data["instance_id"] for index in range(12)} for tasks in (train, test)]
        assert len(ids[0]) == len(ids[1]) == 12 and not ids[0] & ids[1]


class TestIssues:
    def test_tell_a_call_what_it_should_give_and_what_it_gives(self, rows):
        for row in rows:
            text = row["problem_statement"]
            assert "```python" in text and "should" in text and "Instead it" in text

    def test_of_easy_tasks_name_the_function(self, rows):
        for row in rows:
            title = row["problem_statement"].split("\n")[0]
            path = row["patch"].split("\n")[0].split(" b/")[1]
            assert (f"in `{path}`" in title) == (row["difficulty"] == "easy")

    def test_of_hard_tasks_call_another_module(self, rows):
        for row in rows:
            if row["difficulty"] == "hard":
                path = row["patch"].split("\n")[0].split(" b/")[1]
                changed = [
                    name
                    for name in row["FAIL_TO_PASS"]
                    if f"test_{path.rpartition('/')[2][:-3]}." not in name
                ]
                assert changed

    def test_do_not_quote_the_line(self, rows):
        for row in rows:
            changed = [
                line[1:].strip() for line in row["patch"].split("\n") if line[:1] in "+-" and line[1:2] == " "
            ]
            assert not any(len(line) > 25 and line in row["problem_statement"] for line in changed)


class TestBugs:
    SOURCE = '''
def f(a, b=2, d=None, *, c=True):
    """Say something."""
    if d is None:
        d = []
    if a < 0:
        raise ValueError("no")
    for item in list(d):
        if not item and a == 1:
            continue
        a += item["x"]
        d.append(-item["y"])
    copy = {"x": 1, "y": 2}
    return max(a, b), copy[str(a)][1:b], sorted(d)
'''

    def test_are_of_at_least_twelve_kinds(self):
        found = {mutation.kind for mutation in mutations(self.SOURCE)}
        assert len(KINDS) >= 20 and len(found) >= 18, KINDS.keys() - found

    def test_change_one_place_and_leave_python(self):
        for mutation in mutations(self.SOURCE):
            changed = mutation.applied(self.SOURCE)
            if changed is not None:
                ast.parse(changed)
                assert changed != self.SOURCE and '"""Say something."""' in changed
                assert mutation.function == "f"

    def test_shared_default(self):
        changed = [m.applied(self.SOURCE) for m in mutations(self.SOURCE) if m.kind == "mutable_default"]
        assert any(text and ("d=[]" in text) and "d is None" not in text for text in changed)

    def test_that_never_end_are_noticed(self):
        suite = Suite("m", "from p.m import f")
        suite.add("f", "", "f(3)")
        source = "def f(n):\n    while n > 0:\n        n {} 1\n    return n\n"
        assert Trial("p", {"m": compiled(source.format("-="), "m")}).run([suite], apart=False) == {
            ("m", "f"): [("value", 0)]
        }
        assert Trial("p", {"m": compiled(source.format("+="), "m")}).run([suite], apart=False) is None

    def test_a_trial_leaves_no_module_behind(self):
        before = set(sys.modules)
        task(1)
        assert not {
            name
            for name in set(sys.modules) - before
            if name.partition(".")[0] not in sys.stdlib_module_names
        }


class TestRepositories:
    @pytest.mark.parametrize("family", FAMILIES)
    def test_work(self, family):
        for seed in range(4):
            draft = FAMILIES[family](Draw(seed))
            for name in SHARED:
                if any(f".{name} import" in text for text in draft.modules.values()):
                    draft.modules[name], _ = shared_module(name, draft.package, Draw(seed))
            codes = {name: compiled(text, name) for name, text in draft.modules.items()}
            results = Trial(draft.package, codes).run(draft.suites, apart=True)
            assert results is not None and results == Trial(draft.package, codes).run(
                draft.suites, apart=False
            )
            for found in results.values():
                assert found and all(kind != "stopped" and value != OTHER for kind, value in found)


class TestTestFiles:
    def test_are_read_as_they_were_written(self):
        suite = Suite("m", "from p.m import f")
        suite.add("two", "x = 1", "f(x)", "f(2)")
        suite.add("two", "", "f(0)")
        expected = {
            ("m", "two"): [("value", {"a": {1}}), ("raised", "KeyError")],
            ("m", "two_v2"): [("value", frozenset())],
        }
        text = write_tests(suite, suite.cases, expected)
        one, other = detach("tests/test_m.py", text)
        assert one.id == id_of_test("m", "two") == "tests.test_m.MTest.test_two"
        assert one.expected == (("value", {"a": {1}}), ("raised", "KeyError"))
        assert "assert" not in one.program and "KeyError" not in one.program
        assert one.passes([("value", {"a": frozenset({1})}), ("raised", ["KeyError", "LookupError"])])
        assert one.passes([("value", {"a": {1}}), ("raised", ["Mine", "KeyError"])])
        assert other.expected == (("value", frozenset()),)

    @pytest.mark.parametrize(
        "seen",
        [
            [],
            [("value", 1)],
            [("value", 1)] * 3,
            [("raised", ["KeyError"])] * 2,
            [("value", 1), ("raised", [])],
            [("value", 1), ("value", "KeyError")],
        ],
    )
    def test_pass_with_all_that_is_expected_alone(self, seen):
        text = "class A:\n    def test_x(self):\n        self.assertEqual(f(), 1)\n        with self.assertRaises(KeyError):\n            f()\n"
        (test,) = detach("tests/test_x.py", text)
        assert test.passes([("value", 1), ("raised", ["KeyError"])])
        assert not test.passes(seen)

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("self.assertTrue(f())", "assertEqual or assertRaises"),
            ("self.assertEqual(f(), g())", "literal"),
            ("self.assertRaises(KeyError, f)", "assertEqual or assertRaises"),
            ("x = self.y", "assertEqual or assertRaises"),
            ("with self.assertRaises((KeyError, ValueError)):\n            f()", "name of an exception"),
        ],
    )
    def test_of_another_form_are_refused_with_the_line(self, line, told):
        with pytest.raises(ValueError, match=told) as caught:
            detach("tests/test_x.py", f"class A:\n    def test_x(self):\n        {line}\n")
        assert "tests/test_x.py:3" in str(caught.value)

    def test_a_test_without_checks_never_passes(self):
        (test,) = detach("tests/test_x.py", "class A:\n    def test_x(self):\n        pass\n")
        assert not test.passes([])


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.binary(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


class TestValues:
    @given(plain)
    def test_come_back_with_their_types(self, value):
        again = decode(encode(value))
        assert again == value and repr(again) == repr(value)

    def test_of_other_types_equal_nothing(self):
        class Equal(int):
            def __eq__(self, other):
                return True

            __hash__ = int.__hash__

        for value in (Equal(1), object(), Equal, type("str", (str,), {})("x"), [Equal(1)]):
            assert decode(encode(value)) not in (1, [1], "x", None, True)
        assert decode(encode(Equal(1))) == OTHER

    def test_without_an_end_are_cut(self):
        endless: list = []
        endless.append(endless)
        decode(encode(endless))

    @pytest.mark.parametrize(
        "data",
        [
            1,
            {},
            [],
            ["int"],
            ["int", "x"],
            ["int", 1],
            ["list", 1],
            ["dict", [[["list", []], 1]]],
            ["dict", [1]],
        ],
    )
    def test_that_were_not_encoded_are_refused(self, data):
        with pytest.raises(ValueError):
            decode(data)


def test_git_gives_the_hash_that_was_computed(tmp_path):
    files = {"README.md": "# é\n", "p/a.py": "", "p.txt": "x", "p-q/b": "1\n", "z": "last"}
    commits = [
        Commit("First\n", ("README.md", "p/a.py", "p.txt")),
        Commit("Second\n\nMore.\n", ("p-q/b", "z")),
    ]
    try:
        subprocess.run(["git", "init", "-q", "-b", "main"], cwd=tmp_path, check=True)
    except FileNotFoundError:
        pytest.skip("git is not installed")
    subprocess.run(
        ["git", "fast-import", "--quiet"], input=fast_import(files, commits), cwd=tmp_path, check=True
    )
    found = subprocess.run(["git", "rev-parse", "main"], cwd=tmp_path, check=True, capture_output=True)
    assert found.stdout.decode().strip() == head(files, commits)
