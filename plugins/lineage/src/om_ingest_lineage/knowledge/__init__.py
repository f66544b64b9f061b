"""What a run and its store have: tables in a scratch file, and what names in statements mean."""
