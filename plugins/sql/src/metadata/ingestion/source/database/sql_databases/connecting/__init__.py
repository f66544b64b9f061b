"""What a connection to a server needs: settings, secrets, TLS, errors in plain words."""
