"""A connector that no entry point names: its place in the namespace is all there is."""

from metadata.ingestion.source.database.orders.source import OrdersSource


class OrdersArchiveSource(OrdersSource):
    """Yields what `OrdersSource` yields."""
