"""Compiled from memory.dl."""
