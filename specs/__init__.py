"""Example specs, one per task."""
