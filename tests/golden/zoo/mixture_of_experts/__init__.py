"""Compiled from mixture_of_experts.dl."""
