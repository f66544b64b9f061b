"""A connector for the official framework: bookkeeping as tables, out of nothing but options."""
