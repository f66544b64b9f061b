"""One run: from what was asked for, through the parts that take part, to its report."""
