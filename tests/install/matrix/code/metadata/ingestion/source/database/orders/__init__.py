"""The connector whose installation is tried: a package, named in an entry point."""

from metadata.ingestion.source.database.orders.source import OrdersSource

__all__ = ["OrdersSource"]
