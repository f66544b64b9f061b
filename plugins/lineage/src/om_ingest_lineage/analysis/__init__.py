"""What one SQL statement makes of what: tables and columns, without any knowledge of the run."""
