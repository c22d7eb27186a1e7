"""Which model serves: facts in, a plan of attempts out, without I/O."""
