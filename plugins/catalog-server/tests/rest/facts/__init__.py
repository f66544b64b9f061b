"""The table of facts, one module per topic; each has its `CASES`."""
