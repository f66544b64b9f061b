#!/bin/sh
# cron sends mail if anything is printed: a good run is quiet, a bad one shows the end of its log.
# A run holds a lock on its job: one that begins while it goes on says so, and ends with 1.
set -u
here=$(cd "$(dirname "$0")" && pwd)
state=$here/state  # for this user alone: journal, report, logs, and dead letters
metrics=$here/metrics  # a folder that node_exporter reads
keep_days=30
mkdir -p "$state/logs" "$metrics" && chmod 700 "$state" && cd "$state" || exit 2
log=$state/logs/$(date +%Y-%m-%dT%H%M%S).log

"$here/venv/bin/om-ingest" run "$here/workflow.yaml" --resume --state "$state" \
    --report "$state/report.json" --metrics "$metrics/nightly.prom" > "$log" 2>&1
code=$?
[ "$code" -eq 0 ] || { echo "om-ingest ended with $code; all of it: $log"; tail -n 40 "$log"; }
"$here/venv/bin/om-ingest" runs prune --state "$state" --older-than "${keep_days}d" >> "$log" 2>&1
find "$state/logs" -name '*.log' -mtime +"$keep_days" -delete
exit "$code"
