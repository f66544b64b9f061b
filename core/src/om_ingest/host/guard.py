"""Guards around hook implementations: failures are logged with the name of the plugin.

pluggy calls the guarded functions, so that order, `tryfirst`, `trylast`, wrappers and first
results are pluggy's own.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Generator, Mapping
from types import SimpleNamespace
from typing import Any, TypeAlias

import pluggy

from om_ingest.errors import OmIngestError
from om_ingest.failure_place import located
from om_ingest.hookspecs import hookimpl
from om_ingest.workflow.interrupt import is_fault

logger = logging.getLogger(__name__)

Check: TypeAlias = Callable[[Any], Any]
"""Returns the answer, completed if necessary; raises if it is not valid."""


def guarded(
    manager: pluggy.PluginManager,
    plugin: object,
    owner: str,
    checks: Mapping[str, Check],
    *,
    is_last: bool = False,
) -> SimpleNamespace:
    """A plugin that stands in for a registered one: the same hooks, each of them guarded.

    `owner` is how warnings name the plugin. `checks` holds a check of the answers for some
    hooks, by the hook's name. With `is_last` its functions are called after those of others.
    """
    stand_in = SimpleNamespace()
    for caller in manager.get_hookcallers(plugin) or ():
        for count, impl in enumerate(caller.get_hookimpls()):
            if impl.plugin is not plugin:
                continue
            blame = functools.partial(blame_plugin, owner, f"failed in {caller.name}")
            check = checks.get(caller.name)
            is_wrapper = impl.wrapper or impl.hookwrapper
            if is_wrapper:
                whole = (
                    check if caller.spec and caller.spec.opts.get("firstresult") else _each(check)
                )
                guard = _guard_wrapper(impl, whole, blame)
            else:
                guard = _guard_function(impl, check, blame)
            mark = hookimpl(
                wrapper=is_wrapper,
                tryfirst=impl.tryfirst,
                trylast=impl.trylast or is_last,
                specname=caller.name,
            )
            setattr(stand_in, f"{caller.name}_{count}", mark(guard))
    return stand_in


def blame_plugin(owner: str, what: str, error: BaseException) -> None:
    """Log a failure of a hook plugin as a warning, its traceback at level debug."""
    problem = f"The hook plugin {owner} {what}: {located(error)}"
    logger.warning("%s", problem)
    logger.debug("%s", problem, exc_info=error)


Blame: TypeAlias = Callable[[BaseException], None]


def _guard_function(impl: pluggy.HookImpl, check: Check | None, blame: Blame) -> Callable[..., Any]:
    @functools.wraps(impl.function)
    def call(*arguments: Any) -> Any:
        try:
            answer = impl.function(*arguments)
            return answer if answer is None or check is None else check(answer)
        except BaseException as error:  # a plugin may raise anything
            if not is_fault(error):
                raise
            blame(error)
            return None

    return call


def _guard_wrapper(impl: pluggy.HookImpl, check: Check | None, blame: Blame) -> Callable[..., Any]:
    """A new-style wrapper around a wrapper of either style.

    If the plugin's wrapper fails, the inner answer is kept. If the inner call raises, the
    wrapper may answer in place of the exception, or raise another `OmIngestError`. It
    cannot suppress an interrupt or `SystemExit`.
    """

    @functools.wraps(impl.function)
    def wrap(*arguments: Any) -> Generator[None, Any, Any]:
        running = None
        try:
            running = _started(impl.function(*arguments))
        except BaseException as error:  # as above
            if not is_fault(error):
                raise
            blame(error)
        raised: BaseException | None = None
        answer = None
        try:
            answer = yield
        except BaseException as error:  # noqa: BLE001  # the wrapper gets it, then it is raised
            raised = error
        if running is not None:
            try:
                changed = _resumed(running, answer, raised, old_style=impl.hookwrapper)
                if check is not None:
                    changed = check(changed)
            except BaseException as error:
                if not is_fault(error):
                    raise
                if raised is not None and isinstance(error, OmIngestError):
                    raise
                if error is not raised:
                    blame(error)
            else:
                if raised is None or isinstance(raised, Exception):
                    return changed
        if raised is not None:
            raise raised
        return answer

    return wrap


def _started(running: Any) -> Generator[None, Any, Any]:
    generator: Generator[None, Any, Any] = running  # pluggy has checked that it is one
    try:
        next(generator)
    except StopIteration:
        raise RuntimeError("the wrapper did not yield") from None
    return generator


def _resumed(
    running: Generator[None, Any, Any],
    answer: Any,
    raised: BaseException | None,
    *,
    old_style: bool,
) -> Any:
    """Resume a wrapper with the inner answer or exception, and return its own answer."""
    outcome = pluggy.Result(answer, raised)
    try:
        if old_style:
            running.send(outcome)
        elif raised is not None:
            running.throw(raised)
        else:
            running.send(answer)
    except StopIteration as end:
        return outcome.get_result() if old_style else end.value
    running.close()
    raise RuntimeError("the wrapper yielded twice")


def _each(check: Check | None) -> Check | None:
    """A check of the list of all answers, from the check of one."""
    if check is None:
        return None

    def check_all(answers: Any) -> Any:
        if not isinstance(answers, list):
            raise TypeError(f"{type(answers).__name__} is not the list of answers")
        return [check(answer) for answer in answers]

    return check_all
