from __future__ import annotations

import copy
import pickle

import pytest
from testing_env import WeatherEnv

from llmgym.bridge import wait
from llmgym.errors import InvalidToolDefinition
from llmgym.toolbox import Toolbox
from llmgym.tools import Tool, ToolCall, tool


class Counter:
    def __init__(self):
        self.count = 0
        self.toolbox = Toolbox.of(self)

    @tool
    def increment(self, by: int = 1) -> int:
        """Count up."""
        self.count += by
        return self.count

    @tool
    def read(self) -> int:
        """Read the count."""
        return self.count

    def helper(self) -> int:
        return -1


class Louder(Counter):
    @tool
    def shout(self) -> str:
        """Shout."""
        return "!"

    @tool
    def increment(self, by: int = 10) -> int:
        """Count up faster."""
        return super().increment(by)


class Quiet(Louder):
    def shout(self) -> str:
        return "not a tool any more"


class Mixin:
    @tool
    def mixed(self) -> str:
        """From a class beside."""
        return type(self).__name__


class Both(Mixin, Counter):
    pass


def use(owner, name, raw="{}"):
    return owner.toolbox.execute(ToolCall("c", name, raw), wait)


def test_the_tools_of_an_object_in_the_order_of_their_definition():
    box = Counter().toolbox
    assert box.names == ["increment", "read"] and len(box) == 2
    assert "read" in box and "helper" not in box and "__init__" not in box
    assert box["read"].description == "Read the count."
    assert [schema["function"]["name"] for schema in box.schemas] == box.names


def test_tools_are_bound_to_their_owner():
    one, other = Counter(), Counter()
    use(one, "increment", '{"by": 3}')
    assert (one.count, other.count, use(one, "read").value) == (3, 0, 3)
    assert one.toolbox["increment"] is other.toolbox["increment"]


def test_inheritance_and_override():
    box = Louder().toolbox
    assert box.names == ["increment", "read", "shout"]
    assert box["increment"].description == "Count up faster."
    assert box["increment"].parameters["properties"]["by"]["default"] == 10
    assert use(Louder(), "increment").value == 10


def test_an_override_without_the_mark_takes_the_tool_away():
    assert Quiet().toolbox.names == ["increment", "read"]
    assert use(Quiet(), "shout").outcome == "unknown_tool"


def test_tools_of_a_class_beside():
    assert set(Both().toolbox.names) == {"mixed", "increment", "read"}
    assert use(Both(), "mixed").value == "Both"


def test_a_marked_method_still_is_a_method():
    counter = Counter()
    assert counter.increment(by=2) == 2


def test_two_tools_with_one_name_are_refused():
    class Twice:
        @tool(name="look")
        def one(self): ...

        @tool(name="look")
        def two(self): ...

    def look(): ...

    with pytest.raises(InvalidToolDefinition, match="Two tools of Twice are named 'look'"):
        Toolbox.of(Twice())
    with pytest.raises(InvalidToolDefinition, match="Two tools of the toolbox are named 'look'"):
        Toolbox([look, look])


@pytest.mark.parametrize("order", ["mark outside", "mark inside"])
@pytest.mark.parametrize("kind", [staticmethod, classmethod])
def test_static_and_class_methods_are_refused(kind, order):
    def look(x: int): ...

    made = tool(kind(look)) if order == "mark outside" else kind(tool(look))
    owner = type("Owner", (), {"look": made})()
    with pytest.raises(InvalidToolDefinition, match=f"The tool 'look' of Owner is a {kind.__name__}"):
        Toolbox.of(owner)


def test_functions_bound_methods_and_tools_make_a_toolbox():
    counter = Counter()

    def shout() -> str:
        return "!"

    box = Toolbox([counter.increment, Tool.of(shout)], timeout=1)
    assert box.names == ["increment", "shout"] and box.timeout == 1
    assert box.execute(ToolCall("c", "increment", '{"by": 4}'), wait).value == counter.count == 4


def test_a_deep_copy_is_bound_to_the_copied_owner():
    counter = Counter()
    use(counter, "increment")
    copied = copy.deepcopy(counter)
    use(copied, "increment")
    use(copied, "increment")
    assert (counter.count, copied.count) == (1, 3)
    assert copied.toolbox["increment"] is counter.toolbox["increment"]


def test_a_bound_guard_moves_with_the_copy():
    class Guarded(Counter):
        def check(self, call):
            self.checked = call.name

    counter = Guarded()
    counter.toolbox.guard = counter.check
    copied = copy.deepcopy(counter)
    use(copied, "read")
    assert copied.checked == "read" and not hasattr(counter, "checked")


def test_pickling():
    counter = Louder()
    use(counter, "increment")
    loaded = pickle.loads(pickle.dumps(counter))
    assert use(loaded, "increment").value == 20 and counter.count == 10
    assert loaded.toolbox.schemas == counter.toolbox.schemas
    assert use(loaded, "increment", '{"by": "x"}').outcome == "malformed_arguments"
    assert pickle.loads(pickle.dumps(counter.toolbox["shout"])).schema == counter.toolbox["shout"].schema


def test_results_survive_pickling():
    result = use(Counter(), "read")
    assert pickle.loads(pickle.dumps(result)) == result


def test_the_tools_of_an_environment_follow_its_copy_and_its_pickle():
    env = WeatherEnv()
    for twin in (copy.deepcopy(env), pickle.loads(pickle.dumps(env))):
        assert twin.toolbox._owner is twin
        assert twin.toolbox.schemas == env.toolbox.schemas


def test_schemas_are_new_dictionaries():
    box = Counter().toolbox
    box.schemas[0]["function"]["name"] = "changed"
    box.schemas.clear()
    assert box.schemas[0]["function"]["name"] == "increment"
