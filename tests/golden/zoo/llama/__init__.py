"""Compiled from llama.dl."""
