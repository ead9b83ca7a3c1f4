# -*- coding: utf-8 -*-
"""Compiled from sentences.dl."""
