"""Every way to install a connector, tried for real: build backend x way x neighbour.

`backends/` holds one `pyproject.toml` per build backend for the same connector, whose code is
`code/`; `companions/` holds the distributions that may stand beside it.
"""
