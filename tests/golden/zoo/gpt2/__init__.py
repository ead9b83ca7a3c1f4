"""Compiled from gpt2.dl."""
