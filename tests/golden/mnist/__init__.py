# -*- coding: utf-8 -*-
"""Compiled from mnist.dl."""
