"""Stand-ins for names that this plugin does not have: to import them is harmless."""

from __future__ import annotations

from typing import Any, NoReturn

from om_ingest.errors import PluginFaultError


def stand_in(module: str, name: str) -> Any:
    """What a connector gets for such a name.

    A name that ends in Error or Exception becomes an exception that nothing raises, so that
    `except` clauses work. Anything else raises `PluginFaultError` once it is used.
    """
    if name.endswith(("Error", "Exception")):
        return type(name, (Exception,), {"__module__": module})
    return StandIn(module, name)


class StandIn:
    """A name that can be imported, stand in annotations, be copied and compared: no more."""

    def __init__(self, module: str, name: str) -> None:
        vars(self).update(__module__=module, __name__=name, __qualname__=name)

    def __refuse(self, verb: str) -> NoReturn:
        here = vars(self)
        full = f"{here['__module__']}.{here['__name__']}"
        raise PluginFaultError(
            f"{full} is {verb}, and om-ingest-compat does not have it",
            "Install openmetadata-ingestion beside om-ingest, or remove its use.",
        )

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        self.__refuse("called")

    def __mro_entries__(self, bases: tuple[Any, ...]) -> NoReturn:
        self.__refuse("subclassed")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self.__refuse(f"asked for {name!r}")

    def __getitem__(self, key: Any) -> NoReturn:
        self.__refuse("subscripted")

    def __iter__(self) -> NoReturn:
        self.__refuse("iterated over")

    def __enter__(self) -> NoReturn:
        self.__refuse("entered")

    def __exit__(self, *error: object) -> None:
        """Python wants it beside `__enter__`."""

    def __instancecheck__(self, instance: object) -> bool:
        return False

    def __subclasscheck__(self, cls: type) -> bool:
        return False

    def __or__(self, other: Any) -> Any:
        return other  # `StandIn | None` in an annotation

    __ror__ = __or__

    def __reduce__(self) -> tuple[Any, tuple[str, str]]:
        return stand_in, (vars(self)["__module__"], vars(self)["__name__"])

    def __repr__(self) -> str:
        return f"<stand-in for {vars(self)['__module__']}.{vars(self)['__name__']}>"
