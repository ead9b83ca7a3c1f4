# -*- coding: utf-8 -*-
"""Compiled from hello.dl."""
