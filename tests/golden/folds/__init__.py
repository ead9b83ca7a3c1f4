"""Compiled from folds.dl."""
