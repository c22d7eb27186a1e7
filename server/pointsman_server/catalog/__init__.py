"""Which providers and models there are."""
