"""What lies beside entities: samples, profiles, runs, use, votes (contract §3.1, §9, ADR 19)."""
