"""Compiled from names.dl."""
