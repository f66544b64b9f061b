"""The checks of `SourceSuite`, one module per part of the contract."""
