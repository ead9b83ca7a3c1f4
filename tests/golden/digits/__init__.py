"""Compiled from digits.dl."""
