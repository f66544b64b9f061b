"""Speed and memory of om-ingest, measured side by side and printed beside their budgets.

`nox -s bench`, or `python -m benchmarks` where om-ingest is installed. The figures depend on
the machine, so nothing here fails; the ratios within one run are what to look at.
"""
