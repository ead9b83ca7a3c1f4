"""Compiled from mixer_b_16.dl."""
