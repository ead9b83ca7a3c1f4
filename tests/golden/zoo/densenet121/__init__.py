"""Compiled from densenet121.dl."""
