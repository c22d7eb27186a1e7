"""What a caller may do: rules and the verdict that they give."""
