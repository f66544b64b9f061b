"""`om-ingest runs`: which run lives, wherever that is asked; which there are; which are pruned."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.command import COMMAND, Cli

if TYPE_CHECKING:
    from tests.command import Connect

APART = ("unshare", "--fork", "--kill-child", "--pid", "--mount-proc")
MAPPED = ("--user", "--map-root-user")
"""What a user who is not root needs to make namespaces."""

WAITING = """
def next_record(self):
    pathlib.Path(self.config.file).touch()
    while not pathlib.Path("on").exists():
        time.sleep(0.01)
    yield from stock.tables(1)
"""


def runs(cli: Cli, *words: str) -> list[dict[str, Any]]:
    """What `om-ingest runs` lists."""
    listed: list[dict[str, Any]] = cli("runs", "--json", *words).json
    return listed


def states(cli: Cli) -> list[str]:
    return [run["state"] for run in runs(cli)]


def apart(cli: Cli, *words: str, flags: tuple[str, ...]) -> subprocess.Popen[bytes]:
    """The command in a PID namespace of its own, where it is process 1; killed as `unshare` is."""

    class Apart(Cli):
        program = (*APART, *flags, COMMAND)

    return Apart(cli.cwd, cli.site).start(*words)


@pytest.mark.parametrize(
    "flags",
    [MAPPED, *([pytest.param((), marks=pytest.mark.full)] if os.geteuid() == 0 else [])],
    ids=["user", "root"][: 1 + (os.geteuid() == 0)],
)
def test_a_run_in_another_namespace(cli: Cli, connector: Connect, flags: tuple[str, ...]) -> None:
    """Runs in PID namespaces of their own, each as process 1, are seen as running from outside and
    from a third one, also a second run of one job; killed there, they are killed, although there is
    a process 1 wherever one looks.
    """
    connector("waiting", WAITING, config="file: str = 'first'")
    words = ("run", "waiting", "--sink", "console", "--set")
    first = apart(cli, *words, "file=first", flags=flags)
    second = third = None
    try:
        cli.wait_for("first")
        second = apart(cli, *words, "file=second", flags=flags)
        cli.wait_for("second")
        found = runs(cli)
        assert [(run["state"], run["pid"]) for run in found] == [("running", 1)] * 2
        cli("run", *words[1:-1], "--resume").refused(1, "still running", found[1]["runId"])
        second.kill()
        second.communicate()
        third = apart(cli, "runs", flags=flags)
        listed = cli.ended(third).succeeded().out.splitlines()[1:]
        assert ["killed" in listed[0], "running" in listed[1]] == [True, True]
        first.kill()
        first.communicate()
        assert states(cli) == ["killed"] * 2
        (cli.cwd / "on").touch()
        cli(*words[:-1], "--resume").succeeded()
        assert states(cli) == ["success", "killed", "killed"]
    finally:
        for process in (first, second, third):
            if process is not None:
                with process:
                    process.kill()
    locks = {path.name for path in cli.cwd.glob("*.lock")}
    assert len(locks) == 1, "that of the second run"
    cli("runs", "prune", "--keep", "1").succeeded()
    assert not any((cli.cwd / name).exists() for name in locks)


def test_a_file_system_without_locks(cli: Cli, shop: str) -> None:
    """A run says that nobody can tell whether it lives, and how to have that; its state is unknown
    if it does not tell how it ended, whatever process has its number.
    """
    words = ("run", shop, "--sink", "console")
    cli(*words).succeeded()
    (run,) = runs(cli)
    lock = cli.cwd / f"om-ingest-runs.db-{run['job'][:16]}.lock"
    lock.mkdir()  # cannot be opened for writing, as files cannot be locked on some networks
    said = cli(*words).succeeded().err
    for word in ("Nobody can tell", str(lock), "--state DIR or OM_INGEST_STATE"):
        assert said.count(word) == 1
    with closing(sqlite3.connect(cli.cwd / "om-ingest-runs.db")) as connection:
        connection.execute("UPDATE run SET state = 'running', ended_at = NULL, report = NULL")
        connection.execute("UPDATE run SET pid = ?", (os.getpid(),))
        connection.commit()
    latest, first = runs(cli)
    assert (latest["state"], first["state"]) == ("unknown", "unknown")
    shown = cli("runs", "show", latest["runId"]).succeeded().out
    assert "nobody can tell whether it still goes on" in shown
    lock.rmdir()
    assert [run["state"] for run in runs(cli)] == ["unknown", "killed"]
    said = cli(*words, "--resume").succeeded().err
    assert f"Nobody can tell whether the run {latest['runId']} still goes on" in said


def test_the_environment_names_the_journal(cli: Cli, shop: str, connector: Connect) -> None:
    """OM_INGEST_STATE and OM_INGEST_RESUME are for every command with those options; the command
    line wins; a dry run goes on without, and a wrong value is one message.
    """
    connector("failing", "def next_record(self):\n    raise RuntimeError('away')\n    yield")
    cli.env.update(OM_INGEST_STATE="kept", OM_INGEST_RESUME="1")
    words = ("run", shop, "--sink", "jsonl:a.jsonl")
    assert "nothing to resume" in cli(*words).succeeded().err
    assert "nothing to resume" not in cli(*words, "--no-resume").succeeded().err
    cli(*words, "--dry-run").succeeded()
    cli(*words, "--dry-run", "--resume").refused(2, "--dry-run")
    assert "nothing to resume" in cli("run", "a.jsonl", "--sink", "console").succeeded().err
    assert len(runs(cli)) == 3
    run_id = runs(cli)[0]["runId"]
    assert run_id in cli("runs", "show", run_id[:8]).succeeded().out
    completion = {"_OM_INGEST_COMPLETE": "complete_bash", "COMP_CWORD": "3"}
    offered = cli(env={**completion, "COMP_WORDS": "om-ingest\nruns\nshow\n"}).out
    assert run_id[:8] in offered.split()
    assert "There are no bookmarks" in cli("state", "show", shop).succeeded().err
    assert list(cli.cwd.glob("*.db")) == []
    for value in ("0", "no", ""):
        assert "resume" not in cli(*words, env={"OM_INGEST_RESUME": value}).succeeded().err
    said = cli(*words, env={"OM_INGEST_RESUME": "maybe"}).refused(
        2, "OM_INGEST_RESUME", "1 or to 0"
    )
    assert said.err.count("error") == 1
    gone = {"OM_INGEST_STATE": "gone"}
    cli("runs", env=gone).refused(2, "gone")
    cli("runs", "--state", "kept", "show", run_id, env=gone).succeeded()
    cli("runs", "show", run_id, "--state", "kept", env=gone).succeeded()


READ_ONLY = 'mount --bind . . && mount -o remount,ro,bind . && cd "$PWD" && exec "$0" "$@"'


def test_no_journal_can_be_kept(cli: Cli, shop: str) -> None:
    """A run from standard input on a read-only file system says once that it is not kept, how to
    have it kept, and why its report stays as it was; with a folder that is asked for, and cannot be
    written, it does not begin.
    """

    class ReadOnly(Cli):
        program = ("unshare", *MAPPED, "--mount", "sh", "-c", READ_ONLY, COMMAND)

    cli.write("report.json", '{\n  "runId": "yesterday"}')
    flow = b"source: {type: shop}\nsink: {type: console}\n"
    with ReadOnly(cli.cwd, cli.site) as inside:
        words = ("run", "-", "--report", "report.json")
        said = inside.ended(inside.start(*words, stdin=subprocess.PIPE), flow).succeeded().err
        assert said.count("report.json: the file system is read-only (") == 1, said
        told = f"The folder {cli.cwd} cannot be written"
        for word in ("is not kept", told, "--state DIR or OM_INGEST_STATE"):
            assert said.count(word) == 1, said
        here = inside.start("run", "-", "--state", ".", stdin=subprocess.PIPE)
        inside.ended(here, flow).refused(2, told, "Name another one")


AS_MOUNTED = (
    'echo "$HOST" > /proc/sys/kernel/hostname && mount --bind "$MOUNTS" /proc/$$/mountinfo'
    ' && exec "$0" "$@"'
)


@pytest.mark.full
@pytest.mark.parametrize(
    ("mounted", "seen"),
    [
        ("nfs4 server:/vol rw,vers=4.2,local_lock=none", "killed"),
        ("nfs server:/vol rw,vers=3,nolock,local_lock=all", "unknown"),
        ("fuse.s3fs s3fs rw", "unknown"),
    ],
)
def test_hosts_that_share_a_volume(
    cli: Cli, shop: str, connector: Connect, mounted: str, seen: str
) -> None:
    """On a network file system the journal has no WAL, and several hosts write it at once. A run of
    another host that has not told how it ended is killed only if locks reach from host to host.
    """
    connector("waiting", WAITING, config="file: str = 'first'")
    mounts = cli.cwd.parent / "mounts"
    mounts.write_text(
        "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
        f"23 22 0:40 / {cli.cwd} rw,noatime shared:7 - {mounted}\n"
    )

    class OnVolume(Cli):
        program = ("unshare", *MAPPED, "--uts", "--mount", "sh", "-c", AS_MOUNTED, COMMAND)

    with OnVolume(cli.cwd, cli.site) as hosts:
        hosts.env["MOUNTS"] = str(mounts)

        def listed(host: str) -> list[dict[str, Any]]:
            listing = hosts.ended(hosts.start("runs", "--json", env={"HOST": host}))
            found: list[dict[str, Any]] = listing.succeeded().json
            return found

        first = hosts.start("run", "waiting", "--sink", "console", env={"HOST": "one"})
        hosts.wait_for("first")
        words = ("run", shop, "--sink", "console", "--service-name", "second")
        hosts.ended(hosts.start(*words, env={"HOST": "two"})).succeeded()
        before = [(run["host"], run["state"]) for run in listed("two")]
        assert before == [("two", "success"), ("one", "running")]
        assert (cli.cwd / "om-ingest-runs.db").read_bytes()[18:20] == b"\1\1", "it has no WAL"
        assert list(cli.cwd.glob("*-wal")) == []
        first.kill()
        first.communicate()
        assert [run["state"] for run in listed("two")] == ["success", seen]
        assert [run["state"] for run in listed("one")] == ["success", "killed"]


def test_asking_for_runs(cli: Cli, shop: str, connector: Connect) -> None:
    """Runs of a time, a service and a state; the latest success of each job, and its exit code."""
    connector("failing", "def next_record(self):\n    raise RuntimeError('away')\n    yield")
    assert cli("runs", "--last-success").code == 1
    for name in ("a", "b", "a"):
        cli("run", shop, "--service-name", name, "--sink", "console").succeeded()
    assert cli("run", "failing", "--sink", "console").code == 1
    age = "UPDATE run SET started_at = ?, ended_at = ? WHERE number = ?"
    with closing(sqlite3.connect(cli.cwd / "om-ingest-runs.db")) as connection:
        for number, day in ((1, "01"), (2, "02")):
            moments = (f"2026-03-{day}T01:00:00+00:00", f"2026-03-{day}T02:00:00+00:00")
            connection.execute(age, (*moments, number))
        connection.commit()
    assert [run["serviceName"] for run in runs(cli)] == ["failing", "a", "b", "a"]
    assert [run["serviceName"] for run in runs(cli, "--service", "a", "--service", "b")] == [*"aba"]
    assert len(runs(cli, "--since", "1h")) == len(runs(cli, "--since", "2026-03-03")) == 2
    assert len(runs(cli, "--since", "2026-03-02T01:00:00Z")) == 3
    assert len(runs(cli, "--since", "2026-03-02T01:00")) == 3
    (failed,) = runs(cli, "--status", "failed", "--status", "killed")
    assert failed["source"] == "failing"
    assert "no such runs" in cli("runs", "--status", "killed").succeeded().err
    cli("runs", "--since", "yesterday").refused(2, "--since is 'yesterday'", "12h")
    cli("runs", "--state", "failed").refused(2, "--status failed")

    latest = cli("runs", "--last-success", "--service", "a", "--since", "1d").succeeded().out
    assert "success" in latest.splitlines()[1]
    late = cli("runs", "--last-success", "--json", "--since", "1d")
    assert (late.code, "2 of 3 jobs" in late.err) == (1, True)
    jobs = {job["serviceName"]: job for job in late.json}
    assert {name: job["inTime"] for name, job in jobs.items()} == {
        "a": True,
        "b": False,
        "failing": False,
    }
    assert jobs["b"]["lastSuccess"] == "2026-03-02T02:00:00+00:00"
    assert (jobs["failing"]["lastSuccess"], jobs["failing"]["latestState"]) == (None, "failed")
    cli("runs", "--last-success", "--service", "b").succeeded()


def test_pruning(cli: Cli, shop: str, connector: Connect) -> None:
    """Old runs go, with the dead letters and reports that are still theirs; what a run that stays
    names, what changed its content, its owner or its place stays, and is named. So do the latest
    run of each job and its latest success.
    """
    connector("orphan", "def next_record(self): yield stock.table('t', 'gone.db.public')")
    cli("run", shop, "--sink", "console").succeeded()
    for number in range(7):
        report = "shared.json" if number in (0, 6) else f"{number}.json"
        assert cli("run", "orphan", "--state", ".", "--report", report).code == 1
    assert cli("run", shop, "--sink", "console", "--set", "x=1").code == 2
    cli("runs", "prune").refused(2, "--keep N")
    *_, success = runs(cli)
    letters = {run["runId"]: Path(run["files"]["deadLetters"]) for run in runs(cli)[:-1]}
    ids = [run["runId"] for run in runs(cli)[:-1]][::-1]
    by_number = [letters[run_id] for run_id in ids]
    assert all(path.is_file() and path.parent == cli.cwd.resolve() for path in by_number)
    before = {path: path.read_bytes() for path in cli.cwd.glob("*.json*")}

    by_number[1].write_text("mine now\n")
    (cli.cwd / "2.json").write_bytes(before[cli.cwd / "3.json"])
    by_number[3].rename(cli.cwd / "moved")
    by_number[3].symlink_to("moved")
    os.link(by_number[4], cli.cwd / "second-name")
    with closing(sqlite3.connect(cli.cwd / "om-ingest-runs.db")) as connection:
        sql = "UPDATE run SET files = replace(files, ?, ?) WHERE id = ?"
        uid = os.geteuid()
        connection.execute(sql, (f", {uid}]", f", {uid + 1}]", ids[5]))
        connection.commit()
    keep = ("prune", "--keep", "1", "--dry-run", "--json")
    cli("runs", "--service", "orphan", *keep).refused(2, "--service before prune", "behind it")
    cli("runs", "--last-success", "--status", "failed").refused(2, "exclude each other")
    assert cli("runs", *keep, "--service", success["serviceName"]).json["runs"] == []
    plan = cli("runs", *keep, "--service", "orphan").succeeded().json["runs"]
    assert [one["runId"] for one in plan] == ids[-2::-1]
    assert len(runs(cli)) == 8
    assert cli("runs", "prune", "--keep", "1", "--older-than", "1h", "--json").json["runs"] == []
    ended = cli("runs", "prune", "--keep", "1").succeeded()
    gone = [by_number[0], by_number[2], *(cli.cwd / f"{number}.json" for number in (1, 3, 4))]
    assert sorted(map(Path, ended.out.splitlines()[7:])) == sorted(gone)
    assert sorted(path for one in plan for path in one["removed"]) == sorted(map(str, gone))
    for path, why in (
        (by_number[1], "another format"),
        (cli.cwd / "2.json", "another run"),
        (by_number[3], "no file"),
        (by_number[4], "second name"),
        (cli.cwd / "5.json", "another user"),
        (by_number[5], "another user"),
    ):
        (line,) = [line for line in ended.err.splitlines() if str(path) in line]
        assert why in line
        assert path.exists()
    assert not any(path.exists() for path in gone)
    assert (cli.cwd / "shared.json").read_bytes() == before[cli.cwd / "shared.json"]
    assert [run["runId"] for run in runs(cli)] == [ids[-1], success["runId"]]
