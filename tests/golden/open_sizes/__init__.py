"""Compiled from open_sizes.dl."""
