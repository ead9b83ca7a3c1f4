"""Compiled from scores.dl."""
