"""What stands in for a name that this plugin does not have: to import it is harmless."""

from __future__ import annotations

from typing import Any, NoReturn

from om_ingest.errors import PluginFaultError


class StandInError(PluginFaultError):
    """A connector has used a name that can only be imported; its text is one line, for logs."""

    def __str__(self) -> str:
        return self.sentences


class StandIn:
    """A name that can be imported, stand in annotations, be copied and be compared.

    Anything else raises `PluginFaultError`.
    """

    def __init__(self, module: str, name: str, remedy: str) -> None:
        """`remedy` is what the author of a connector can do who uses it."""
        vars(self).update(__module__=module, __name__=name, __qualname__=name, _remedy=remedy)

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        _refuse(self, "called")

    def __mro_entries__(self, bases: tuple[Any, ...]) -> NoReturn:
        _refuse(self, "subclassed")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what Python and its library look for in any object
            raise AttributeError(name)
        _refuse(self, f"asked for {name!r}")

    def __getitem__(self, key: Any) -> NoReturn:
        _refuse(self, f"asked for [{key!r}]")

    def __iter__(self) -> NoReturn:
        _refuse(self, "iterated over")

    def __enter__(self) -> NoReturn:
        _refuse(self, "entered")

    def __exit__(self, *error: object) -> None:
        """Python wants it beside `__enter__`."""

    def __instancecheck__(self, instance: object) -> bool:
        return False

    def __subclasscheck__(self, cls: type) -> bool:
        return False

    def __or__(self, other: Any) -> Any:
        return other  # an annotation: `Name | None`

    __ror__ = __or__

    def __reduce__(self) -> tuple[Any, tuple[str, ...]]:
        return StandIn, tuple(vars(self)[name] for name in ("__module__", "__name__", "_remedy"))

    def __repr__(self) -> str:
        return f"<stand-in for {_full_name(self)}>"


def _full_name(stand_in: StandIn) -> str:
    return f"{vars(stand_in)['__module__']}.{vars(stand_in)['__name__']}"


def _refuse(stand_in: StandIn, verb: str) -> NoReturn:
    raise StandInError(
        f"{_full_name(stand_in)} is {verb}, and om-ingest-compat does not have it",
        vars(stand_in)["_remedy"],
    )
