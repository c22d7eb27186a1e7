"""The generated stubs of `pointsman.v1`."""
