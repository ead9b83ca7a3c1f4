"""Compiled from transformer.dl."""
