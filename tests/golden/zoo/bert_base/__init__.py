"""Compiled from bert_base.dl."""
