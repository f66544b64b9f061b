#!/bin/sh
# One run at a time; cron sends mail if anything is printed, so a good run is quiet.
set -u
exec 9> nightly.lock
flock -n 9 || { echo "the run of yesterday has not ended"; exit 1; }

venv/bin/om-ingest run workflow.yaml --report "report-$(date +%F).json" > nightly.log 2>&1
code=$?
[ "$code" -eq 0 ] || { echo "om-ingest ended with $code"; cat nightly.log; }
exit "$code"
