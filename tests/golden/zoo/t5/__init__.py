"""Compiled from t5.dl."""
