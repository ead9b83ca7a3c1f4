"""Compiled from words.dl."""
