from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmgym.envs.mini_swe.patches import PatchFailed, apply_patch, make_patch

FILES = {"a.py": "one\ntwo\nthree\n", "d/b.txt": "x"}

texts = st.lists(
    st.sampled_from(["a", "b", "", "+x", "-y", " z", "\\ No newline", "@@ -1 +1 @@", "\r", "\x0c"]),
    max_size=9,
).map("\n".join)
trees = st.dictionaries(st.sampled_from(["a", "b.py", "d/c", "d/e/f"]), texts.filter(bool), max_size=4)


@given(trees, trees)
def test_a_patch_leads_from_one_tree_to_the_other(old, new):
    patch = make_patch(old, new)
    if old == new:
        assert patch == ""
    else:
        assert apply_patch(old, patch) == new


@settings(max_examples=12)
@given(old=trees, new=trees)
def test_git_reads_it_alike(old, new, tmp_path_factory):
    folder = tmp_path_factory.mktemp("git")
    for path, text in old.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8", newline="")
    patch = make_patch(old, new)
    if not patch:
        return
    try:
        done = subprocess.run(
            ["git", "apply", "--whitespace=nowarn", "-"],
            input=patch.encode(),
            cwd=folder,
            capture_output=True,
        )
    except FileNotFoundError:
        pytest.skip("git is not installed")
    assert done.returncode == 0, done.stderr
    found = {
        str(path.relative_to(folder)): path.read_bytes().decode()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert found == new


def test_long_files_are_replaced_whole():
    old, new = "a\n" * 6000, "b\n" * 6000
    assert apply_patch({"x": old}, make_patch({"x": old}, {"x": new})) == {"x": new}


GOOD = {
    "a line": ("--- a/a.py\n+++ b/a.py\n@@ -2 +2 @@\n-two\n+2\n", {"a.py": "one\n2\nthree\n"}),
    "with context": (
        "--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n",
        {"a.py": "one\n2\nthree\n"},
    ),
    "no line feed at the end": (
        "--- a/d/b.txt\n+++ b/d/b.txt\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n",
        {"d/b.txt": "y"},
    ),
    "a line feed is added": (
        "--- a/d/b.txt\n+++ b/d/b.txt\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n",
        {"d/b.txt": "x\n"},
    ),
    "an insertion": ("--- a/a.py\n+++ b/a.py\n@@ -1,0 +2 @@\n+1.5\n", {"a.py": "one\n1.5\ntwo\nthree\n"}),
    "a new file": ("--- /dev/null\n+++ b/n/x.py\n@@ -0,0 +1,2 @@\n+a\n+b\n", {"n/x.py": "a\nb\n"}),
    "times after the names": (
        "--- a/a.py\t2024\n+++ b/a.py\t2024\n@@ -1 +1 @@\n-one\n+1\n",
        {"a.py": "1\ntwo\nthree\n"},
    ),
    "text around": (
        "look:\n--- a/a.py\n+++ b/a.py\n@@ -3 +3 @@ def f():\n-three\n+3\nthat is all\n",
        {"a.py": "one\ntwo\n3\n"},
    ),
    "two hunks": (
        "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-one\n+1\n@@ -3 +3 @@\n-three\n+3\n",
        {"a.py": "1\ntwo\n3\n"},
    ),
    "no line feed at the end of the patch": (
        "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-one\n+1",
        {"a.py": "1two\nthree\n"},
    ),
}

BAD = {
    "empty": "",
    "prose": "I changed the file.",
    "unknown file": "--- a/c.py\n+++ b/c.py\n@@ -1 +1 @@\n-a\n+b\n",
    "wrong line": "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-two\n+2\n",
    "wrong context": "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n zero\n-two\n+2\n",
    "shifted": "--- a/a.py\n+++ b/a.py\n@@ -3 +3 @@\n-two\n+2\n",
    "outside of the file": "--- a/a.py\n+++ b/a.py\n@@ -9 +9 @@\n-two\n+2\n",
    "hunks out of order": "--- a/a.py\n+++ b/a.py\n@@ -3 +3 @@\n-three\n+3\n@@ -1 +1 @@\n-one\n+1\n",
    "cut off": "--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n one\n",
    "no hunk": "--- a/a.py\n+++ b/a.py\n",
    "a hunk alone": "@@ -1 +1 @@\n-one\n+1\n",
    "another mark": "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n*one\n+1\n",
    "above": "--- /dev/null\n+++ b/../x\n@@ -0,0 +1 @@\n+a\n",
    "absolute": "--- /dev/null\n+++ b//etc/x\n@@ -0,0 +1 @@\n+a\n",
    "git's own files": "--- /dev/null\n+++ b/.git/config\n@@ -0,0 +1 @@\n+a\n",
    "without a and b": "--- a.py\n+++ a.py\n@@ -1 +1 @@\n-one\n+1\n",
    "there already": "--- /dev/null\n+++ b/a.py\n@@ -0,0 +1 @@\n+a\n",
    "deleted by half": "--- a/a.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-one\n",
    "binary": "diff --git a/x b/x\nGIT binary patch\nliteral 0\n",
    "renames nothing": "rename from none\nrename to some\n",
}


@pytest.mark.parametrize("case", GOOD)
def test_is_applied(case):
    patch, changed = GOOD[case]
    assert apply_patch(FILES, patch) == {**FILES, **changed}


@pytest.mark.parametrize("case", BAD)
def test_is_refused(case):
    with pytest.raises(PatchFailed):
        apply_patch(FILES, BAD[case])


def test_deletes_and_renames():
    deleted = "--- a/a.py\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-one\n-two\n-three\n"
    assert apply_patch(FILES, deleted) == {"d/b.txt": "x"}
    renamed = "diff --git a/a.py b/c.py\nsimilarity index 100%\nrename from a.py\nrename to c.py\n"
    assert apply_patch(FILES, renamed) == {"c.py": FILES["a.py"], "d/b.txt": "x"}


@given(st.text(alphabet=st.sampled_from("-+ @ab/\n\\1,0d"), max_size=120))
def test_whatever_comes_is_applied_or_refused(text):
    for patch in (
        text,
        f"--- a/a.py\n+++ b/a.py\n{text}",
        f"--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n{text}",
    ):
        try:
            apply_patch(FILES, patch)
        except PatchFailed:
            pass


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {"a": "1\n2\n"}),
        ({"a": "1\n2"}, {}),
        ({"a": ""}, {"a": "1"}),
        ({"a": "1\n"}, {"a": ""}),
        ({}, {"a b": "", "c": "1\n"}),
        ({"a": "", "c": "1\n"}, {"c": "2\n"}),
        ({"a": ""}, {"b": ""}),
    ],
)
def test_whole_and_empty_files_go_there_and_back(old, new):
    assert apply_patch(old, make_patch(old, new)) == new


def test_empty_files_as_git_tells_them():
    told = "diff --git a/p/__init__.py b/p/__init__.py\n{} file mode 100644\nindex 0000000..e69de29\n"
    assert apply_patch({}, told.format("new")) == {"p/__init__.py": ""}
    assert apply_patch({"p/__init__.py": ""}, told.format("deleted")) == {}
    for files, word in (({"p/__init__.py": ""}, "new"), ({}, "deleted"), ({"p/__init__.py": "x"}, "deleted")):
        with pytest.raises(PatchFailed):
            apply_patch(files, told.format(word))
    with pytest.raises(PatchFailed):
        apply_patch({}, "diff --git a/../x b/../x\nnew file mode 100644\n")
    with pytest.raises(PatchFailed):
        apply_patch({}, "new file mode 100644\n")
