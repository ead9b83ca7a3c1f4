"""Compiled from houses.dl."""
