"""Results of analyses, kept between runs: a statement that has not changed costs nothing."""
