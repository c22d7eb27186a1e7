"""The services, neutral to the transport that carries them."""
