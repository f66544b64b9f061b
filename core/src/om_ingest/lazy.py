"""Public names of a package, loaded when first used: `__init__.pyi` is the only list of them.

Type checkers and editors read the stub; at run time the same lines say which module has a name.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_IMPORT = re.compile(r"^from (\S+) import (?:\(([^)]*)\)|(.*))", re.MULTILINE)
_NAME = re.compile(r"\w+ as (\w+)")


def attach(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """`__getattr__`, `__dir__` and `__all__` of a package, from the stub beside it.

    The stub imports every name as `from MODULE import NAME as NAME`. A name is kept in the
    package once it has been used.
    """
    module = sys.modules[package]
    stub = Path(str(module.__file__)).with_suffix(".pyi")
    loader: Any = module.__spec__.loader if module.__spec__ else None
    text = loader.get_data(str(stub)).decode("utf-8")  # a loader also reads zip files
    homes = {
        name: home
        for home, several, one in _IMPORT.findall(text)
        for name in _NAME.findall(several or one)
    }

    def load(name: str) -> Any:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(home), name, None)
        if value is None:
            value = importlib.import_module(f"{home}.{name}")  # the name of a module
        setattr(module, name, value)
        return value

    return load, lambda: sorted({*vars(module), *homes}), sorted(homes)
