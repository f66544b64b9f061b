"""The command line: parse, delegate, print. Expected errors are shown without a traceback."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import typer

from om_ingest import cancellation, logs, streams, terminal
from om_ingest.cli import asked_outputs, completion
from om_ingest.errors import OmIngestError, exit_code
from om_ingest.run import outputs

COMMANDS = {
    "list-sources": "Show every installed source; none is imported.",
    "show": "Show where a source comes from and how it is configured.",
    "schema": "Print the JSON Schema of the workflow file, for editors.",
    "init": "Write an example workflow file for a source.",
    "check": "Check everything that can be checked without reading data.",
    "run": "Run a connector: read its records, and deliver them.",
    "replay": "Deliver the records that a run set aside.",
    "runs": "List runs, show how one went, and remove old ones.",
    "state": "Show or clear how far the source of a job has read.",
    "list-plugins": "Show every sink, processor, command and hook.",
    "doctor": "Check the installation: what is wrong, and how to fix it.",
}
"""Every command in the order of `--help`, with the first line of its help.

A command is the function of its name in the module of its name, or a group called `app`.
"""


def build(arguments: Sequence[str]) -> typer.Typer:
    """The application for these arguments: only a command that they name is imported."""
    app = typer.Typer(
        name="om-ingest",
        no_args_is_help=True,
        rich_markup_mode=None,  # plain help: importing rich would double the start-up time
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},  # of every command below it
    )
    app.callback()(_root)
    for name, summary in COMMANDS.items():
        if name in arguments:
            _add(app, name)
        else:
            app.command(name, help=summary)(_not_imported)
    words = [argument for argument in arguments if not argument.startswith("-")]
    if not words or words[0] not in COMMANDS:
        _add_contributed(app, words[:1])
    return app


def main() -> None:
    """Entry point of the console script; exits with the codes of `om_ingest.errors`."""
    streams.guard()
    # pydantic would import plugins of its own, which nobody asked for and no allow-list sees.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    sys.unraisablehook = _log_unraisable
    written = outputs.begin(asked_outputs.asked(sys.argv[1:]))
    if written.is_of_run:
        streams.keep_output()
        if written.log_format is logs.LogFormat.JSON:
            logs.begin_json()
    code = 1  # of a bug
    try:
        if os.environ.get(completion.VARIABLE):
            completion.answer(build)
        with cancellation.signals_raise(), completion.installing(sys.argv):
            ended = build(sys.argv[1:])(prog_name="om-ingest", standalone_mode=False)
        code = ended if isinstance(ended, int) else 0  # of `typer.Exit`
    except (SystemExit, KeyboardInterrupt) as error:
        code = exit_code(error)
    except OmIngestError as error:
        written.failed(error)
        terminal.message(f"error: {error}")
        code = error.exit_code
    except BaseException as error:  # noqa: BLE001  # a bug is told, too, by the code of the run
        written.failed(error)
        wrong: Any = error  # the command line, in the parser's own words
        if not hasattr(error, "format_message"):
            sys.excepthook(type(error), error, error.__traceback__)
        elif logs.captured() is None:
            wrong.show()
        else:  # in one object
            remedy = "See `om-ingest run --help`."
            terminal.message(f"error: {wrong.format_message()}\n{remedy}")
        code = exit_code(error)
    finally:
        if written.is_of_run:
            streams.leave_output()  # plugins may print when Python ends
        # That of a run that has ended, whatever came afterwards.
        code = written.close(streams.exit_code(cancellation.exit_code(code)))
        cancellation.fix(code)
    sys.exit(code)


def _log_unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    """Log an exception from a destructor at debug level: no user can act on it."""
    if sys.is_finalizing():
        return
    import logging  # seldom needed

    error = (unraisable.exc_type, unraisable.exc_value, unraisable.exc_traceback)
    logging.getLogger(__name__).debug(
        "%s: %r",
        unraisable.err_msg or "Exception ignored in",
        unraisable.object,
        exc_info=error,  # type: ignore[arg-type]  # the value may be None, which logging takes
    )


def _version(wanted: bool) -> None:
    if wanted:
        from om_ingest.registry import host_version  # reads metadata: --help can do without

        terminal.line(f"om-ingest {host_version()}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Run metadata connectors: install with pip, list, run by name."""


def _add(app: typer.Typer, name: str) -> None:
    module: Any = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    if hasattr(module, "app"):
        app.add_typer(module.app)
    else:
        app.command(name)(getattr(module, name.replace("-", "_")))


def _add_contributed(app: typer.Typer, words: Sequence[str]) -> None:
    """Add the commands of plugins; the one that is asked for is imported.

    Raises `PluginError` for a command that may not be loaded, and for that of a companion that
    is not installed.
    """
    from om_ingest import registry  # looks at every distribution: only for help and plugins

    group, allow = registry.COMMAND_GROUP, registry.AllowList.from_environment()
    owners = {
        registry.normalize(point.name): package
        for point, package in registry.declared_plugins(group, allow)
    }
    for word in words:
        known = registry.extra_of("command", word) or registry.is_declared(group, word)
        if known and registry.normalize(word) not in owners:
            registry.find_plugin(group, word, allow)  # raises: it says what to do
    for name, owner in owners.items():
        if name in COMMANDS:
            continue  # a built-in command cannot be replaced
        if name not in words:
            # A distribution's summary describes its command if it has no other.
            alone = list(owners.values()).count(owner) == 1
            summary = (alone and owner.summary) or f"From {owner}."
            app.command(name, help=summary)(_not_imported)
            continue
        from om_ingest.host import importing  # for this command

        command = importing.command(name, allow)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)


def _not_imported() -> None:
    """Placeholder for a command that the arguments do not name."""
