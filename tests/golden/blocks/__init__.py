"""Compiled from blocks.dl."""
