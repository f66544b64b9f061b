"""Attachments of entities: samples, profiles, runs, usage, votes (contract §3.1, §9, ADR 0019)."""
