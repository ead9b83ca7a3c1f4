"""Compiled from parts.dl."""
