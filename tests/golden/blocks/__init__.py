# -*- coding: utf-8 -*-
"""Compiled from blocks.dl."""
