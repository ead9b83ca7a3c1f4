"""Compiled from wide_deep.dl."""
