"""Renkei (連携): one lawful question from one organisation to another, provable afterwards.

Start with `ARCHITECTURE.md`; every room below states its promise in its front door.
"""
