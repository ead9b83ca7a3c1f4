# -*- coding: utf-8 -*-
"""Compiled from gpt2.dl."""
