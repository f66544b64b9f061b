"""Upstream module -> upstream name -> what stands in for it, by area."""
