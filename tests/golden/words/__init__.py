# -*- coding: utf-8 -*-
"""Compiled from words.dl."""
