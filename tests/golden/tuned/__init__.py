"""Compiled from tuned.dl."""
