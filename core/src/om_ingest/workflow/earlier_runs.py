"""Runs that another version of om-ingest has kept: which of them can be resumed, and why not."""

from __future__ import annotations

from om_ingest.versioned_file import OpenFile
from om_ingest.workflow.journal_format import SCHEME
from om_ingest.workflow.kept_run import SUCCESS, KeptRun
from om_ingest.workflow.report import RunReport


def why_not_resumed(
    journal: OpenFile,
    latest: KeptRun | None,
    report: RunReport,
    workflow: str,
    host_version: str,
) -> str:
    """Why a run that did not succeed cannot be continued by that of the report; empty if it can.

    `latest` is the latest run of the same job; without one, a run of another version is looked
    for that people would take for one.
    """
    if latest is not None:
        ((scheme,),) = journal.query("SELECT scheme FROM run WHERE number = ?", (latest.number,))
        if latest.state == SUCCESS or scheme == SCHEME:
            return ""
        return (
            f"The run {latest.run_id} ({latest.state}) cannot be resumed:"
            f" {_version(latest.host_version)} noted what it delivered in another way (scheme"
            f" {scheme}, that of om-ingest {host_version} is {SCHEME})."
        )
    rows = journal.query(
        "SELECT id, state, host_version FROM run WHERE source = ? AND service_name = ?"
        " AND sink = ? AND workflow IN ('', ?) AND host_version != ? ORDER BY number DESC LIMIT 1",
        (report.source, report.service_name, report.sink, workflow, host_version),
    )
    for run_id, state, version in rows:
        if state != SUCCESS:
            return (
                f"The run {run_id} cannot be resumed: {_version(version)} told jobs apart in"
                f" another way than om-ingest {host_version}, or it ran another workflow file."
            )
    return ""


def _version(host_version: str) -> str:
    # Before the fourth format of the journal no version was noted.
    return f"om-ingest {host_version}" if host_version else "an earlier om-ingest"
