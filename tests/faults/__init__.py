"""Faults, tried on real servers with real databases while they are being used."""
