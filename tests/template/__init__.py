"""The template of a connector, tried for real: service type x kind.

Each cell is what a connector author does in the first quarter of an hour: `om-ingest new`, an
environment, the checks of the new project, a run by name, a wheel.
"""
