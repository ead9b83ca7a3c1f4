# -*- coding: utf-8 -*-
"""Compiled from hello_longer.dl."""
