"""Who is asking: credentials and principals."""
