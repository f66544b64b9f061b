"""Requests out, answers in: tried again where that may help, by all workers together."""
