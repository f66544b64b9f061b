"""Decorators and what they stand on: `metadata.utils.dispatch`, `.timeout`, `.singleton` …"""

from __future__ import annotations

import functools
import inspect
import signal
import threading
from collections.abc import Callable, Iterator
from time import perf_counter
from types import FrameType, MappingProxyType
from typing import Any, NamedTuple

from om_ingest_compat.shims.conversions import pretty_print_time_duration
from om_ingest_compat.shims.links import TEN_MIN
from om_ingest_compat.shims.logger import utils_logger

AnyFunction = Callable[..., Any]


class Register(NamedTuple):
    """Functions by a key: `add(key)` decorates one, `registry` has them all."""

    add: Callable[[Any], Callable[[AnyFunction], AnyFunction]]
    registry: dict[str, AnyFunction]


def _register(key_of: Callable[[Any], str]) -> Register:
    registry: dict[str, AnyFunction] = {}

    def add(key: Any) -> Callable[[AnyFunction], AnyFunction]:
        def keep(function: AnyFunction) -> AnyFunction:
            registry[key_of(key)] = function
            return function

        return keep

    return Register(add, registry)


def enum_register() -> Register:
    """A register by names."""
    return _register(lambda name: name)


def class_register() -> Register:
    """A register by the names of classes."""
    return _register(lambda cls: str(cls.__name__))


def valuedispatch(func: AnyFunction) -> Any:
    """Decorates a function: `register("a")` decorates the one to call if an argument is `"a"`.

    The argument is the first one that is a text, of the first two.
    """
    registry: dict[Any, AnyFunction] = {object: func}

    def dispatch(value: Any) -> AnyFunction:
        return registry.get(value, func)

    def register(value: str, function: AnyFunction | None = None) -> Any:
        if not isinstance(value, str):
            raise TypeError(f"register takes a text, not {value!r}")
        if function is None:
            return lambda given: register(value, given)
        registry[value] = function
        return function

    @functools.wraps(func)
    def call(*positional: Any, **named: Any) -> Any:
        if not positional:
            raise TypeError(f"{getattr(func, '__name__', func)} needs an argument")
        is_first = isinstance(positional[0], str | bytes)
        chosen = str(positional[0]) if is_first else positional[1]
        return dispatch(chosen)(*positional, **named)

    for name, value in {"register": register, "dispatch": dispatch}.items():
        setattr(call, name, value)
    call.registry = MappingProxyType(registry)  # type: ignore[attr-defined]  # as functools does
    return call


class Singleton(type):
    """A metaclass: there is one instance of each class, for as long as there is the class."""

    def __call__(cls, *positional: Any, **named: Any) -> Any:
        if "_singleton" not in vars(cls):
            cls._singleton = super().__call__(*positional, **named)
        return cls._singleton


def timeout(seconds: float = TEN_MIN) -> Callable[[AnyFunction], AnyFunction]:
    """Decorates a function: it raises `TimeoutError` when it takes longer.

    Without effect in a thread, and where there is no SIGALRM.
    """

    def decorate(function: AnyFunction) -> AnyFunction:
        @functools.wraps(function)
        def limited(*positional: Any, **named: Any) -> Any:
            is_main = threading.current_thread() is threading.main_thread()
            if not (is_main and hasattr(signal, "SIGALRM")):
                return function(*positional, **named)

            def end(number: int, frame: FrameType | None) -> None:
                raise TimeoutError(f"{getattr(function, '__name__', function)} took {seconds} s")

            left, _ = signal.getitimer(signal.ITIMER_REAL)
            if 0 < left <= seconds:  # a limit around this one ends first
                return function(*positional, **named)
            before, start = signal.signal(signal.SIGALRM, end), perf_counter()
            signal.setitimer(signal.ITIMER_REAL, seconds)
            try:
                return function(*positional, **named)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, before)
                if left:
                    rest = left - (perf_counter() - start)
                    signal.setitimer(signal.ITIMER_REAL, max(rest, 1e-6))

        return limited

    return decorate


def deprecated(message: str = "", release: str = "") -> Callable[[AnyFunction], AnyFunction]:
    """Decorates a function, without effect: a user of a connector can do nothing about it."""
    return lambda function: function


def calculate_execution_time(context: Any = None, store: bool = True) -> Any:
    """Decorates a function, with arguments or without: its time is logged at DEBUG."""

    def decorate(function: AnyFunction) -> AnyFunction:
        @functools.wraps(function)
        def timed(*positional: Any, **named: Any) -> Any:
            with ExecutionTimeTracker()(_title(context, function)):
                return function(*positional, **named)

        return timed

    return decorate(context) if inspect.isroutine(context) else decorate


def calculate_execution_time_generator(context: Any = None, store: bool = True) -> Any:
    """As `calculate_execution_time`, for a generator: the time until it ends."""

    def decorate(function: AnyFunction) -> AnyFunction:
        @functools.wraps(function)
        def timed(*positional: Any, **named: Any) -> Iterator[Any]:
            with ExecutionTimeTracker()(_title(context, function)):
                yield from function(*positional, **named)

        return timed

    return decorate(context) if inspect.isroutine(context) else decorate


def _title(context: Any, function: AnyFunction) -> str:
    named = context if isinstance(context, str) else None
    return named or str(getattr(function, "__name__", function))


class ExecutionTimeTracker:
    """A context: `with tracker("reading"):` logs the time at DEBUG."""

    def __init__(self, enabled: bool = True) -> None:
        self.enabled = enabled
        self._open: list[tuple[str, float]] = []
        self._title = ""

    def __call__(self, context: str, store: bool = True) -> ExecutionTimeTracker:
        self._title = context
        return self

    def __enter__(self) -> None:
        self._open.append((self._title, perf_counter()))

    def __exit__(self, *error: object) -> None:
        title, start = self._open.pop()
        took = pretty_print_time_duration(perf_counter() - start)
        utils_logger().debug("%s executed in %s", title, took)
