"""Compiled from sentences.dl."""
