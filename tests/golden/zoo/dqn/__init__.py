"""Compiled from dqn.dl."""
