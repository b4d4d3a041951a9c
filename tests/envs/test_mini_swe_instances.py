"""Rows, images, scripts and grading of SWE-bench and SWE-Gym."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from typing import Any

import pytest

from llmgym.envs.mini_swe import instances
from llmgym.envs.mini_swe.instances import Instance, instance_of, reward_of
from llmgym.errors import DependencyMissing, InvalidTask, UsageError

if importlib.util.find_spec("swebench") is None:
    pytest.skip("the package swebench is not installed", allow_module_level=True)

START, END = "+ : '>>>>> Start Test Output'\n", "\n+ : '>>>>> End Test Output'\n"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
PATCH = """diff --git a/tests/test_old.py b/tests/test_old.py
--- a/tests/test_old.py
+++ b/tests/test_old.py
@@ -1 +1 @@
-old
+new
diff --git a/tests/new one/test_new.py b/tests/new one/test_new.py
new file mode 100644
--- /dev/null
+++ b/tests/new one/test_new.py
@@ -0,0 +1 @@
+new
"""


def row(repo: Any = "pallets/flask", version: str = "2.3", **changes: Any) -> dict[str, Any]:
    return {
        "instance_id": f"{str(repo).replace('/', '__')}-1",
        "repo": repo,
        "version": version,
        "base_commit": COMMIT,
        "problem_statement": "It fails.",
        "patch": "",
        "test_patch": PATCH,
        "FAIL_TO_PASS": ["a"],
        "PASS_TO_PASS": ["b"],
        "subset": "verified",
        **changes,
    }


def instance(*args: Any, **changes: Any) -> Instance:
    made = instance_of(row(*args, **changes))
    assert made is not None
    return made


# name: repository, version, subset, what the tests print, and for each test that was asked for whether it passes
LOGS: dict[str, tuple[str, str, str, str, dict[str, bool]]] = {
    "pytest passes": ("pallets/flask", "2.3", "verified", "PASSED t.py::a\nPASSED t.py::b", {"t.py::a": True, "t.py::b": True}),
    "pytest failure with its message": (
        "pallets/flask", "2.3", "verified", "FAILED t.py::a - assert 1 == 2\nPASSED t.py::b", {"t.py::a": False, "t.py::b": True}),
    "pytest error": ("pallets/flask", "2.3", "verified", "ERROR t.py::a - ImportError", {"t.py::a": False}),
    "pytest expected failure passes": ("pallets/flask", "2.3", "verified", "XFAIL t.py::a", {"t.py::a": True}),
    "pytest unexpected pass is no pass": ("pallets/flask", "2.3", "verified", "XPASS t.py::a", {"t.py::a": False}),
    "pytest missing is failed": ("pallets/flask", "2.3", "verified", "PASSED t.py::b", {"t.py::a": False}),
    "pytest last line wins": ("pallets/flask", "2.3", "verified", "PASSED t.py::a\nFAILED t.py::a - x", {"t.py::a": False}),
    "pytest name ends at a blank": ("pallets/flask", "2.3", "verified", "PASSED t.py::a[x y]", {"t.py::a[x": True, "t.py::a[x y]": False}),
    "pytest indented line does not count": ("pallets/flask", "2.3", "verified", "  PASSED t.py::a", {"t.py::a": False}),
    "pytest old order does not count": ("pallets/flask", "2.3", "verified", "t.py::a PASSED", {"t.py::a": False}),
    "pytest colours hide the status": ("pallets/flask", "2.3", "verified", "\x1b[32mPASSED\x1b[0m t.py::a", {"t.py::a": False}),
    "xarray": ("pydata/xarray", "2022.06", "verified", "PASSED x/t.py::a", {"x/t.py::a": True}),
    "pytest itself": ("pytest-dev/pytest", "7.0", "verified", "PASSED testing/t.py::a", {"testing/t.py::a": True}),
    "pylint shortens paths in options": (
        "pylint-dev/pylint", "2.9", "verified", "PASSED t.py::a[/testbed/x/y.py]", {"t.py::a[/y.py]": True}),
    "pylint keeps other options": ("pylint-dev/pylint", "2.9", "verified", "PASSED t.py::a[x/y.py]", {"t.py::a[x/y.py]": True}),
    "requests shortens paths in options": ("psf/requests", "2.3", "verified", "PASSED t.py::a[/tmp/f.txt]", {"t.py::a[/f.txt]": True}),
    "requests keeps two slashes": ("psf/requests", "2.3", "verified", "PASSED t.py::a[//host/x]", {"t.py::a[//host/x]": True}),
    "requests keeps stars": ("psf/requests", "2.3", "verified", "PASSED t.py::a[/x/*]", {"t.py::a[/x/*]": True}),
    "scikit-learn strips colours": (
        "scikit-learn/scikit-learn", "0.22", "verified", "\x1b[32mPASSED\x1b[0m t.py::\x1b[1ma\x1b[0m", {"t.py::a": True}),
    "scikit-learn reads the old order": ("scikit-learn/scikit-learn", "0.22", "verified", "t.py::a PASSED", {"t.py::a": True}),
    "scikit-learn failure": ("scikit-learn/scikit-learn", "0.22", "verified", "FAILED t.py::a - x\nPASSED t.py::b", {"t.py::a": False, "t.py::b": True}),
    "sphinx": ("sphinx-doc/sphinx", "3.5", "verified", "PASSED tests/t.py::a\npy39: commands succeeded", {"tests/t.py::a": True}),
    "sphinx percentage after the status": ("sphinx-doc/sphinx", "3.5", "verified", "tests/t.py::a PASSED [ 50%]", {"tests/t.py::a": False}),
    "astropy": ("astropy/astropy", "4.3", "verified", "PASSED astropy/t.py::a", {"astropy/t.py::a": True}),
    "matplotlib names buttons by number": (
        "matplotlib/matplotlib", "3.5", "verified", "PASSED t.py::a[MouseButton.LEFT]", {"t.py::a[1]": True}),
    "matplotlib other button": ("matplotlib/matplotlib", "3.5", "verified", "PASSED t.py::a[MouseButton.RIGHT]", {"t.py::a[3]": True}),
    "seaborn": ("mwaskom/seaborn", "0.12", "verified", "t.py::a PASSED [ 1%]\nFAILED t.py::b", {"t.py::a": True, "t.py::b": False}),
    "django ok": ("django/django", "3.0", "verified", "test_a (m.C) ... ok", {"test_a (m.C)": True}),
    "django ok in capitals": ("django/django", "3.0", "verified", "test_a (m.C) ... OK", {"test_a (m.C)": True}),
    "django indented": ("django/django", "3.0", "verified", "    test_a (m.C) ... ok", {"test_a (m.C)": True}),
    "django fail": ("django/django", "3.0", "verified", "test_a (m.C) ... FAIL", {"test_a (m.C)": False}),
    "django error": ("django/django", "3.0", "verified", "test_a (m.C) ... ERROR", {"test_a (m.C)": False}),
    "django docstring is the name": (
        "django/django", "3.0", "verified", "test_a (m.C)\nIt works. ... ok", {"It works.": True, "test_a (m.C)": False}),
    "django output before ok": ("django/django", "3.0", "verified", "test_a (m.C) ... noise\nmore\nok", {"test_a (m.C)": True}),
    "django server error before ok": (
        "django/django", "3.0", "verified", "test_a (m.C) ... Internal Server Error: /x/\nok", {"test_a (m.C)": True}),
    "django report of failures counts by method": (
        "django/django", "3.0", "verified", "test_a (m.C) ... ok\nFAIL: test_a (m.C)", {"test_a (m.C)": True, "test_a": False}),
    "django version line": (
        "django/django", "3.0", "verified", "--version is equivalent to version", {"--version is equivalent to version": True}),
    "sympy ok": ("sympy/sympy", "1.8", "verified", "test_a ok", {"test_a": True}),
    "sympy failure": ("sympy/sympy", "1.8", "verified", "test_a F", {"test_a": False}),
    "sympy error": ("sympy/sympy", "1.8", "verified", "test_a E", {"test_a": False}),
    "sympy other marks": ("sympy/sympy", "1.8", "verified", "test_a f\ntest_b s", {"test_a": False, "test_b": False}),
    "sympy title of a failure": (
        "sympy/sympy", "1.8", "verified", "test_a ok\n____ sympy/t.py:test_b ____", {"test_a": True, "sympy/t.py:test_b": False}),
    "gym pytest": ("getmoto/moto", "5.0", "gym", "PASSED tests/t.py::a\nFAILED tests/t.py::b - x", {"tests/t.py::a": True, "tests/t.py::b": False}),
    "gym mypy": ("python/mypy", "1.4", "gym", "PASSED mypy/test/t.py::S::d.test::a", {"mypy/test/t.py::S::d.test::a": True}),
    "gym upper case": ("Project-MONAI/MONAI", "1.2", "gym", "PASSED tests/t.py::T::a", {"tests/t.py::T::a": True}),
    "gym pydantic": ("pydantic/pydantic", "2.0", "gym", "PASSED tests/t.py::a[/x/y]", {"tests/t.py::a[/x/y]": True}),
    "fail-only passes what is missing": ("chartjs/Chart.js", "3.0", "verified", "noise", {"a": True}),
}  # fmt: skip


@pytest.mark.parametrize("name", LOGS)
def test_logs_are_read_as_the_package_does(name):
    repo, version, subset, log, wanted = LOGS[name]
    tested = instance(repo, version, subset=subset, FAIL_TO_PASS=list(wanted), PASS_TO_PASS=[])
    report = tested.grade(f"noise\n{START}{log}{END}more")
    assert {test: True for test in report["tests_status"]["FAIL_TO_PASS"]["success"]} == {
        t: True for t in wanted if wanted[t]
    }
    assert report["tests_status"]["FAIL_TO_PASS"]["failure"] == [test for test in wanted if not wanted[test]]
    assert report["resolved"] is all(wanted.values())
    assert reward_of(report) == float(all(wanted.values()))


GOOD = "PASSED a\nPASSED b"
WHOLE: dict[str, tuple[str, bool, bool]] = {
    "whole": (f"{START}{GOOD}{END}", True, True),
    "nothing": ("", False, False),
    "no end": (f"{START}{GOOD}", False, False),
    "no start": (f"{GOOD}{END}", False, False),
    "patch did not apply": (f">>>>> Patch Apply Failed\n{START}{GOOD}{END}", False, False),
    "reset failed": (f"{START}{GOOD}{END}>>>>> Reset Failed", False, False),
    "tests errored": (f"{START}>>>>> Tests Errored\n{GOOD}{END}", False, False),
    "tests timed out": (f"{START}{GOOD}>>>>> Tests Timed Out{END}", False, False),
    "results outside count when none are inside": (f"{GOOD}\n{START}{END}", True, True),
    "results outside do not count beside others": (f"PASSED a\n{START}PASSED b{END}", True, False),
    "only the first stretch counts": (f"{START}PASSED a{END}{START}PASSED b{END}", True, False),
    "one test fails": (f"{START}PASSED a\nFAILED b{END}", True, False),
    "carriage returns are line ends": (f"{START}PASSED a\r\nPASSED b\r\n{END}", True, True),
    "odd characters do no harm": (f"\udcff\0\x1b{START}PASSED a\nPASSED b\n\u2028{END}", True, True),
}


@pytest.mark.parametrize("name", WHOLE)
def test_the_signs_in_a_log(name):
    log, read, resolved = WHOLE[name]
    report = instance().grade(log)
    assert (report["patch_successfully_applied"], report["resolved"]) == (read, resolved)
    assert ("tests_status" in report) == read
    assert reward_of(report) == float(resolved)


def test_empty_lists_are_satisfied_and_earn_nothing_alone():
    log = START + GOOD + END
    assert reward_of(instance(FAIL_TO_PASS=["a"], PASS_TO_PASS=[]).grade(log)) == 1.0
    assert reward_of(instance(FAIL_TO_PASS=[], PASS_TO_PASS=["b"]).grade(log)) == 1.0
    report = instance(FAIL_TO_PASS=[], PASS_TO_PASS=[]).grade(log)
    assert report["resolved"] is True and reward_of(report) == 0.0


@pytest.mark.parametrize(
    "report", [None, {}, {"resolved": True}, {"resolved": True, "tests_status": {}}, {"resolved": False}]
)
def test_without_a_report_on_tests_there_is_no_reward(report):
    assert reward_of(report) == 0.0


def test_a_log_that_trips_the_parser_earns_nothing():
    report = instance("mwaskom/seaborn", "0.12").grade(f"{START}FAILED{END}")
    assert "IndexError" in report["error"] and reward_of(report) == 0.0
    assert instance().grade(START + GOOD + END)["resolved"]


def test_a_log_that_keeps_the_parser_busy_earns_nothing(monkeypatch):
    monkeypatch.setattr(instances, "CPU_SECONDS", 1.0)
    instances._pool.close()
    try:
        report = instance("sympy/sympy", "1.8").grade(f"{START}{' ' * 80_000}{END}")
        assert "processor time" in report["error"] and reward_of(report) == 0.0
    finally:
        instances._pool.close()


IMAGES = {
    "gym": (dict(instance_id="getmoto__moto-7365", subset="gym"), "xingyaoww/sweb.eval.x86_64.getmoto_s_moto-7365:latest"),
    "verified": (dict(instance_id="django__django-10973"), "swebench/sweb.eval.x86_64.django_1776_django-10973:latest"),
    "lower case": (dict(instance_id="Project-MONAI__MONAI-1", subset="gym"), "xingyaoww/sweb.eval.x86_64.project-monai_s_monai-1:latest"),
    "own": (dict(image_name="registry:5000/Own/Image:1"), "registry:5000/Own/Image:1"),
    "verified by its fields": (dict(instance_id="a__b-1", subset=None, environment_setup_commit="x"), "swebench/sweb.eval.x86_64.a_1776_b-1:latest"),
    "gym by its fields": (dict(instance_id="a__b-1", subset=None), "xingyaoww/sweb.eval.x86_64.a_s_b-1:latest"),
}  # fmt: skip


@pytest.mark.parametrize("name", IMAGES)
def test_images_are_named_as_the_public_agents_do(name):
    changes, image = IMAGES[name]
    assert instance(**changes).image == image
    assert instance(**changes).cwd == "/testbed"


def test_upper_case_names_are_lost_in_the_public_report():
    assert instance(instance_id="Project-MONAI__MONAI-1").lost_in_public_report
    assert not instance(instance_id="django__django-10973").lost_in_public_report


@pytest.mark.parametrize("value", [["a", "b"], '["a", "b"]', '["a","b"]\n'])
def test_tests_may_be_a_list_or_json(value):
    assert instance(FAIL_TO_PASS=value).fail_to_pass == ("a", "b")


@pytest.mark.parametrize("value", [[], "[]", ""])
def test_no_tests_may_be_told_in_several_ways(value):
    assert instance(PASS_TO_PASS=value).pass_to_pass == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"FAIL_TO_PASS": "a, b"},
        {"FAIL_TO_PASS": {"a": 1}},
        {"FAIL_TO_PASS": [1]},
        {"PASS_TO_PASS": None},
        {"instance_id": "pallets__flask-1", "repo": 1},
        {"base_commit": "main; rm -rf /"},
        {"base_commit": None},
        {"test_patch": None},
        {"problem_statement": 1},
        {"subset": "lite"},
        {"image_name": 1},
    ],
)
def test_rows_that_lack_something_are_told(changes):
    with pytest.raises(InvalidTask, match="pallets__flask-1"):
        instance_of(row(**changes))


@pytest.mark.parametrize("other", [{}, {"id": 1}, {"instance_id": "x", "files": {}}, {"repo": "a/b"}])
def test_other_rows_are_not_of_this_kind(other):
    assert instance_of(other) is None


def test_unknown_repositories_are_told():
    for unknown in (instance("nobody/knows"), instance("django/django", "0.1")):
        with pytest.raises(InvalidTask, match="swebench has no test command"):
            unknown.eval_script()
        with pytest.raises(InvalidTask, match="swebench has no test command"):
            unknown.grade("")


def test_the_live_script_is_the_packages(monkeypatch):
    from swebench.harness.test_spec.create_scripts import make_eval_script_list

    for repo, version in (("django/django", "3.0"), ("sympy/sympy", "1.8"), ("pydata/xarray", "2022.06")):
        made = row(repo, version)
        from swebench.harness.constants import MAP_REPO_VERSION_TO_SPECS as specs

        wanted = make_eval_script_list(made, specs[repo][version], "testbed", "/testbed", COMMIT, PATCH)
        assert instance(repo, version).eval_script("live") == "\n".join(["set -uxo pipefail", *wanted]) + "\n"


SCRIPTS = {
    "django": (
        "django/django",
        "3.0",
        "verified",
        "./tests/runtests.py --verbosity 2",
        "test_old new one.test_new",
    ),
    "sympy": ("sympy/sympy", "1.8", "verified", "bin/test -C --verbose", "tests/test_old.py"),
    "flask": ("pallets/flask", "2.3", "verified", "pytest -rA", "tests/test_old.py"),
    "gym": ("getmoto/moto", "5.0", "gym", "pytest -rA", "tests/test_old.py"),
    "gym, another version": ("getmoto/moto", "4.2", "gym", "pytest -rA", "tests/test_old.py"),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_run_the_tests_of_the_patch(name):
    repo, version, subset, command, files = SCRIPTS[name]
    script = instance(repo, version, subset=subset).eval_script("live")
    assert command in script and files in script and f"git checkout {COMMIT} tests/test_old.py" in script
    assert script.index("Start Test Output") < script.index(command) < script.index("End Test Output")


def test_mypy_tests_are_run_by_their_names():
    names = ["mypy/test/testcheck.py::TypeCheckSuite::check-a.test::testX", "mypy/test/t.py::S::x y"]
    script = instance("python/mypy", "1.4", subset="gym", FAIL_TO_PASS=names, PASS_TO_PASS=[]).eval_script()
    assert f"{names[0]} '{names[1]}'" in script


def test_every_public_row_is_read_unchanged(shared_data):
    found = []
    for name in ("mini_swe_agent", "mini_swe_agent_2"):
        for line in (shared_data / name / "example.jsonl").read_text().splitlines():
            public = json.loads(line)
            read = instance_of(public)
            assert read is not None and read.instance_id == public["instance_id"]
            assert list(read.fail_to_pass) == public["FAIL_TO_PASS"]
            for evaluation in ("live", "clean"):
                script = read.eval_script(evaluation)
                assert public["test_patch"] in script
                assert (
                    subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True).stderr == ""
                )
            # Each of its tests passes when a log in the form of its project says so.
            form = {"django/django": "{} ... ok", "sympy/sympy": "{} ok"}.get(read.repo, "PASSED {}")
            log = "\n".join(form.format(test) for test in (*read.fail_to_pass, *read.pass_to_pass))
            assert reward_of(read.grade(START + log + END)) == 1.0, read.instance_id
            assert (
                reward_of(read.grade(START + log.replace("ok", "F").replace("PASSED", "FAILED") + END)) == 0.0
            )
            found.append(read.subset)
    assert sorted(found) == ["gym"] * 5 + ["verified"] * 5


def test_evaluation_is_live_or_clean():
    with pytest.raises(UsageError, match="live or clean"):
        instance().eval_script("dirty")  # type: ignore[arg-type]


def run_script(tmp_path, evaluation: str, prepare: str) -> tuple[str, str]:
    """Run a script in a real repository, without conda and with ``cat`` for pytest; return its log and the tests."""
    repository = tmp_path / "testbed"
    (repository / "tests").mkdir(parents=True)
    (repository / "tests/test_old.py").write_text("old\n")
    git = "git -c user.name=n -c user.email=e"
    setup = f"cd {repository} && git init -q && git add -A && {git} commit -qm base && git rev-parse HEAD"
    commit = subprocess.run(["bash", "-c", setup], capture_output=True, text=True, check=True).stdout.strip()
    script = instance(base_commit=commit).eval_script(evaluation)  # type: ignore[arg-type]
    script = script.replace("/testbed", str(repository)).replace("git config --global", "true")
    script = script.replace("source /opt/miniconda3/bin/activate", "true").replace("conda activate", "true")
    lines = [
        "cat tests/*.py 'tests/new one/test_new.py'" if "pytest" in line else line
        for line in script.splitlines()
    ]
    lines = ["true" if line.startswith("python -m pip") else line for line in lines]
    home = {"HOME": str(tmp_path), "PATH": "/usr/local/bin:/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null"}
    whole = f"cd {repository}\n{prepare.format(git=git)}\n" + "\n".join(lines)
    done = subprocess.run(
        ["bash"], input=whole, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=home
    )
    return done.stdout, done.stdout.partition("Start Test Output")[2].partition("End Test Output")[0]


@pytest.mark.parametrize("evaluation", ["live", "clean"])
def test_scripts_put_the_tests_in_place(tmp_path, evaluation):
    _, tests = run_script(tmp_path, evaluation, "echo changed > tests/test_old.py")
    assert tests.count("\nnew") == 2 and "changed" not in tests


FORGED = "mkdir -p 'tests/new one'; echo forged > 'tests/new one/test_new.py'"


def test_a_clean_script_replaces_tests_that_were_forged(tmp_path):
    _, tests = run_script(tmp_path, "clean", FORGED)
    assert "forged" not in tests and tests.count("\nnew") == 2


def test_a_live_script_keeps_them_as_the_public_one_does(tmp_path):
    _, tests = run_script(tmp_path, "live", FORGED)
    assert "forged" in tests


def test_a_clean_script_says_when_the_tests_do_not_apply(tmp_path):
    # The folder of the new test is a file, which no one removes.
    log, tests = run_script(tmp_path, "clean", "echo > 'tests/new one'")
    assert ">>>>> Reset Failed" in log and tests == ""
    assert reward_of(instance().grade(log + START + GOOD + END)) == 0.0


SKIPPED = {
    "pytest": ("pallets/flask", "2.3", "SKIPPED a\nPASSED b"),
    "django": ("django/django", "3.0", "a ... skipped 'why'\nb ... ok"),
}


@pytest.mark.parametrize("name", SKIPPED)
def test_a_skipped_test_is_in_nobodys_way_unless_strictly_graded(name):
    repo, version, log = SKIPPED[name]
    tested = instance(repo, version)
    report = tested.grade(START + log + END)
    assert (
        report["tests_status"]["FAIL_TO_PASS"] == {"success": [], "failure": []} and reward_of(report) == 1.0
    )
    report = tested.grade(START + log + END, strict=True)
    assert (
        report["tests_status"]["FAIL_TO_PASS"] == {"success": [], "failure": ["a"]}
        and reward_of(report) == 0.0
    )
    passed = {"pytest": GOOD, "django": "a ... ok\nb ... ok"}[name]
    assert reward_of(tested.grade(START + passed + END, strict=True)) == 1.0
    assert "tests_status" not in tested.grade("", strict=True)


PREPARED = (
    "echo \": '>>>>> Start Test Output'\n test_a (m.C) ... ok\n\n: '>>>>> End Test Output'\" > log.txt; git add log.txt; "
    "{git} commit -qm one; sed -i 's/^$/x/' log.txt; {git} commit -qam two"
)


def test_a_clean_script_shows_nothing_that_a_model_prepared(tmp_path):
    """The public script shows the last commit, in which a model can put the signs and a result."""
    for evaluation, earned in (("live", 1.0), ("clean", 0.0)):
        log, _ = run_script(tmp_path / evaluation, evaluation, PREPARED)
        tested = instance("django/django", "3.0", FAIL_TO_PASS=["test_a (m.C)"], PASS_TO_PASS=[])
        assert reward_of(tested.grade(log)) == earned, log


@pytest.mark.parametrize("release", ["none", "later"])
def test_a_missing_package_is_named(monkeypatch, tmp_path, release):
    if release == "later":
        (tmp_path / "swebench/harness/constants").mkdir(parents=True)
        for folder in ("swebench", "swebench/harness", "swebench/harness/constants"):
            (tmp_path / folder / "__init__.py").touch()
    path = [str(tmp_path), *(entry for entry in sys.path if "site-packages" not in entry)]
    program = [sys.executable, "-P", "-s", instances.swebench_worker.__file__, "5", json.dumps(path)]
    monkeypatch.setattr(instances, "_pool", instances.HelperPool("the rules of swebench", lambda: program, 1))
    try:
        for _ in range(2):
            with pytest.raises(
                DependencyMissing, match="'swebench'" if release == "none" else "swebench>=4.1,<5"
            ):
                instance().eval_script()
    finally:
        instances._pool.close()


def test_the_package_is_not_imported_here():
    """Its own import takes seconds and brings data sets and cloud clients; only the helper process has its rules."""
    source = (
        "import sys; from llmgym.envs.mini_swe.instances import instance_of; import json; "
        f"print(instance_of(json.loads({json.dumps(json.dumps(row()))})).grade('')['resolved'], 'swebench' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
