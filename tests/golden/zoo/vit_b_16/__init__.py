"""Compiled from vit_b_16.dl."""
