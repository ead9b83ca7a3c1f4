# -*- coding: utf-8 -*-
"""Compiled from sentiment.dl."""
