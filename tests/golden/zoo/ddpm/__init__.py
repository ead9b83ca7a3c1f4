"""Compiled from ddpm.dl."""
