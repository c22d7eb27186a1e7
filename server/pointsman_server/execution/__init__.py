"""Walking the plan of attempts, supervised."""
