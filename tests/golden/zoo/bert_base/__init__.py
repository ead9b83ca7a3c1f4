# -*- coding: utf-8 -*-
"""Compiled from bert_base.dl."""
