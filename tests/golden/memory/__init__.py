# -*- coding: utf-8 -*-
"""Compiled from memory.dl."""
