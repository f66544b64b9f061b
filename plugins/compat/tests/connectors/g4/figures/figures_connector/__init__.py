"""Figures of a bureau. The package holds get_connection, where upstream looks for it. 1.11 – 2.0."""

from figures_connector.bureau import Bureau


def get_connection(connection) -> Bureau:
    return Bureau(connection.connectionOptions.root["bureau"])


def test_connection(metadata, client, service_connection, automation_workflow=None, **_):
    client.figures()


from figures_connector.metadata import FiguresSource  # noqa: E402  # as its author has it
