"""Compiled from pinn.dl."""
