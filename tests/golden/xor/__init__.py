"""Compiled from xor.dl."""
