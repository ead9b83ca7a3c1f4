"""Compiled from titanic.dl."""
