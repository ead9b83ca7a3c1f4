"""Compiled from hello.dl."""
