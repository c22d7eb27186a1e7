"""The only place where a plaintext key exists."""
