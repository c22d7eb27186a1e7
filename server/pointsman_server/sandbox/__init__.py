"""A simulated provider on a real socket."""
