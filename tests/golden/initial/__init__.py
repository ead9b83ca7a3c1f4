"""Compiled from initial.dl."""
