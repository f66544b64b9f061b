"""What a dry run reads: the target as it is, with what the run would write on top."""
