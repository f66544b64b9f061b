"""What a contributor and the continuous integration run, under the same names.

`nox` runs every kind of check, in at most 8 minutes on 2 cores; `nox -s full` runs all cases of
each; `nox -s NAME` runs one session; `nox -l` lists them. A session uses the Python that nox
itself runs on, and keeps its environment in `.nox/` for the next time. Arguments after `--` go
to the tool, in place of its usual ones: `nox -s tests -- tests/unit -k fqn`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nox

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
PYTHONS = ["3.10", "3.11", "3.12", "3.13"]
WORKERS = f"--numprocesses={(os.cpu_count() or 1) + 1}"
"""One more than there are cores: a test often waits, for a server or a clock."""
PARALLEL = [WORKERS, "--dist=worksteal"]
BY_FILE = [WORKERS, "--dist=loadfile"]  # a file's tests share what was built
FEW = ["-m", "not full"]
"""Leaves out cases that show in another way what others show: see tests/selection.py."""
SAME_EXAMPLES = ["--hypothesis-profile=few"]
"""Lets Hypothesis try few examples, the same in each run; `nox -s full` draws new ones."""
PLUGINS = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))
HOSTILE = ROOT / "plugins/hostile"
"""Breaks the contract on purpose: only its own tests install it, into a folder of theirs."""
EXTRAS = {"sql": "[postgres,mysql,duckdb,sqlalchemy]"}
"""Extras of plugins that their tests need: the drivers of databases."""
OFFICIAL = "openmetadata-ingestion==2.0.7.0"
"""What the session `official-client` drives the catalog server with; never a dependency of ours."""
OFFICIAL_TESTS = "plugins/catalog-server/tests/official_client"
BESIDE_TESTS = "plugins/compat/tests/beside"
"""Connectors run by openmetadata-ingestion, by om-ingest, and by both in one environment."""
SCHEDULERS = {
    "airflow": ["apache-airflow==3.3.*"],
    "airflow_3_1": ["apache-airflow==3.1.*"],
    "dagster": ["dagster==1.13.*"],
    "prefect": ["prefect==3.9.*"],
}
"""What the session `examples` runs files of examples/ with; never dependencies of ours."""

# Sessions start thousands of processes: without it, each compiles what the one before compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_venv = "yes"
nox.options.error_on_missing_interpreters = False


def development(*groups: str) -> list[str]:
    """The requirements of dependency groups in pyproject.toml."""
    return [
        requirement
        for group in groups
        for requirement in nox.project.dependency_groups(PROJECT, group)
    ]


def install_with_uv(session: nox.Session, *requirements: str) -> None:
    """Install in a fifth of the time that pip takes."""
    session.run_install(uv(session), "pip", "install", *requirements, silent=True, external=True)


def uv(session: nox.Session) -> str:
    """The command uv; pip brings it once, for all sessions."""
    folder = Path(session.cache_dir) / "uv"
    command = folder / "bin/uv"
    if not command.is_file():
        session.install(f"--target={folder}", "uv>=0.8")
    return str(command)


def install_some(session: nox.Session, *folders: str, requirements: list[str]) -> None:
    """Install some of our distributions as editable ones, with `requirements`."""
    editable = [f"--editable={ROOT / folder}" for folder in folders]
    install_with_uv(session, *editable, *requirements)


def install_workspace(session: nox.Session, *requirements: str) -> None:
    """Install core and every harmless plugin as editable distributions, with `requirements`."""
    harmless = [plugin for plugin in PLUGINS if plugin != HOSTILE]
    editable = [f"--editable={plugin}{EXTRAS.get(plugin.name, '')}" for plugin in harmless]
    install_with_uv(session, f"--editable={ROOT / 'core'}[toml]", *editable, *requirements)


def sources() -> list[str]:
    """The folders that hold the packages of core and of each plugin."""
    return ["core/src", *(str(plugin.relative_to(ROOT) / "src") for plugin in PLUGINS)]


def few(session: nox.Session) -> list[str]:
    """The options that leave out what `FEW` does, and what needs a server that is not there."""
    return [*FEW[:-1], " and ".join([FEW[-1], *without_mariadb(session)])]


def without_mariadb(session: nox.Session) -> list[str]:
    """The marker expression that leaves out tests with MariaDB; none if there is a server.

    Where there is none, Debian's packages are unpacked into `.nox/mariadb`. The continuous
    integration sets NEED_MARIADB: there it is an error not to have one.
    """
    find = ("python", "-m", "tests.databases.mariadb")
    said = session.run(*find, silent=True, success_codes=[0, 1])
    if str(said).startswith("MariaDB: "):
        return []
    message = f"The tests with MariaDB are LEFT OUT: {said}"
    if os.environ.get("NEED_MARIADB"):
        session.error(message)
    session.warn(message)
    return ["not mariadb"]


def selected(session: nox.Session) -> list[str]:
    """The options of a run of all cases."""
    left_out = without_mariadb(session)
    return ["-m", *left_out] if left_out else []


def test_folders() -> list[str]:
    """The folders of tests that need no installation of their own."""
    folders = [ROOT / "tests/unit", ROOT / "tests/functional"]
    folders += [plugin / "tests" for plugin in PLUGINS]
    there = [str(folder.relative_to(ROOT)) for folder in folders if folder.is_dir()]
    # Those have a session of their own.
    return [*there, f"--ignore={OFFICIAL_TESTS}", f"--ignore={BESIDE_TESTS}"]


def ruff(session: nox.Session) -> None:
    """Run ruff, as `lint` says."""
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check")


def import_linter(session: nox.Session) -> None:
    """Run import-linter, as `layers` says."""
    session.run("lint-imports", *session.posargs, env={"PYTHONPATH": os.pathsep.join(sources())})


def mypy(session: nox.Session) -> None:
    """Run mypy, as `types` says."""
    # Every connector is a portion of one namespace: mypy has to know all the roots.
    env = {"MYPYPATH": os.pathsep.join(sources())}
    files = [*sources(), "tests/typing", "benchmarks", "versions"]
    session.run("mypy", *(session.posargs or files), env=env)


def mkdocs(session: nox.Session) -> None:
    """Run mkdocs, as `docs` says."""
    # The theme's makers announce their next tool with each build.
    env = {"NO_MKDOCS_2_WARNING": "1"}
    session.run("mkdocs", *(session.posargs or ["build", "--strict", "--quiet"]), env=env)


@nox.session
def static(session: nox.Session) -> None:
    """Run the tools of `lint`, `layers`, `types` and `docs` at once: each uses one core."""
    install_workspace(session, *development("lint", "layers", "types", "docs"))
    with ThreadPoolExecutor() as pool:
        running = [pool.submit(tool, session) for tool in (mkdocs, mypy, ruff, import_linter)]
    for done in running:
        done.result()


@nox.session(default=False)
def lint(session: nox.Session) -> None:
    """Check style and layout of the code (ruff)."""
    install_with_uv(session, *development("lint"))
    ruff(session)


@nox.session(default=False)
def layers(session: nox.Session) -> None:
    """Check which module may import which (import-linter)."""
    install_with_uv(session, *development("layers"))
    import_linter(session)


@nox.session(default=False)
def types(session: nox.Session) -> None:
    """Check the types of core, plugins, and connectors as their authors write them (mypy)."""
    install_workspace(session, *development("types"))
    mypy(session)


@nox.session
def contracts(session: nox.Session) -> None:
    """Check the rules of this repository that no linter knows (tests/contracts)."""
    install_workspace(session, *development("contracts"))
    session.run("pytest", *(session.posargs or [*FEW, *BY_FILE, "tests/contracts"]))


@nox.session
def install(session: nox.Session) -> None:
    """Install connectors into fresh environments, those of `template`, too, and run them.

    `-- --full-matrix` does so in every way.
    """
    install_workspace(session, *development("install"))
    if "--full-matrix" in session.posargs:
        rest = [argument for argument in session.posargs if argument != "--full-matrix"]
        session.run("python", "-m", "tests.install.matrix", *rest)
    else:
        tests = ["tests/install", "tests/template"]
        session.run("pytest", *(session.posargs or [*FEW, *BY_FILE, *tests]))


@nox.session(default=False)
def template(session: nox.Session) -> None:
    """Make new connectors, and pass their own checks; `-- --full` every service type x kind."""
    ours = ("core", "plugins/catalog", "plugins/new", "plugins/testing")
    install_some(session, *ours, requirements=development("template"))
    options = {"--full", "--only", "--update-golden"}
    if options & {argument.partition("=")[0] for argument in session.posargs}:
        rest = [argument for argument in session.posargs if argument != "--full"]
        session.run("python", "-m", "tests.template", *rest)
    else:
        session.run("pytest", *(session.posargs or [*FEW, *PARALLEL, "-rP", "tests/template"]))


@nox.session(name="official-client", default=False)
def official_client(session: nox.Session) -> None:
    """Drive the catalog server, and connectors, with OpenMetadata's own Python framework."""
    ours = ("core", "plugins/catalog", "plugins/catalog-server", "plugins/testing")
    install_some(session, *ours, "plugins/compat", requirements=development("official"))
    beside = official_environment(session, "core", "plugins/catalog", "plugins/compat")
    env = {
        "OFFICIAL_CLIENT": str(official_environment(session)),
        "OFFICIAL_CLIENT_AND_US": str(beside),
    }
    session.run("pytest", *(session.posargs or [OFFICIAL_TESTS, BESIDE_TESTS]), env=env)


def official_environment(session: nox.Session, *ours: str) -> Path:
    """The folder of an environment with the official client, and with some of our distributions.

    It is kept in `.nox/` for the next time.
    """
    find = (uv(session), "python", "find", "--system", "--no-python-downloads", "3.11")
    found = session.run(
        *find, silent=True, external=True, stderr=subprocess.DEVNULL, success_codes=[0, 2]
    )
    python = str(found).strip() or sys.executable
    if python == sys.executable and not (3, 10) <= sys.version_info < (3, 13):
        session.error(f"{OFFICIAL} needs Python 3.10 to 3.12: install 3.11")
    # It asks for a certifi that not every registry has, and a dbt that downloads while it is built.
    overrides = ROOT / OFFICIAL_TESTS / "overrides.txt"
    folder = Path(session.cache_dir) / "-and-".join([OFFICIAL.replace("==", "-"), *ours[:1]])
    recipe = "\n".join([python, OFFICIAL, *ours, overrides.read_text("utf-8")])
    made_by = folder / "recipe.txt"
    if not made_by.is_file() or made_by.read_text("utf-8") != recipe:
        venv = (uv(session), "venv", "--clear", f"--python={python}", str(folder))
        session.run(*venv, silent=True, external=True)
        options = (f"--python={folder / 'bin/python'}", f"--override={overrides}")
        editable = (f"--editable={ROOT / name}" for name in ours)
        install = (uv(session), "pip", "install", *options, OFFICIAL, *editable)
        session.run(*install, silent=True, external=True)
        made_by.write_text(recipe, "utf-8")
    return folder


@nox.session(default=False)
def examples(session: nox.Session) -> None:
    """Run the files of examples/ with the real programs that they are for: Airflow, Dagster, …"""
    install_workspace(session, *development("install"))
    env = {
        f"EXAMPLES_{name.upper()}": str(environment(session, name, *requirements))
        for name, requirements in SCHEDULERS.items()
    }
    session.run("python", "-m", "tests.examples.promtool", silent=True)
    session.run("pytest", *(session.posargs or [*PARALLEL, "tests/examples"]), env=env)


def environment(session: nox.Session, name: str, *requirements: str) -> Path:
    """The folder of an environment that holds nothing of ours, in `.nox/`."""
    folder = Path(session.cache_dir).absolute() / f"examples-{name}"  # tests change theirs
    made_by = folder / "recipe.txt"
    recipe = "\n".join([sys.executable, *requirements])
    if not made_by.is_file() or made_by.read_text("utf-8") != recipe:
        venv = (uv(session), "venv", "--clear", f"--python={sys.executable}", str(folder))
        session.run(*venv, silent=True, external=True)
        install = (uv(session), "pip", "install", f"--python={folder / 'bin/python'}")
        session.run(*install, *requirements, silent=True, external=True)
        made_by.write_text(recipe, "utf-8")
    return folder


@nox.session
def tests(session: nox.Session) -> None:
    """Run the unit, functional and plugin tests."""
    install_workspace(session, *development("test"))
    options = session.posargs or [*few(session), *SAME_EXAMPLES, *PARALLEL, *test_folders()]
    session.run("pytest", *options)


@nox.session(default=False)
def coverage(session: nox.Session) -> None:
    """Run all cases of the tests with coverage, the commands that they start included: 90 %."""
    install_workspace(session, *development("test"))
    session.run("coverage", "erase")
    arguments = session.posargs or [*selected(session), *PARALLEL, *test_folders()]
    try:
        # Under coverage commands start cold, as they do for users: tests/warm.py.
        session.run("coverage", "run", "-m", "pytest", *arguments)
    finally:
        session.run("coverage", "combine", "--quiet")
        wanted = 0 if session.posargs else 90  # a selection does not reach every line
        session.run("coverage", "report", f"--fail-under={wanted}")


@nox.session(default=False)
def full(session: nox.Session) -> None:
    """Run everything: the other sessions with all their cases, `soak`, `lowest` and `pythons`.

    Only what writes pages or prints figures is left to its own command: `install` with
    `-- --full-matrix`, `template` with `-- --full`, and `bench`.
    """
    everything: dict[str, list[str]] = {
        "static": [],
        "contracts": [*BY_FILE, "tests/contracts"],
        "install": [*BY_FILE, "tests/install"],
        "template": [*PARALLEL, "-rP", "tests/template"],
        "coverage": [],
        "official-client": [],
        "examples": [],
        "soak": [],
        "lowest": [],
        **{f"pythons-{version}": [] for version in PYTHONS},
    }
    for name, arguments in everything.items():
        session.notify(name, posargs=arguments)


@nox.session(default=False)
def soak(session: nox.Session) -> None:
    """Deliver through 2,000 schedules of faults drawn from seeds, and to a server that lies.

    DELIVERY_SCHEDULES says how many schedules; every lie is told on its own.
    """
    install_workspace(session, *development("test"))
    env = {"DELIVERY_SCHEDULES": os.environ.get("DELIVERY_SCHEDULES", "2000")}
    names = ("schedules", "lies", "lies_removal")
    tests = [f"tests/functional/delivery/test_{name}.py" for name in names]
    session.run("pytest", *(session.posargs or [*PARALLEL, *tests]), env=env)


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """Build the documentation, strictly: no broken link, no broken anchor (mkdocs-material)."""
    companions = ("catalog", "catalog-server", "compat", "lineage", "new", "testing")
    ours = ("core", *(f"plugins/{name}" for name in companions))
    install_some(session, *ours, requirements=development("docs"))
    mkdocs(session)


@nox.session(python=PYTHONS, default=False)
def pythons(session: nox.Session) -> None:
    """Run the tests on every supported Python that is present."""
    install_workspace(session, *development("test"))
    session.run("pytest", *(session.posargs or [*selected(session), *test_folders()]))


@nox.session(python=PYTHONS[0], default=False)
def lowest(session: nox.Session) -> None:
    """Run unit tests, and those of compat, with the lowest versions of what core declares.

    On the lowest Python. Compat changes models of pydantic, and so depends on how it makes them.
    """
    core = nox.project.load_toml(ROOT / "core/pyproject.toml")["project"]
    floors = [re.sub(">=([^,]+).*", r"==\1", text) for text in core["dependencies"]]
    # hatchling, which unit tests do not need, asks for a newer `packaging` than core does.
    tools = [text for text in development("test") if not text.startswith("hatchling")]
    install_workspace(session, *floors, *tools)
    # Of what they import, newer releases say that it is deprecated, or they themselves did.
    quiet = ("ignore::DeprecationWarning:typer", "ignore::pydantic.PydanticDeprecatedSince20")
    options = [f"--pythonwarnings={each}" for each in quiet]
    tests = [*options, "tests/unit", "plugins/compat/tests", f"--ignore={BESIDE_TESTS}"]
    session.run("pytest", *(session.posargs or tests))


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure speed and memory beside their budgets; `-- --quick` for a first look."""
    ours = ("core", "plugins/catalog", "plugins/catalog-server", "plugins/compat")
    sql = (f"{ROOT / 'plugins/sql'}{EXTRAS['sql']}", str(ROOT / "plugins/lineage"))
    sql += (str(ROOT / "plugins/openlineage"),)
    needed = ("opentelemetry", "pixeltable", "pytest>")
    servers = [text for text in development("test") if text.startswith(needed)]
    install_with_uv(session, *(str(ROOT / name) for name in ours), *sql, *servers)
    without_mariadb(session)
    session.run("python", "-m", "benchmarks", *session.posargs)
