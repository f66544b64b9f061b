"""The tree of errors is drawn where they are defined, and is true."""

from __future__ import annotations

import inspect
import pickle
import re

from om_ingest import errors

LINE = re.compile(r"^(?P<branch>[│├└─ ]*)(?P<name>\w+Error)\s+(?P<code>\d+|exit)")


def drawn() -> dict[str, tuple[str | None, int]]:
    """Name -> (name of the parent, exit code) as the module's docstring draws them."""
    tree: dict[str, tuple[str | None, int]] = {}
    path: list[str] = []
    for line in str(errors.__doc__).splitlines():
        match = LINE.match(line)
        if match is None:
            continue
        depth = len(match["branch"]) // 4
        path[depth:] = [match["name"]]
        # The root stands in the line of the column heads, without a code of its own.
        code = 1 if match["code"] == "exit" else int(match["code"])
        tree[match["name"]] = (path[depth - 1] if depth else None, code)
    return tree


def defined() -> dict[str, tuple[str | None, int]]:
    """The same of the classes that the module defines."""
    classes = [
        value
        for value in vars(errors).values()
        if inspect.isclass(value) and issubclass(value, errors.OmIngestError)
    ]
    return {
        cls.__name__: (
            None if cls is errors.OmIngestError else cls.__bases__[0].__name__,
            cls.exit_code,
        )
        for cls in classes
    }


def test_the_drawn_tree_is_the_real_one() -> None:
    """The docstring of `om_ingest.errors` draws every class, its parent and its exit code."""
    assert drawn() == defined()


def test_exit_codes_are_inherited() -> None:
    """Below the root, an error has the exit code of its branch: a code says who must act."""
    tree = defined()
    for name, (parent, code) in tree.items():
        if parent not in (None, "OmIngestError"):
            assert code == tree[str(parent)][1], name


def test_errors_survive_pickling() -> None:
    """An error that crosses a process boundary still says what happened and what to do."""
    for name in defined():
        error = getattr(errors, name)("it broke", "mend it")
        copy = pickle.loads(pickle.dumps(error))
        assert type(copy) is type(error)
        assert (copy.what, copy.remedy) == ("it broke", "mend it")
