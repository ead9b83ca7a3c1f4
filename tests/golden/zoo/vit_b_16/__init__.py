# -*- coding: utf-8 -*-
"""Compiled from vit_b_16.dl."""
