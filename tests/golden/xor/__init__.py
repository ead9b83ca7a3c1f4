# -*- coding: utf-8 -*-
"""Compiled from xor.dl."""
